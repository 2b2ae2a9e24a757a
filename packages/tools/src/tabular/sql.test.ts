import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestBench, type TestBench } from '../test-executor.fixture.ts';
import { association, fitLine, kruskal, mannKendall, meanInterval } from './compare-groups.ts';
import {
  chiSquareTail,
  holm,
  logGamma,
  normalTwoSided,
  studentQuantile,
  studentTwoSided,
} from './distributions.ts';

let bench: TestBench;
let outside: string;

beforeAll(async () => {
  bench = await createTestBench();
  outside = await mkdtemp(join(tmpdir(), 'sql-outside-'));
  await writeFile(join(outside, 'secret.csv'), 'a\nmine\n');
  await bench.write(
    'orders.csv',
    'id,amount,day,code\n1,10.5,2026-01-01,007\n2,N/A,2026-01-02,008\n3,20,2026-02-01,009\n',
  );
  await bench.write('2026 people.ndjson', '{"id":1,"name":"Ada"}\n{"id":3,"name":"Bo"}\n');
});
afterAll(async () => {
  await bench.close();
  await rm(outside, { recursive: true, force: true });
});

function sql(text: string, more: object = {}) {
  return bench.run('sql_query', { sql: text, files: ['orders.csv'], ...more });
}

describe('sql_query', () => {
  it('joins files of several kinds and gives plain values', async () => {
    const outcome = await bench.run('sql_query', {
      sql: 'SELECT name, amount, day, code, count(*) OVER () AS n FROM orders JOIN t_2026_people USING (id) ORDER BY id',
      files: ['orders.csv', '2026 people.ndjson'],
    });
    expect(outcome).toMatchObject({
      status: 'success',
      output: {
        rows: [
          ['Ada', 10.5, '2026-01-01', '007', 2],
          ['Bo', 20, '2026-02-01', '009', 2],
        ],
        tables: [{ table: 'orders', rows: 3 }, { table: 't_2026_people' }],
      },
    });
  });

  it('reaches no file but those given, in whatever way', async () => {
    const secret = join(outside, 'secret.csv');
    for (const text of [
      `SELECT * FROM read_csv('${secret}')`,
      `SELECT * FROM '${secret}'`,
      `SELECT * FROM read_text('/etc/hostname')`,
      `SELECT * FROM glob('/etc/*')`,
      `SELECT * FROM sniff_csv('${secret}')`,
      `SELECT * FROM parquet_metadata('${secret}')`,
      `SELECT * FROM read_csv('https://example.com/x.csv')`,
    ]) {
      const outcome = await sql(text);
      expect([text, outcome.status, outcome.error?.code]).toEqual([
        text,
        'error',
        'tools.sql.invalid',
      ]);
      expect(JSON.stringify(outcome)).not.toContain('mine');
    }
    expect(await bench.run('sql_query', { sql: 'SELECT 1', files: [secret] })).toMatchObject({
      error: { code: 'tools.path.outside_root' },
    });
  });

  it('refuses whatever is no SELECT, with a reason', async () => {
    for (const text of [
      `COPY orders TO '${join(outside, 'out.csv')}'`,
      `ATTACH '${join(outside, 'x.db')}'`,
      'INSTALL httpfs',
      'LOAD httpfs',
      'SET enable_external_access = true',
      'RESET lock_configuration',
      'DROP TABLE orders',
      'INSERT INTO orders SELECT * FROM orders',
      'CREATE TABLE x AS SELECT 1',
      'SELECT 1; DROP TABLE orders',
      `EXPORT DATABASE '${outside}'`,
      'PRAGMA enable_profiling',
    ]) {
      const outcome = await sql(text);
      expect([text, outcome.status]).toEqual([text, 'error']);
      expect(['tools.sql.refused', 'tools.sql.invalid']).toContain(outcome.error?.code);
    }
    expect(await readdir(outside)).toEqual(['secret.csv']);
    expect(await sql('DELETE FROM orders')).toMatchObject({
      error: { code: 'tools.sql.refused', message: expect.stringContaining('Only SELECT') },
    });
  });

  it('bounds a flood of rows, stops what runs on and on, and what wants too much memory', async () => {
    expect(await sql('SELECT * FROM range(50000000)', { rows_max: 10 })).toMatchObject({
      output: { rows: { length: 10 }, rows_cut: true },
    });
    expect(
      await sql('SELECT count(*) FROM range(100000000) a, range(100000) b', { timeout_ms: 300 }),
    ).toMatchObject({ error: { code: 'tools.sql.stopped', kind: 'timeout' } });
    expect(await sql('SELECT list(range) FROM range(200000000)')).toMatchObject({
      error: { code: 'tools.sql.stopped', kind: 'limit-reached' },
    });
  });

  it('says where the SQL is wrong, and refuses names that stand for several files', async () => {
    expect(await sql('SELECT nothing FROM orders')).toMatchObject({
      error: { code: 'tools.sql.invalid', message: expect.stringContaining('nothing') },
    });
    await bench.write('many[1].csv', 'a\n1\n');
    expect(await bench.run('sql_query', { sql: 'SELECT 1', files: ['many[1].csv'] })).toMatchObject(
      { error: { code: 'tools.data.unsupported' } },
    );
  });
});

