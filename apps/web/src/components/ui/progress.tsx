import { cn } from './cn.ts';

/** How far something is: `ratio` 0–1, or null when it is not known. */
export function Progress({ label, ratio }: { label: string; ratio: number | null }) {
  const percent = ratio === null ? null : Math.round(Math.min(1, Math.max(0, ratio)) * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(percent === null ? {} : { 'aria-valuenow': percent })}
      className="h-1.5 overflow-hidden rounded-full bg-sunken"
    >
      <div
        className={cn(
          'h-full rounded-full bg-busy',
          percent === null ? 'w-1/3 animate-breathe' : 'transition-[width]',
        )}
        style={percent === null ? undefined : { width: `${percent}%` }}
      />
    </div>
  );
}
