import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { describeSkipped } from '../workspace/scan-files.ts';
import { skippedSchema } from '../workspace/walk.ts';
import { readRates } from './rate-series.ts';
import { logInputShape, toTime } from './read-logs.ts';

const input = z.strictObject({
  ...logInputShape,
  bucket_seconds: z
    .int()
    .min(1)
    .max(2_592_000)
    .optional()
    .describe('Width of a bucket; default: chosen so that there are at most 120'),
});
const output = z.object({
  bucket_seconds: z.number(),
  buckets: z.array(
    z.object({
      start: z.string(),
      total: z.int(),
      errors: z.int(),
      warnings: z.int(),
      error_rate: z.number().nullable(),
    }),
  ),
  total: z.int(),
  errors: z.int(),
  error_rate: z.number().nullable(),
  worst: z.object({ start: z.string(), errors: z.int(), error_rate: z.number() }).nullable(),
  lines: z.int(),
  lines_cut: z.boolean(),
  without_time: z.int(),
  skipped: skippedSchema,
});

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.round((part / whole) * 10_000) / 10_000;
}

export const errorRates = defineTool({
  name: 'error_rates',
  title: 'Error rates over time',
  description:
    'Counts log entries, warnings and errors in equal spans of time and gives the share of errors in each.',
  group: 'monitoring',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 300_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['logs', 'time series', 'incident'],
  async run(request, env) {
    const series = await readRates(request, env);
    const buckets = series.buckets.map((bucket) => ({
      start: toTime(bucket.startMs) ?? '',
      total: bucket.total,
      errors: bucket.errors,
      warnings: bucket.warnings,
      error_rate: share(bucket.errors, bucket.total),
    }));
    const total = buckets.reduce((sum, bucket) => sum + bucket.total, 0);
    const errors = buckets.reduce((sum, bucket) => sum + bucket.errors, 0);
    const worst = buckets
      .filter((bucket) => bucket.errors > 0)
      .toSorted((a, b) => b.errors - a.errors || (a.start < b.start ? -1 : 1))[0];
    const rate = share(errors, total);
    return {
      output: {
        bucket_seconds: series.bucketMs / 1000,
        buckets,
        total,
        errors,
        error_rate: rate,
        worst:
          worst === undefined
            ? null
            : { start: worst.start, errors: worst.errors, error_rate: worst.error_rate ?? 0 },
        lines: series.reading.lines,
        lines_cut: series.reading.cut,
        without_time: series.withoutTime,
        skipped: series.reading.skipped,
      },
      summary: `${errors} errors in ${total} entries with a time${rate === null ? '' : ` (${(rate * 100).toFixed(1)} %)`}, in ${buckets.length} spans of ${series.bucketMs / 1000} s${worst === undefined ? '' : `; worst from ${worst.start} (${worst.errors} errors)`}. ${series.withoutTime} entries have no readable time.${describeSkipped(series.reading.skipped)}`,
    };
  },
});
