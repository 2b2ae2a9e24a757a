import { cn } from './cn.ts';

/** Grey shape in place of something that is being loaded. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cn('animate-breathe rounded-lg bg-sunken', className)} />;
}

/** Several lines of the same height; says to screen readers that `label` is loading. */
export function SkeletonList({
  label,
  rows = 4,
  height = 'h-16',
}: {
  label: string;
  rows?: number;
  height?: string;
}) {
  return (
    <div role="status" aria-label={`Loading ${label}`} className="grid gap-3">
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} className={height} />
      ))}
    </div>
  );
}
