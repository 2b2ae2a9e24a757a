import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { toTime } from '../logs/read-logs.ts';
import { describeSkipped } from '../workspace/scan-files.ts';
import { examine } from './examine-series.ts';
import { figure, seriesName, type MetricSeries } from './metric-series.ts';
import { levelShifts, varianceShifts, withoutFlatLines, type Shift } from './metric-shifts.ts';
import { describeNone, metricInputShape, readGivenMetrics } from './read-metrics.ts';

const input = z.strictObject({
  ...metricInputShape,
  score_min: z
    .number()
    .min(3)
    .max(100)
    .default(10)
    .describe('How far a change must stand out of the noise'),
});
const output = z.object({
  changes: z.array(
    z.object({
      series: z.string(),
      kind: z.enum(['level', 'variance']),
      time: z.string().nullable(),
      before: z.number(),
      after: z.number(),
      score: z.number(),
    }),
  ),
  series_total: z.int(),
  too_short: z.int(),
});

function toFinding(shift: Shift, series: MetricSeries): Finding {
  const what = shift.kind === 'level' ? 'level' : 'spread';
  return {
    rule: `metrics.${shift.kind}_shift`,
    severity: 'medium',
    message: `The ${what} of ${seriesName(series)} changed from ${figure(shift.before)} to ${figure(shift.after)} at ${toTime(shift.at.timeMs)}.`,
    location: { path: series.path, line: shift.at.line },
    evidence: `stands out of the noise by ${figure(shift.score)}`,
    fix: 'Look at what was changed or deployed just before this time.',
    tool: 'metric_change_points',
  };
}

export const metricChangePoints = defineTool({
  name: 'metric_change_points',
  title: 'Change points in metrics',
  description:
    'Finds the times at which metrics changed their level or their spread for longer; season, single spikes and slow growth do not count.',
  group: 'monitoring',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 180_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['prometheus', 'time series', 'regression', 'cusum', 'deployment'],
  async run(request, env) {
    const reading = await readGivenMetrics(request, env);
    const findings: Finding[] = [];
    const changes: z.output<typeof output>['changes'] = [];
    let short = 0;
    for (const series of reading.series) {
      env.progress(seriesName(series));
      const examined = examine(series);
      if (examined === undefined) {
        short += 1;
        continue;
      }
      const moving = withoutFlatLines(examined);
      const shifts = [
        ...levelShifts(moving, request.score_min),
        ...varianceShifts(moving, request.score_min),
      ];
      findings.push(...shifts.map((shift) => toFinding(shift, series)));
      changes.push(
        ...shifts.map(({ kind, at, before, after, score }) => ({
          series: seriesName(series),
          kind,
          time: toTime(at.timeMs),
          before: Number(figure(before)),
          after: Number(figure(after)),
          score: Number(figure(score)),
        })),
      );
    }
    return {
      output: {
        changes: changes.slice(0, 500),
        series_total: reading.series.length,
        too_short: short,
      },
      summary: `${changes.length} lasting changes in ${reading.series.length - short} series${short > 0 ? `; ${short} series are too short to judge` : ''}.${describeNone(reading)}${describeSkipped(reading.skipped)}`,
      findings,
    };
  },
});
