import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { toTime } from '../logs/read-logs.ts';
import { describeSkipped } from '../workspace/scan-files.ts';
import { examine, findAnomalies, type Anomaly, type Examined } from './examine-series.ts';
import { figure, seriesName } from './metric-series.ts';
import { describeNone, metricInputShape, readGivenMetrics } from './read-metrics.ts';

const SERIES_LISTED_MAX = 300;

const input = z.strictObject({
  ...metricInputShape,
  score_min: z
    .number()
    .min(3)
    .max(50)
    .default(6)
    .describe('How far a value must lie from what is usual, in units of noise'),
});
const output = z.object({
  series: z.array(
    z.object({
      name: z.string(),
      path: z.string(),
      kind: z.enum(['gauge', 'counter']),
      points: z.int(),
      step_seconds: z.number(),
      season_seconds: z.number().nullable(),
      median: z.number(),
      noise: z.number(),
      anomalies: z.int(),
    }),
  ),
  series_total: z.int(),
  too_short: z.int(),
  files_without_metrics: z.int(),
});

const RULES = {
  spike: 'spike',
  drop: 'drop',
  missing: 'missing_data',
  flat: 'flat_line',
  drift: 'drift',
} as const;

function describe(anomaly: Anomaly, name: string): Pick<Finding, 'message' | 'evidence' | 'fix'> {
  const [from, to] = [toTime(anomaly.from.timeMs) ?? '', toTime(anomaly.to.timeMs) ?? ''];
  const span = anomaly.length === 1 ? `at ${from}` : `from ${from} to ${to}`;
  const score = `score ${figure(anomaly.score)}`;
  switch (anomaly.kind) {
    case 'missing':
      return {
        message: `${name} has no values between ${from} and ${to}: ${anomaly.length} are missing.`,
        evidence: `${anomaly.length} missing values`,
        fix: 'Look whether the target was down or the scrape failed; alert on absence.',
      };
    case 'flat':
      return {
        message: `${name} stood still at ${figure(anomaly.value)} ${span}, though it otherwise always moves.`,
        evidence: `${anomaly.length} equal values`,
        fix: 'Look whether the exporter or the sensor hangs.',
      };
    case 'drift':
      return {
        message: `${name} has drifted since ${from}, from ${figure(anomaly.expected)} to ${figure(anomaly.value)}.`,
        evidence: `${score} at the end; a line fits better than any step`,
        fix: 'Look for a leak or for growth, and when a limit will be reached.',
      };
    case 'spike':
    case 'drop':
      return {
        message: `${name} ${anomaly.kind === 'spike' ? 'rose' : 'fell'} to ${figure(anomaly.value)} ${span}; usual then is ${figure(anomaly.expected)}.`,
        evidence: score,
        fix: 'Look at what happened at this time in logs and deployments.',
      };
  }
}

function severityOf(anomaly: Anomaly, scoreMin: number): Finding['severity'] {
  if (anomaly.kind === 'missing' || anomaly.kind === 'drift') return 'medium';
  return anomaly.kind === 'flat' || anomaly.score < scoreMin * 3 ? 'medium' : 'high';
}

function toFinding(anomaly: Anomaly, { series }: Examined, scoreMin: number): Finding {
  // A gap shows at the first value after it.
  const place = anomaly.kind === 'missing' ? anomaly.to : anomaly.from;
  return {
    rule: `metrics.${RULES[anomaly.kind]}`,
    severity: severityOf(anomaly, scoreMin),
    ...describe(anomaly, seriesName(series)),
    location: { path: series.path, line: place.line },
    tool: 'metric_anomalies',
  };
}

export const metricAnomalies = defineTool({
  name: 'metric_anomalies',
  title: 'Anomalies in metrics',
  description:
    'Looks through metrics (CSV, JSON, Prometheus text or range query) for spikes and drops beyond season and noise, slow drifts, missing values and flat lines; counters are looked at as rates.',
  group: 'monitoring',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 180_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['prometheus', 'time series', 'outlier', 'ewma', 'season'],
  async run(request, env) {
    const reading = await readGivenMetrics(request, env);
    const findings: Finding[] = [];
    const rows: z.output<typeof output>['series'] = [];
    for (const [index, series] of reading.series.entries()) {
      if (index % 20 === 19) env.progress(`${index + 1} series`, index / reading.series.length);
      const examined = examine(series);
      if (examined === undefined) continue;
      const anomalies = findAnomalies(examined, request.score_min);
      findings.push(...anomalies.map((anomaly) => toFinding(anomaly, examined, request.score_min)));
      const { stepMs, season, values, noise } = examined;
      rows.push({
        name: seriesName(series),
        path: series.path,
        kind: series.kind,
        points: values.length,
        step_seconds: stepMs / 1000,
        season_seconds: season === null ? null : (season * stepMs) / 1000,
        median: Number(figure(values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0)),
        noise: Number(figure(noise)),
        anomalies: anomalies.length,
      });
    }
    const short = reading.series.length - rows.length;
    return {
      output: {
        series: rows.toSorted((a, b) => b.anomalies - a.anomalies).slice(0, SERIES_LISTED_MAX),
        series_total: reading.series.length,
        too_short: short,
        files_without_metrics: reading.filesWithout,
      },
      summary: `${findings.length} anomalies in ${rows.filter(({ anomalies }) => anomalies > 0).length} of ${rows.length} series from ${reading.files.length} files${short > 0 ? `; ${short} series are too short to judge` : ''}.${describeNone(reading)}${describeSkipped(reading.skipped)}`,
      findings,
    };
  },
});
