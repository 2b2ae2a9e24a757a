import type { ToolEnvironment } from '../definition.ts';
import { readLogs } from '../logs/read-logs.ts';
import { toolError } from '../tool-error.ts';
import { isPlatformError } from '@automatos/kernel';
import type { BudgetBucket } from './error-budget.ts';
import { observedPoints, seriesName, stepOf, type MetricSeries } from './metric-series.ts';
import { readMetrics } from './read-metrics.ts';

const LOG_BUCKET_MS = 60_000;
const BUCKETS_MAX = 200_000;

/** Requests and errors over time, with how an alert would ask for them. */
export interface RequestHistory {
  buckets: BudgetBucket[];
  source: 'metrics' | 'logs';
  /** In words. */
  from: string;
  /** PromQL of the share of errors over `[window]`. */
  ratio(window: string): string;
  /** What must be there for the expression to work; empty when the data themselves show it. */
  assumes: string;
}

export interface RequestQuestion {
  path?: string | undefined;
  metrics?: string | undefined;
  logs?: string | undefined;
  total_metric?: string | undefined;
  errors_metric?: string | undefined;
}

const STATUS_LABEL = /^(?:code|status|status_code|http_status|http_status_code)$/;

interface Pair {
  total: MetricSeries[];
  errors: MetricSeries[];
  ratio(window: string): string;
  from: string;
}

function perSecond(series: MetricSeries, selector: string, window: string): string {
  return series.kind === 'counter'
    ? `sum(rate(${selector}[${window}]))`
    : `sum(sum_over_time(${selector}[${window}]))`;
}

function byNames(
  all: readonly MetricSeries[],
  { total_metric: total, errors_metric: errors }: RequestQuestion,
): Pair | undefined {
  if (total === undefined || errors === undefined) return undefined;
  const [totals, bad] = [
    all.filter(({ name }) => name === total),
    all.filter(({ name }) => name === errors),
  ];
  const [one, other] = [totals[0], bad[0]];
  if (one === undefined || other === undefined)
    throw toolError(
      'tools.metrics.none',
      'not-found',
      `There is no metric "${one === undefined ? total : errors}"; there are: ${[...new Set(all.map(({ name }) => name))].slice(0, 40).join(', ')}.`,
    );
  return {
    total: totals,
    errors: bad,
    from: `${errors} / ${total}`,
    ratio: (window) => `${perSecond(other, errors, window)} / ${perSecond(one, total, window)}`,
  };
}

/** A counter of requests that tells their status in a label. */
function byStatus(all: readonly MetricSeries[]): Pair | undefined {
  for (const first of all) {
    const label = Object.keys(first.labels).find((name) => STATUS_LABEL.test(name));
    if (
      label === undefined ||
      first.kind !== 'counter' ||
      !/request|response|http/i.test(first.name)
    )
      continue;
    const total = all.filter(({ name, labels }) => name === first.name && label in labels);
    const errors = total.filter(({ labels }) => (labels[label] ?? '').startsWith('5'));
    const ratio = (window: string) =>
      `sum(rate(${first.name}{${label}=~"5.."}[${window}])) / sum(rate(${first.name}[${window}]))`;
    return { total, errors, from: `${first.name} by ${label}`, ratio };
  }
  return undefined;
}

/** Two series of one file that are called after requests and errors. */
function byWords(all: readonly MetricSeries[]): Pair | undefined {
  for (const errors of all.filter(({ name }) =>
    /(?:^|_)(?:errors?|failures?|failed)(?:_|$)/i.test(name),
  )) {
    const total = all.find(
      ({ name, path }) =>
        path === errors.path &&
        /(?:^|_)(?:requests?|total|events|calls)(?:_|$)/i.test(name) &&
        !/error|fail/i.test(name),
    );
    if (total !== undefined)
      return {
        total: [total],
        errors: [errors],
        from: `${seriesName(errors)} / ${seriesName(total)}`,
        ratio: (window) =>
          `${perSecond(errors, errors.name, window)} / ${perSecond(total, total.name, window)}`,
      };
  }
  return undefined;
}

