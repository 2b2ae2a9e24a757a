import type { UsageBucket } from '@automatos/sdk';
import type { Measure } from './usage-words.ts';

/** Days as stacks of a few series, for a picture and for a table. Pure. */

export interface StackedDay {
  day: string;
  /** One per series, in their order. */
  values: number[];
  total: number;
  unpriced: number;
}

export interface Stack {
  /** Keys of the series, the largest first; the last may be `null`: all the others together. */
  series: (string | null)[];
  /** Sum of each series. */
  sums: number[];
  days: StackedDay[];
}

const SERIES_MAX = 6;
const DAY_MS = 86_400_000;

export function measureOf(bucket: UsageBucket, measure: Measure): number {
  if (measure === 'calls') return bucket.calls;
  if (measure === 'tokens') return bucket.input_tokens + bucket.output_tokens;
  // What nobody knows the price of is counted beside the picture, not as 0 in it.
  return bucket.cost_micros ?? 0;
}

/** One entry per UTC day up to today; series beyond the largest five are put together. */
export function stackDays(
  buckets: readonly UsageBucket[],
  measure: Measure,
  { days, nowMs }: { days: number; nowMs: number },
): Stack {
  const sums = new Map<string, number>();
  for (const bucket of buckets) {
    const key = bucket.split ?? '';
    sums.set(key, (sums.get(key) ?? 0) + measureOf(bucket, measure));
  }
  const ordered = [...sums.keys()].toSorted(
    (a, b) => (sums.get(b) ?? 0) - (sums.get(a) ?? 0) || a.localeCompare(b),
  );
  const own = ordered.length <= SERIES_MAX ? ordered : ordered.slice(0, SERIES_MAX - 1);
  const series: (string | null)[] = own.length === ordered.length ? own : [...own, null];
  const place = (key: string) => {
    const index = own.indexOf(key);
    return index === -1 ? own.length : index;
  };
  const byDay = new Map<string, StackedDay>();
  for (let back = days - 1; back >= 0; back -= 1) {
    const day = new Date(nowMs - back * DAY_MS).toISOString().slice(0, 10);
    byDay.set(day, { day, values: series.map(() => 0), total: 0, unpriced: 0 });
  }
  for (const bucket of buckets) {
    const entry = byDay.get(bucket.key.slice(0, 10));
    if (entry === undefined) continue;
    const value = measureOf(bucket, measure);
    const index = place(bucket.split ?? '');
    entry.values[index] = (entry.values[index] ?? 0) + value;
    entry.total += value;
    entry.unpriced += bucket.unpriced_calls;
  }
  const stacked = [...byDay.values()];
  return {
    series,
    sums: series.map((_key, index) =>
      stacked.reduce((sum, { values }) => sum + (values[index] ?? 0), 0),
    ),
    days: stacked,
  };
}
