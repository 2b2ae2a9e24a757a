'use client';

export interface Measured {
  estimate: number;
  low: number;
  high: number;
}

/** Where the interval lies on a scale from 0 to `max`, in percent. */
function place(value: number, max: number): number {
  return max <= 0 ? 0 : Math.min(100, Math.max(0, (value / max) * 100));
}

/** A measured value with its interval of 95 %, in figures and drawn; says when there are too few runs. */
export function Interval({
  value,
  max,
  format,
}: {
  value: Measured | null;
  max: number;
  format: (value: number) => string;
}) {
  if (value === null) return <span className="text-[0.8125rem] text-ink-soft">too few runs</span>;
  const [low, high] = [place(value.low, max), place(value.high, max)];
  return (
    <div className="min-w-32">
      <p className="whitespace-nowrap tabular-nums">
        {format(value.estimate)}{' '}
        <span className="text-xs text-ink-soft">
          {format(value.low)} – {format(value.high)}
        </span>
      </p>
      <svg aria-hidden viewBox="0 0 100 8" preserveAspectRatio="none" className="mt-1 h-2 w-full">
        <rect x="0" y="3" width="100" height="2" className="fill-line" />
        <rect x={low} y="2" width={Math.max(1, high - low)} height="4" className="fill-busy/45" />
        <rect
          x={Math.max(0, place(value.estimate, max) - 0.75)}
          y="0"
          width="1.5"
          height="8"
          className="fill-busy"
        />
      </svg>
    </div>
  );
}

/** The end of the scale for several intervals. */
export function scaleOf(values: readonly (Measured | null)[]): number {
  return Math.max(0, ...values.map((value) => value?.high ?? 0));
}

export const percent = (value: number) => `${Math.round(value * 100)} %`;
