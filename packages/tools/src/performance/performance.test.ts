import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestBench, type TestBench } from '../test-executor.fixture.ts';
import { latencyOf, percentile } from './latency.ts';
import { holm, mannWhitney } from './mann-whitney.ts';
import { isMinified } from './read-bundle.ts';
import { readMeasurements } from './read-measurements.ts';
import { readPlans } from './read-plan.ts';
import { functionsOf, parseProfile } from './read-profile.ts';
import { charactersBySource, packageOf, parseSourceMap } from './read-source-map.ts';
import { suggestIndex } from './suggest-index.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await createTestBench({ outboundAllow: ['127.0.0.1'] });
});
afterAll(() => bench.close());

describe('Mann–Whitney U', () => {
  it('exact: the example of the documentation of scipy.stats.mannwhitneyu', () => {
    const males = [19, 22, 16, 29, 24];
    const females = [20, 11, 17, 12];
    const result = mannWhitney(females, males);
    expect(result).toMatchObject({ u: 17, method: 'exact' });
    expect(result.p).toBeCloseTo(0.1111111, 6);
    expect(result.delta).toBeCloseTo(0.7, 10);
    expect(mannWhitney(males, females).p).toBeCloseTo(result.p, 12);
  });

  it('exact: permeability constants of Hollander and Wolfe, as in the help of R (W = 35, one-sided p = 0.1272)', () => {
    const x = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
    const y = [1.15, 0.88, 0.9, 0.74, 1.21];
    const result = mannWhitney(y, x);
    expect(result.u).toBe(35);
    expect(result.p / 2).toBeCloseTo(0.1272, 4);
  });

  it('with ties: ozone in May and August, as in the help of R (W = 127.5, p = 0.0001208)', () => {
    const may = [
      41, 36, 12, 18, 28, 23, 19, 8, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32, 23, 45,
      115, 37,
    ];
    const august = [
      39, 9, 16, 78, 35, 66, 122, 89, 110, 44, 28, 65, 22, 59, 23, 31, 44, 21, 9, 45, 168, 73, 76,
      118, 84, 85,
    ];
    const result = mannWhitney(august, may);
    expect(result).toMatchObject({ u: 127.5, method: 'normal' });
    expect(result.p).toBeCloseTo(0.0001208, 6);
  });

  it('equal samples differ in nothing', () => {
    expect(mannWhitney([1, 1, 1], [1, 1, 1])).toMatchObject({ p: 1, delta: 0 });
  });

  it('many comparisons are corrected by Holm', () => {
    const corrected = holm([0.01, 0.04, 0.03, 0.005]);
    for (const [index, expected] of [0.03, 0.06, 0.06, 0.02].entries())
      expect(corrected[index]).toBeCloseTo(expected, 12);
  });
});

describe('regressions', () => {
  const before = Array.from({ length: 12 }, (_, index) => 100 + index);
  it('are only reported when significant and large enough, in the direction that is worse', async () => {
    const shift = (by: number) => before.map((value) => value * by);
    await bench.write(
      'm/before.json',
      JSON.stringify({
        slow: before,
        little: before,
        rate: { unit: 'ops/s', samples: before },
        gone: before,
      }),
    );
    await bench.write(
      'm/now.json',
      JSON.stringify({
        slow: shift(1.5),
        little: shift(1.02),
        rate: { unit: 'ops/s', samples: shift(1.5) },
        fresh: before,
      }),
    );
    const outcome = await bench.run('performance_regression', {
      path: 'm',
      baseline: 'm/before.json',
      current: 'm/now.json',
    });
    expect(outcome.findings.map(({ message }) => message.split(' ')[0])).toEqual(['slow']);
    expect(outcome.output).toMatchObject({
      regression: true,
      comparisons: [{ verdict: 'slower' }, { verdict: 'same' }, { verdict: 'faster' }],
      only_in_baseline: ['gone'],
      only_in_current: ['fresh'],
    });
  });

  it.each([
    ['{"a": [1, 2]}', ['a']],
    ['{"benchmarks": [{"name": "b", "samples": [1]}]}', ['b']],
    ['[{"name": "c", "values": [1]}]', ['c']],
  ])('read %s', (text, names) => {
    expect(readMeasurements(text, 'x').map(({ name }) => name)).toEqual(names);
  });

  it('name the form when there are no samples', () => {
    expect(() => readMeasurements('{"a": "b"}', 'x.json')).toThrow(/x\.json.*samples/);
    expect(() => readMeasurements('{', 'x.json')).toThrow(/no JSON/);
  });
});