function counts(
  series: MetricSeries,
): { timeMs: number; value: number; line: number; path: string }[] {
  const points = observedPoints(series);
  const step = stepOf(points) / 1000;
  return points
    .filter(({ value }) => Number.isFinite(value))
    .map(({ timeMs, value, line }) => ({
      timeMs,
      line,
      path: series.path,
      value: series.kind === 'counter' ? value * step : value,
    }));
}

function bucketsOf(pair: Pair): BudgetBucket[] {
  const stepMs = Math.max(1000, ...pair.total.map(({ points }) => stepOf(points)));
  const found = new Map<number, BudgetBucket>();
  const add = (kind: 'total' | 'errors', series: readonly MetricSeries[]) => {
    for (const { timeMs, value, line, path } of series.flatMap(counts)) {
      const startMs = Math.floor(timeMs / stepMs) * stepMs;
      const bucket = found.get(startMs) ?? { startMs, total: 0, errors: 0, path, line };
      found.set(startMs, bucket);
      bucket[kind] += value;
      if (kind === 'errors' && value > 0) Object.assign(bucket, { path, line });
    }
  };
  add('total', pair.total);
  add('errors', pair.errors);
  return filled(
    [...found.values()].toSorted((a, b) => a.startMs - b.startMs),
    stepMs,
  );
}

/** Puts empty buckets where nothing happened. */
function filled(buckets: readonly BudgetBucket[], stepMs: number): BudgetBucket[] {
  const whole: BudgetBucket[] = [];
  for (const bucket of buckets) {
    for (
      let last = whole.at(-1);
      last !== undefined && bucket.startMs - last.startMs > stepMs && whole.length < BUCKETS_MAX;
      last = whole.at(-1)
    )
      whole.push({ ...last, startMs: last.startMs + stepMs, total: 0, errors: 0 });
    whole.push(bucket);
  }
  return whole;
}

async function fromLogs(path: string, env: ToolEnvironment): Promise<BudgetBucket[]> {
  const found = new Map<number, BudgetBucket>();
  await readLogs({ path, lines_max: 2_000_000 }, env, ({ timeMs, level, path: file, line }) => {
    if (timeMs === null) return;
    const startMs = Math.floor(timeMs / LOG_BUCKET_MS) * LOG_BUCKET_MS;
    const bucket = found.get(startMs) ?? { startMs, total: 0, errors: 0, path: file, line };
    found.set(startMs, bucket);
    bucket.total += 1;
    if (level !== 'error' && level !== 'fatal') return;
    if (bucket.errors === 0) Object.assign(bucket, { path: file, line });
    bucket.errors += 1;
  });
  return filled(
    [...found.values()].toSorted((a, b) => a.startMs - b.startMs),
    LOG_BUCKET_MS,
  );
}

function logHistory(buckets: BudgetBucket[], path: string): RequestHistory {
  return {
    buckets,
    source: 'logs',
    from: `entries of the logs under "${path}"`,
    ratio: (window) =>
      `sum(rate(log_entries_total{level=~"error|fatal"}[${window}])) / sum(rate(log_entries_total[${window}]))`,
    assumes:
      'a counter log_entries_total with the label level, as a log exporter makes it from these logs',
  };
}

/** Requests and errors from metrics when they have both, else from logs; undefined when neither tells. */
export async function readRequests(
  question: RequestQuestion,
  env: ToolEnvironment,
): Promise<RequestHistory | undefined> {
  const metricsPath = question.metrics ?? question.path;
  if (metricsPath !== undefined) {
    const { series } = await readMetrics(metricsPath, env);
    const pair = byNames(series, question) ?? byStatus(series) ?? byWords(series);
    const buckets = pair === undefined ? [] : bucketsOf(pair);
    if (pair !== undefined && buckets.length > 1)
      return { buckets, source: 'metrics', from: pair.from, ratio: pair.ratio, assumes: '' };
  }
  const logsPath = question.logs ?? question.path;
  if (logsPath === undefined) return undefined;
  try {
    const buckets = await fromLogs(logsPath, env);
    return buckets.length > 1 ? logHistory(buckets, logsPath) : undefined;
  } catch (error) {
    if (isPlatformError(error) && error.code === 'tools.logs.none') return undefined;
    throw error;
  }
}
