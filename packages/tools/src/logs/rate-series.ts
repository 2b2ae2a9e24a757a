import type { ToolEnvironment } from '../definition.ts';
import type { ScanInput } from '../workspace/scan-files.ts';
import { readLogs, type LogReading } from './read-logs.ts';

export interface Bucket {
  startMs: number;
  total: number;
  errors: number;
  warnings: number;
}

export interface RateSeries {
  bucketMs: number;
  /** Without gaps: buckets without entries are there with zeros. */
  buckets: Bucket[];
  reading: LogReading;
  withoutTime: number;
}

const BUCKETS_MAX = 500;
const STEPS_S = [
  1, 5, 10, 30, 60, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400, 604_800, 2_592_000,
];

/** Shortest usual width that gives at most 120 buckets. */
export function chooseBucketSeconds(spanMs: number): number {
  return STEPS_S.find((seconds) => spanMs / (seconds * 1000) <= 120) ?? 31_536_000;
}

/** Counts entries and errors over time. Counts by second first, so that the width can be chosen from the span afterwards. */
export async function readRates(
  input: ScanInput & { lines_max: number; bucket_seconds?: number | undefined },
  env: ToolEnvironment,
): Promise<RateSeries> {
  const seconds = new Map<number, { total: number; errors: number; warnings: number }>();
  let withoutTime = 0;
  const reading = await readLogs(input, env, (entry) => {
    if (entry.timeMs === null) {
      withoutTime += 1;
      return;
    }
    const second = Math.floor(entry.timeMs / 1000);
    const counts = seconds.get(second) ?? { total: 0, errors: 0, warnings: 0 };
    counts.total += 1;
    if (entry.level === 'error' || entry.level === 'fatal') counts.errors += 1;
    else if (entry.level === 'warn') counts.warnings += 1;
    seconds.set(second, counts);
  });
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const second of seconds.keys()) {
    first = Math.min(first, second);
    last = Math.max(last, second);
  }
  if (seconds.size === 0)
    return { bucketMs: (input.bucket_seconds ?? 60) * 1000, buckets: [], reading, withoutTime };
  const wanted = input.bucket_seconds ?? chooseBucketSeconds((last - first + 1) * 1000);
  // A width asked for may be too fine for the span; widen it by whole factors.
  const width = wanted * Math.max(1, Math.ceil((last - first + 1) / wanted / BUCKETS_MAX));
  const start = Math.floor(first / width) * width;
  const buckets: Bucket[] = Array.from(
    { length: Math.floor((last - start) / width) + 1 },
    (_, index) => ({ startMs: (start + index * width) * 1000, total: 0, errors: 0, warnings: 0 }),
  );
  for (const [second, counts] of seconds) {
    const bucket = buckets[Math.floor((second - start) / width)];
    if (bucket === undefined) continue;
    bucket.total += counts.total;
    bucket.errors += counts.errors;
    bucket.warnings += counts.warnings;
  }
  return { bucketMs: width * 1000, buckets, reading, withoutTime };
}
