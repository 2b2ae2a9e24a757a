import { cn } from './cn.ts';

const FILLS = {
  accent: 'bg-accent',
  busy: 'bg-busy',
  ok: 'bg-ok',
  warn: 'bg-warn',
  bad: 'bg-bad',
  idle: 'bg-line-strong',
} as const;
export type BarTone = keyof typeof FILLS;

export interface BarPart {
  /** Where it begins and ends on the scale, 0–1. */
  from: number;
  to: number;
  tone: BarTone;
  /** Hatched: something that is not certain yet. */
  hatched?: boolean;
}

const HATCH = {
  backgroundImage:
    'repeating-linear-gradient(135deg, transparent 0 3px, color-mix(in srgb, var(--surface) 65%, transparent) 3px 6px)',
};

/** Parts on one line, for the eye: the same figures must stand beside it as text. */
export function Bar({ parts, className }: { parts: readonly BarPart[]; className?: string }) {
  const clamp = (value: number) => Math.min(1, Math.max(0, value));
  return (
    <span
      aria-hidden
      className={cn('relative block h-2 overflow-hidden rounded-full bg-sunken', className)}
    >
      {parts.map((part) => {
        const [from, to] = [clamp(part.from), clamp(part.to)];
        if (to <= from) return null;
        return (
          <span
            key={`${part.tone}${part.hatched === true ? '-hatched' : ''}${part.from}`}
            className={cn('absolute inset-y-0 min-w-0.5', FILLS[part.tone])}
            style={{
              left: `${from * 100}%`,
              width: `${(to - from) * 100}%`,
              ...(part.hatched === true ? HATCH : {}),
            }}
          />
        );
      })}
    </span>
  );
}
