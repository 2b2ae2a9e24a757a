import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestBench, type TestBench } from '../test-executor.fixture.ts';
import { burnEpisodes, createBudget } from './error-budget.ts';
import { examine, findAnomalies } from './examine-series.ts';
import type { MetricSeries } from './metric-series.ts';
import { levelShifts, varianceShifts, withoutFlatLines } from './metric-shifts.ts';
import { parsePrometheusText } from './parse-prometheus.ts';
import { createPromqlCheck, metricNamesOf } from './promql.ts';
import { findSeason } from './series-shape.ts';

let bench: TestBench;
const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 5);

function noiseOf(seed: number): () => number {
  let state = seed * 7919 + 1;
  const even = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  return () => even() + even() + even() + even() + even() + even() - 3;
}

function seriesOf(at: (step: number) => number, length = 900): MetricSeries {
  const points = Array.from({ length }, (_, step) => ({
    timeMs: START + step * 5 * MINUTE,
    value: at(step),
    line: step + 2,
  }));
  return { name: 'm', labels: {}, kind: 'gauge', path: 'm.csv', points };
}

function oddOf(series: MetricSeries) {
  const examined = examine(series);
  if (examined === undefined) return [];
  const moving = withoutFlatLines(examined);
  return [
    ...findAnomalies(examined, 6).map(({ kind }) => kind),
    ...levelShifts(moving, 10).map(({ kind }) => kind),
    ...varianceShifts(moving, 10).map(({ kind }) => kind),
  ];
}

beforeAll(async () => {
  bench = await createTestBench();
});
afterAll(() => bench.close());

describe('a series without anything odd', () => {
  const seeds = [1, 2, 3, 4, 5];
  it.each(seeds)('noise %i', (seed) => {
    const noise = noiseOf(seed);
    expect(oddOf(seriesOf(() => 50 + noise() * 5))).toEqual([]);
  });
  it.each(seeds)('a day and noise %i', (seed) => {
    const noise = noiseOf(seed);
    expect(
      oddOf(seriesOf((step) => 50 + 20 * Math.sin((step / 288) * 2 * Math.PI) + noise() * 2)),
    ).toEqual([]);
  });
  it.each(seeds)('a nightly job and noise %i', (seed) => {
    const noise = noiseOf(seed);
    expect(oddOf(seriesOf((step) => 10 + noise() + (step % 288 < 4 ? 90 : 0)))).toEqual([]);
  });
  it.each([
    ['a constant', () => 1],
    ['whole numbers that mostly stay', (step: number) => 3 + (step % 97 === 0 ? 1 : 0)],
  ])('%s', (_, at) => {
    expect(oddOf(seriesOf(at))).toEqual([]);
  });
});

describe('what is odd', () => {
  const noise = noiseOf(9);
  it.each([
    [
      'a spike at a usual height but an unusual hour',
      (step: number) =>
        50 + 30 * Math.sin((step / 288) * 2 * Math.PI) + noise() + (step === 792 ? 40 : 0),
      ['spike'],
    ],
    ['a drop', (step: number) => (step === 400 ? 0 : 100) + noise(), ['drop']],
    ['slow growth', (step: number) => step * 0.1 + noise(), ['drift']],
    ['another level', (step: number) => (step < 500 ? 10 : 20) + noise(), ['level']],
    ['another spread', (step: number) => 100 + noise() * (step < 450 ? 1 : 6), ['variance']],
    ['standing still', (step: number) => (step >= 600 && step < 750 ? 42 : 40 + noise()), ['flat']],
  ])('%s', (_, at, expected) => {
    expect(oddOf(seriesOf(at))).toEqual(expected);
  });

  it('missing values are counted, and the season is known without being told', () => {
    const series = seriesOf((step) => Math.sin((step / 288) * 2 * Math.PI) * 10 + noise());
    series.points.splice(100, 30);
    expect(oddOf(series)).toContain('missing');
    expect(
      findSeason(
        series.points.map(({ value }) => value),
        [288],
      ),
    ).toBe(288);
  });
});