describe('load', () => {
  it('percentiles are those of the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(latencyOf(values)).toEqual({ p10: 10, p50: 50, p95: 95, p99: 99, max: 100, mean: 50.5 });
    expect(percentile([], 0.5)).toBe(0);
  });

  it('counts errors, stops on a server that only fails, and stays on its host', async () => {
    let requests = 0;
    const server = createServer((_, response) => {
      requests += 1;
      response.writeHead(503).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const outcome = await bench.run('load_test', { url, requests: 1000, concurrency: 5 });
      expect(outcome.output).toMatchObject({ results: [{ error_share: 1, stopped: 'errors' }] });
      expect(requests).toBeLessThan(80);
      expect(outcome.findings.map(({ rule }) => rule)).toEqual(['performance.error_rate']);
      const away = await bench.run('load_test', { url, routes: ['//example.com/'] });
      expect(away.error).toMatchObject({ code: 'tools.network.url_invalid' });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('is refused for addresses that are not public', async () => {
    const outcome = await bench.run('load_test', { url: 'http://10.0.0.1/', requests: 1 });
    expect(outcome.error).toMatchObject({ code: 'tools.network.address_denied' });
  });
});

describe('profiles', () => {
  const frame = (id: number, functionName: string, children: number[] = []) => ({
    id,
    callFrame: {
      functionName,
      url: functionName.startsWith('(') ? '' : 'file:///work/src/a.js',
      lineNumber: 4,
      columnNumber: 0,
    },
    children,
  });

  it('sum own time and that of what is called, recursion once, idle time left out', () => {
    const profile = parseProfile(
      JSON.stringify({
        nodes: [
          frame(1, '(root)', [2, 5]),
          frame(2, 'outer', [3]),
          frame(3, 'inner', [4]),
          frame(4, 'inner'),
          frame(5, '(idle)'),
        ],
        samples: [2, 3, 4, 5],
        timeDeltas: [1000, 3000, 4000, 90_000],
      }),
    );
    const { busyMs, functions } = functionsOf(
      profile ?? { nodes: [], samples: [], timeDeltas: [] },
      '/work',
    );
    expect(busyMs).toBe(8);
    expect(
      functions.map(({ name, path, line, selfMs, totalMs }) => [name, path, line, selfMs, totalMs]),
    ).toEqual([
      ['inner', 'src/a.js', 5, 7, 7],
      ['outer', 'src/a.js', 5, 1, 8],
    ]);
  });

  it('read no line of a file outside, whatever the profiled program writes', async () => {
    await bench.write('secret.txt', 'a line of the host\n');
    const forged = JSON.stringify({
      nodes: [
        {
          id: 1,
          callFrame: {
            functionName: 'f',
            url: 'file:///work/../secret.txt',
            lineNumber: 0,
            columnNumber: 0,
          },
        },
      ],
      samples: [1],
      timeDeltas: [900_000],
    });
    await bench.write(
      'forging/a.js',
      `require('node:fs').mkdirSync('/work/.automatos-profile', { recursive: true });\nrequire('node:fs').writeFileSync('/work/.automatos-profile/z.cpuprofile', ${JSON.stringify(forged + ' '.repeat(3_000_000))});\n`,
    );
    const outcome = await bench.run('profile_command', { path: 'forging', command: 'node a.js' });
    expect(outcome.findings).toEqual([]);
    expect(outcome.output).toMatchObject({ hot_functions: [{ name: 'f', path: null }] });
  });

  it('are asked for in vain of a command that is no Node', async () => {
    await bench.write('plain/a.txt', 'x');
    const outcome = await bench.run('profile_command', { path: 'plain', command: 'true' });
    expect(outcome.error).toMatchObject({ code: 'tools.profile.none' });
  });
});

describe('bundles', () => {
  it('source maps give the characters of each source', () => {
    const map = parseSourceMap(
      JSON.stringify({
        sources: ['a.js', '../node_modules/@x/y/index.js'],
        mappings: 'AAAA,IAAA,ICAA;gBAAA',
      }),
    );
    // Columns 0–4 and 4–8 of the first line are the first source, the rest the second; then from column 16 on.
    const counts =
      map === undefined ? new Map() : charactersBySource(map, 'aaaaaaaabbb\n0123456789012345cc');
    expect(Object.fromEntries(counts)).toEqual({
      'a.js': 8,
      '../node_modules/@x/y/index.js': 4 + 3,
    });
    expect(packageOf('../node_modules/old/node_modules/@x/y/lib/a.js')).toEqual({
      name: '@x/y',
      folder: 'node_modules/old/node_modules/@x/y',
    });
    expect(packageOf('src/a.js')).toBeUndefined();
  });

  it.each([
    ['function a(b,c){return b.map(d=>d+c).filter(Boolean)}var e=a([1,2],3);', true],
    ['function add(first, second) {\n  return first + second;\n}\n', false],
  ])('%j is minified: %s', (text, is) => {
    expect(isMinified(text)).toBe(is);
  });
});

describe('query plans', () => {
  it.each([
    ["((status = 'open'::text) AND (id > 5))", 'CREATE INDEX ON "orders" ("status", "id");'],
    ['(deleted_at IS NULL)', 'CREATE INDEX ON "orders" ("deleted_at");'],
    ["(lower(name) = 'a'::text)", undefined],
    ['(a = 1) OR (b = 2)', undefined],
    ['(a ~~ broken', undefined],
  ])('index for %s', (filter, statement) => {
    const made = suggestIndex('orders', filter);
    expect(made?.replaceAll(/["\s]/g, '').toLowerCase()).toBe(
      statement?.replaceAll(/["\s]/g, '').toLowerCase(),
    );
  });

  it('rows count all loops, lines are those of the file; other JSON is no plan', () => {
    const text = JSON.stringify(
      [
        {
          Plan: {
            'Node Type': 'Nested Loop',
            'Plan Rows': 1,
            Plans: [
              { 'Node Type': 'Seq Scan', 'Plan Rows': 2, 'Actual Rows': 3, 'Actual Loops': 4 },
            ],
          },
        },
      ],
      null,
      1,
    );
    const root = readPlans(text)?.[0]?.root;
    expect(root?.children[0]).toMatchObject({ actualRows: 12, plannedRows: 8, line: 8 });
    expect(readPlans('{"a": 1}')).toBeUndefined();
    expect(readPlans('no')).toBeUndefined();
  });
});
