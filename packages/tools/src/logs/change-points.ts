import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool, type ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { findChangePoints, type ChangePoint } from './find-changes.ts';
import { readRates } from './rate-series.ts';
import { logInputShape, toTime } from './read-logs.ts';

const input = z.strictObject({
  ...logInputShape,
  path: logInputShape.path.optional(),
  bucket_seconds: z.int().min(1).max(2_592_000).optional(),
  measure: z.enum(['errors', 'error_rate', 'total']).default('errors'),
  series: z
    .array(z.strictObject({ time: z.string().max(40).optional(), value: z.number() }))
    .min(6)
    .max(20_000)
    .optional()
    .describe('Values to examine instead of logs'),
  score_min: z
    .number()
    .min(2)
    .max(50)
    .default(5)
    .describe('How far a change must stand out of the noise'),
  span_min: z.int().min(1).max(100).default(3).describe('Fewest values on each side of a change'),
});
type Request = z.output<typeof input>;
const change = z.object({
  index: z.int(),
  time: z.string().nullable(),
  direction: z.enum(['up', 'down']),
  before: z.number(),
  after: z.number(),
  score: z.number(),
});
const output = z.object({
  points: z.int(),
  measure: z.string(),
  bucket_seconds: z.number().nullable(),
  changes: z.array(change),
});

interface Series {
  values: number[];
  times: (string | null)[];
  bucketSeconds: number | null;
}

async function seriesOf(request: Request, env: ToolEnvironment): Promise<Series> {
  if (request.series !== undefined)
    return {
      values: request.series.map((point) => point.value),
      times: request.series.map((point) => point.time ?? null),
      bucketSeconds: null,
    };
  if (request.path === undefined) {
    throw toolError('tools.arguments.invalid', 'invalid-input', {
      message: 'Give either "path" (log files) or "series" (values).',
      errors: [{ pointer: '/path', message: 'path or series is required' }],
    });
  }
  const rates = await readRates({ ...request, path: request.path }, env);
  const pick = {
    errors: (b: { errors: number }) => b.errors,
    total: (b: { total: number }) => b.total,
    error_rate: (b: { errors: number; total: number }) => (b.total === 0 ? 0 : b.errors / b.total),
  }[request.measure];
  return {
    values: rates.buckets.map(pick),
    times: rates.buckets.map((bucket) => toTime(bucket.startMs)),
    bucketSeconds: rates.bucketMs / 1000,
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

function toFinding(point: ChangePoint, time: string | null, measure: string): Finding {
  const up = point.after > point.before;
  return {
    rule: up ? 'logs.level_rise' : 'logs.level_fall',
    severity: up && measure !== 'total' ? 'high' : 'info',
    message: `${measure.replace('_', ' ')} ${up ? 'rose' : 'fell'} from ${rounded(point.before)} to ${rounded(point.after)} per span${time === null ? ` at value ${point.index + 1}` : ` at ${time}`}.`,
    evidence: `stands out of the noise by ${rounded(point.score)}`,
    fix: up
      ? 'Look at what was changed or deployed just before this time.'
      : 'Confirm what ended it.',
    tool: 'change_points',
  };
}

export const changePoints = defineTool({
  name: 'change_points',
  title: 'Change points',
  description:
    'Finds the times at which the number or share of errors in logs (or any given series) changed its level for longer, by cumulative sums against robust noise.',
  group: 'monitoring',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 300_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['anomaly', 'incident', 'cusum', 'time series'],
  async run(request, env) {
    const series = await seriesOf(request, env);
    const found = findChangePoints(series.values, {
      scoreMin: request.score_min,
      lengthMin: request.span_min,
      changesMax: 50,
    });
    const changes = found.map((point) => ({
      index: point.index,
      time: series.times[point.index] ?? null,
      direction: point.after > point.before ? ('up' as const) : ('down' as const),
      before: rounded(point.before),
      after: rounded(point.after),
      score: rounded(point.score),
    }));
    const measure = request.series === undefined ? request.measure : 'value';
    return {
      output: {
        points: series.values.length,
        measure,
        bucket_seconds: series.bucketSeconds,
        changes,
      },
      summary:
        changes.length === 0
          ? `No lasting change among ${series.values.length} values.`
          : `${changes.length} lasting changes among ${series.values.length} values: ${changes
              .slice(0, 3)
              .map((entry) => `${entry.direction} at ${entry.time ?? `value ${entry.index + 1}`}`)
              .join(', ')}.`,
      findings: found.map((point) => toFinding(point, series.times[point.index] ?? null, measure)),
    };
  },
});