describe('Parquet', () => {
  it('is read by the tools for tables like any other file; rows have no line', async () => {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(
      `COPY (SELECT range::BIGINT AS id, CASE WHEN range = 50 THEN 900.5 ELSE 10 + range % 7 END AS load, DATE '2026-01-01' + range::INTEGER AS day, NULL::VARCHAR AS nothing FROM range(100)) TO '${join(bench.root, 'm.parquet')}' (FORMAT parquet)`,
    );
    connection.closeSync();
    instance.closeSync();
    expect(await bench.run('data_profile', { path: 'm.parquet' })).toMatchObject({
      output: {
        files: [
          {
            rows: 100,
            columns: [
              { name: 'id', type: 'integer' },
              { name: 'load' },
              { name: 'day', type: 'date', date_range: { first: '2026-01-01' } },
              { type: 'empty' },
            ],
          },
        ],
      },
    });
    const outcome = await bench.run('data_outliers', { path: 'm.parquet' });
    expect(outcome.findings).toMatchObject([
      {
        rule: 'data.outlier',
        location: { path: 'm.parquet' },
        message: expect.stringContaining('in row 51'),
      },
    ]);
    expect(outcome.findings[0]?.location).not.toHaveProperty('line');
    await bench.write('broken.parquet', 'PAR1 is not enough');
    expect(await bench.run('data_profile', { path: 'broken.parquet' })).toMatchObject({
      error: { code: 'tools.data.malformed' },
    });
  });
});

describe('tests of statistics', () => {
  it.each([
    ['log Γ(5)', logGamma(5), Math.log(24)],
    ['χ² 3.841, 1', chiSquareTail(3.841_458_8, 1), 0.05],
    ['χ² 30, 10', chiSquareTail(30, 10), 0.000_856_641],
    ['t 2.228, 10', studentTwoSided(2.228_138_9, 10), 0.05],
    [
      't 0.5, 3',
      studentTwoSided(0.5, 3),
      1 - (2 / Math.PI) * (Math.atan(0.5 / Math.sqrt(3)) + 0.5 / Math.sqrt(3) / (1 + 0.25 / 3)),
    ],
    ['z 1.96', normalTwoSided(1.959_964), 0.05],
    ['quantile of t, 10', studentQuantile(0.05, 10), 2.228_138_9],
  ])('%s', (...[, value, expected]) => {
    expect(value).toBeCloseTo(expected, 6);
  });

  it('agree with values computed by hand', () => {
    expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
    expect(meanInterval([1, 2, 3, 4, 5], 0.95)).toMatchObject({
      mean: 3,
      low: expect.closeTo(1.036_76, 4),
      high: expect.closeTo(4.963_24, 4),
    });
    expect(
      kruskal([
        [1, 2, 3, 4, 5],
        [6, 7, 8, 9, 10],
      ]),
    ).toMatchObject({ statistic: expect.closeTo(6.818_18, 4), test: 'Mann–Whitney' });
    const line = Array.from({ length: 20 }, (_, index) => index);
    expect(
      fitLine(
        line,
        line.map((x) => 3 * x + 1 + (x % 2)),
        0.95,
      ),
    ).toMatchObject({ slope: expect.closeTo(3.0, 1), effect: expect.closeTo(1, 2) });
    expect(mannKendall(line)).toMatchObject({ effect: 1 });
    expect(mannKendall(line.map(() => 1))).toBeNull();
    const pairs = Array.from({ length: 100 }, (_, index): [string, string] => [
      index % 2 === 0 ? 'a' : 'b',
      index % 4 < 2 ? 'x' : 'y',
    ]);
    expect(association(pairs)).toMatchObject({
      statistic: expect.closeTo(0, 6),
      effect: expect.closeTo(0, 6),
    });
  });

  it('find nothing where there is nothing, and name the columns when the target is wrong', async () => {
    const rows = Array.from(
      { length: 200 },
      (_, index) =>
        `${index},${(index * 7919) % 101},${'ab'[index % 2]},${(index * 104_729) % 7 === 0 ? '' : index % 13}`,
    );
    await bench.write('plain.csv', `id,value,side,other\n${rows.join('\n')}\n`);
    expect(
      await bench.run('data_statistics', { files: ['plain.csv'], target_column: 'side' }),
    ).toMatchObject({ status: 'success', findings: [] });
    expect(
      await bench.run('data_statistics', { files: ['plain.csv'], target_column: 'no' }),
    ).toMatchObject({
      error: { code: 'tools.data.column_not_found', message: expect.stringContaining('side') },
    });
  });
});
