import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestBench, type TestBench } from '../test-executor.fixture.ts';
import { pearson, ranks } from './data-correlations.ts';
import { ticks } from './draw-chart.ts';
import { readCell } from './read-rows.ts';

let bench: TestBench;
const ORDERS = [
  'id,customer,amount,paid,date,note,country',
  '1,Ada,10.5,true,2026-01-01,"two',
  'lines",DE',
  '2,Bo,11,false,2026-01-02,,DE',
  '2,Cy,12.5,true,03/01/2026,x,DE',
  '4,Di,n/a,true,2026-01-04,,DE',
  '5,Ed,9000,false,2026-01-05,,DE',
  '6,Fi,twelve,true,2026-01-06,,DE',
].join('\n');

beforeAll(async () => {
  bench = await createTestBench();
  await bench.write('orders.csv', `${ORDERS}\n`);
  await bench.write(
    'line.csv',
    `x;y;z\n${Array.from({ length: 200 }, (_, index) => `${index};${index * 2 + 1};${(index * 37) % 101}`).join('\n')}\n250;501;9999\n`,
  );
  await bench.write('events.ndjson', '{"a":1,"b":{"c":"x"}}\n{"a":2}\n');
  await bench.write('wrapped.json', '{"data":[{"a":1},{"a":3}]}');
  await bench.write('broken.ndjson', '{"a":1}\n{"a":\n');
});
afterAll(() => bench.close());

describe('data_profile', () => {
  it('tells types, missing, distinct, statistics and rows of each column', async () => {
    const outcome = await bench.run('data_profile', { path: 'orders.csv' });
    const columns = (
      outcome.output as { files: { rows: number; columns: Record<string, unknown>[] }[] }
    ).files[0];
    expect(columns).toMatchObject({ rows: 6, duplicate_rows: 0 });
    expect(columns?.columns.find((column) => column.name === 'amount')).toMatchObject({
      type: 'mixed',
      missing: 1,
      types: { integer: 2, number: 2, text: 1 },
      numbers: { min: 10.5, max: 9000, median: 11.75 },
    });
    expect(columns?.columns.find((column) => column.name === 'paid')).toMatchObject({
      type: 'boolean',
      distinct: 2,
    });
    expect(columns?.columns.find((column) => column.name === 'date')).toMatchObject({
      type: 'date',
      date_formats: { iso: 5, slash: 1 },
      date_range: { first: '2026-01-01', last: '2026-01-06' },
    });
  });

  it('reads semicolons, NDJSON with nested fields and wrapped JSON, a whole folder at once', async () => {
    expect(await bench.run('data_profile', { path: 'line.csv' })).toMatchObject({
      output: {
        files: [
          { rows: 201, columns: [{ name: 'x', type: 'integer' }, { name: 'y' }, { name: 'z' }] },
        ],
      },
    });
    expect(await bench.run('data_profile', { path: 'events.ndjson' })).toMatchObject({
      output: {
        files: [{ rows: 2, columns: [{ name: 'a' }, { name: 'b.c', missing: 1, count: 2 }] }],
      },
    });
    expect(await bench.run('data_profile', { path: 'wrapped.json' })).toMatchObject({
      output: { files: [{ rows: 2 }] },
    });
  });

  it('names the line of broken data and refuses what is no data', async () => {
    expect(await bench.run('data_profile', { path: 'broken.ndjson' })).toMatchObject({
      status: 'error',
      error: { code: 'tools.data.malformed', message: expect.stringContaining('line 2') },
    });
    await bench.write('x.xlsx', 'PK');
    expect(await bench.run('data_profile', { path: 'x.xlsx' })).toMatchObject({
      error: { code: 'tools.data.unsupported' },
    });
  });

  it('reads codes with leading zeros as text and big integers without rounding', () => {
    expect([
      readCell('007'),
      readCell('1e3'),
      readCell(' 4.50 '),
      readCell('NA'),
      readCell('12345678901234567890'),
      readCell('TRUE'),
    ]).toEqual(['007', 1000, 4.5, null, '12345678901234567890', true]);
  });
});

