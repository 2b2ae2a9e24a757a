/** An estimate with its interval of 95 %. */
export interface Interval {
  estimate: number;
  low: number;
  high: number;
}

/** Values that a statement needs: with fewer, intervals are null and nothing is suggested. */
export const RUNS_NEEDED = 10;

const Z = 1.959_964;

/** Wilson's interval of a share; null with fewer than {@link RUNS_NEEDED} trials. */
export function shareInterval(hits: number, trials: number): Interval | null {
  if (trials < RUNS_NEEDED) return null;
  const share = hits / trials;
  const spread = Z * Z;
  const middle = (share + spread / (2 * trials)) / (1 + spread / trials);
  const half =
    (Z / (1 + spread / trials)) *
    Math.sqrt((share * (1 - share)) / trials + spread / (4 * trials * trials));
  return bounded({ estimate: share, low: middle - half, high: middle + half }, 1);
}

/** Quantiles of Student's t at 97.5 %, by degrees of freedom from 9 on; beyond the last the normal one is close. */
const T: readonly (readonly [number, number])[] = [
  [9, 2.262],
  [10, 2.228],
  [11, 2.201],
  [12, 2.179],
  [13, 2.16],
  [14, 2.145],
  [15, 2.131],
  [17, 2.11],
  [19, 2.093],
  [24, 2.064],
  [29, 2.045],
  [39, 2.023],
  [59, 2.001],
  [99, 1.984],
  [199, 1.972],
];

/** Student's interval of a mean of values that are never negative; null with fewer than {@link RUNS_NEEDED}. */
export function meanInterval(values: readonly number[], max = Infinity): Interval | null {
  if (values.length < RUNS_NEEDED) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const degrees = values.length - 1;
  const t = T.findLast(([least]) => degrees >= least)?.[1] ?? 2.262;
  const half = t * Math.sqrt(squares / degrees / values.length);
  return bounded({ estimate: mean, low: mean - half, high: mean + half }, max);
}

function bounded({ estimate, low, high }: Interval, max: number): Interval {
  return {
    estimate: rounded(estimate),
    low: rounded(Math.max(0, low)),
    high: rounded(Math.min(max, high)),
  };
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

/** Value below which `share` of the values lie (nearest rank); null without values. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

/** Whether `left` lies wholly below `right`: what is between them is more than chance. */
export function isBelow(left: Interval | null, right: Interval | null): boolean {
  return left !== null && right !== null && left.high < right.low;
}