describe('reading', () => {
  it('takes counters as rates over restarts, labels with braces, times in seconds', () => {
    const text =
      '# TYPE jobs counter\njobs{q="a}b",x="\\"y"} 5 1767571200\njobs{q="a}b",x="\\"y"} 7 1767571260\nnot a sample\ntemp 1e3\n';
    const [jobs, temp] = parsePrometheusText(text, { path: 'x.prom', fileTimeMs: 1 });
    expect(jobs).toMatchObject({
      kind: 'counter',
      labels: { q: 'a}b', x: '"y' },
      points: [
        { timeMs: 1767571200000, line: 2 },
        { value: 7, line: 3 },
      ],
    });
    expect(temp).toMatchObject({ kind: 'gauge', points: [{ value: 1000, timeMs: 1 }] });
  });

  it('says when there are no metrics, and reads long tables', async () => {
    await bench.write('none/data.csv', 'name,colour\na,red\n');
    expect(await bench.run('metric_anomalies', { path: 'none' })).toMatchObject({
      output: { series_total: 0, files_without_metrics: 1 },
      summary: expect.stringContaining('No metrics were found'),
    });
    expect(await bench.run('metric_anomalies', {})).toMatchObject({
      error: { code: 'tools.arguments.invalid' },
    });
    const rows = Array.from(
      { length: 60 },
      (_, step) =>
        `${new Date(START + step * MINUTE).toISOString()},load,web-${step % 2},${step === 40 ? 90 : 10 + (step % 7) / 10}`,
    );
    await bench.write('long/load.csv', `time,metric,host,value\n${rows.join('\n')}\n`);
    expect(await bench.run('metric_anomalies', { metrics: 'long' })).toMatchObject({
      output: { series_total: 2 },
      findings: [
        {
          rule: 'metrics.spike',
          location: { path: 'load.csv', line: 42 },
          message: expect.stringContaining('load{host="web-0"}'),
        },
      ],
    });
  });
});

describe('error budget', () => {
  const buckets = (failing: (index: number) => number) =>
    Array.from({ length: 288 }, (_, index) => ({
      startMs: START + index * 5 * MINUTE,
      total: 100,
      errors: failing(index),
      path: 'x',
      line: index + 1,
    }));

  it('counts what is spent and how fast it burns', () => {
    const budget = createBudget(
      buckets((index) => (index >= 276 ? 10 : 0)),
      0.99,
    );
    expect(budget.spent(24 * 60 * MINUTE)).toMatchObject({
      total: 28_800,
      errors: 120,
      allowed: expect.closeTo(288),
    });
    expect(budget.burnRate(287, 60 * MINUTE)).toBeCloseTo(10);
    expect(budget.burnRate(287, 72 * 60 * MINUTE)).toBeNull();
  });

  it('an alert needs both windows: a past incident does not fire', () => {
    expect(
      burnEpisodes(
        buckets(() => 0),
        0.999,
      ),
    ).toEqual([]);
    const found = burnEpisodes(
      buckets((index) => (index >= 100 && index < 112 ? 50 : 0)),
      0.999,
    );
    expect(found[0]).toMatchObject({ rule: { rate: 14.4 }, to: { line: 112 } });
  });

  it('falls back to logs, and says what an alert on them needs', async () => {
    const lines = Array.from(
      { length: 120 },
      (_, index) =>
        `${new Date(START + index * MINUTE).toISOString()} ${index % 10 === 0 ? 'ERROR' : 'INFO'} x`,
    );
    await bench.write('slo/app.log', `${lines.join('\n')}\n`);
    const outcome = await bench.run('slo_burn', { logs: 'slo', objective: 0.95 });
    expect(outcome.output).toMatchObject({
      measured: { total: 120, errors: 12, budget_used: 2, covers_window: false },
    });
    expect(outcome.artifacts?.[0]?.content).toContain('Needs a counter log_entries_total');
    expect(outcome.findings.map(({ rule }) => rule)).toContain('slo.budget_exhausted');
    expect(await bench.run('slo_burn', { path: 'none' })).toMatchObject({
      status: 'success',
      output: { measured: null },
    });
    expect(await bench.run('slo_burn', { path: 'none', objective: 0.9 })).toMatchObject({
      error: { code: 'tools.metrics.none' },
    });
  });
});

it('PromQL is parsed before it is offered', async () => {
  const check = await createPromqlCheck();
  expect(check('sum(rate(a[5m])) > 0.1')).toBeNull();
  expect(check('sum(rate(a[5m]) > 0.1')).not.toBeNull();
  expect(check('')).toBe(0);
  expect(await metricNamesOf('sum by (x) (rate(a{b="c"}[5m])) / ignoring (y) d')).toEqual([
    'a',
    'd',
  ]);
});