describe('data_outliers', () => {
  it.each(['robust_z', 'iqr'])('finds the planted value by %s, with its line', async (method) => {
    const outcome = await bench.run('data_outliers', { path: 'line.csv', method });
    expect(outcome.findings).toHaveLength(1);
    expect(outcome.findings[0]).toMatchObject({
      rule: 'data.outlier',
      location: { path: 'line.csv', line: 202 },
    });
  });

  it('names the columns there are', async () => {
    expect(await bench.run('data_outliers', { path: 'line.csv', columns: ['w'] })).toMatchObject({
      error: { code: 'tools.data.column_not_found', message: expect.stringContaining('x, y, z') },
    });
  });
});

describe('data_correlations', () => {
  it('gives 1 for a straight line and nothing for constant columns', async () => {
    expect(await bench.run('data_correlations', { path: 'line.csv' })).toMatchObject({
      output: { pairs: [{ a: 'x', b: 'y', pearson: 1, spearman: 1 }] },
    });
    expect(pearson([1, 1, 1], [1, 2, 3])).toBeNull();
    expect(pearson([1, 2, 3, 4, 5], [2, 1, 4, 3, 5])).toBeCloseTo(0.8, 6);
    expect(ranks([10, 20, 20, 5])).toEqual([2, 3.5, 3.5, 1]);
  });
});

describe('data_quality_rules', () => {
  it('finds each planted problem at its line', async () => {
    const outcome = await bench.run('data_quality_rules', { path: 'orders.csv' });
    const found = outcome.findings.map((finding) => `${finding.rule}:${finding.location?.line}`);
    expect(found).toEqual(
      expect.arrayContaining([
        'data.duplicate_key:5',
        'data.mixed_types:8',
        'data.mixed_date_formats:5',
        'data.constant_column:1',
        'data.missing_values:4',
      ]),
    );
    expect(
      outcome.findings.find((finding) => finding.rule === 'data.duplicate_key')?.message,
    ).toContain('line 4');
  });
});

describe('chart_svg', () => {
  it.each(['bar', 'line', 'histogram'])(
    'draws a %s chart with a title for screen readers and escaped text',
    async (kind) => {
      const outcome = await bench.run('chart_svg', {
        kind,
        title: 'A <b> & "c"',
        labels: ['x', 'y', 'z'],
        series: [{ name: 'n', values: [1, null, -3] }],
      });
      const { svg } = outcome.output as { svg: string };
      expect(svg).toContain('<title id="chart-title">A &lt;b&gt; &amp; &quot;c&quot;</title>');
      expect(svg).toContain('role="img"');
      expect(svg).not.toContain('NaN');
      expect(svg.endsWith('</svg>')).toBe(true);
    },
  );

  it('stays whole for many points, keeps values at their labels, and refuses nothing to draw', async () => {
    const outcome = await bench.run('chart_svg', {
      kind: 'bar',
      title: 'Many',
      series: [{ name: 'a', values: Array.from({ length: 5000 }, (_, index) => index) }],
    });
    expect(outcome).toMatchObject({
      truncated: false,
      output: { points: 1000, points_left_out: 4000 },
    });
    const gap = await bench.run('chart_svg', {
      kind: 'bar',
      title: 'Gap',
      labels: ['p', 'q', 'r'],
      series: [{ values: [1, null, 3] }],
    });
    expect((gap.output as { svg: string }).svg).toContain('r: 3');
    expect(
      await bench.run('chart_svg', { kind: 'line', title: 'None', series: [{ values: [null] }] }),
    ).toMatchObject({ error: { code: 'tools.chart.no_points' } });
    expect(ticks(0, 100)).toEqual([0, 20, 40, 60, 80, 100]);
  });
});
