import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestBench, type TestBench } from '../test-executor.fixture.ts';
import { maskMessage } from './drain.ts';
import { findChangePoints } from './find-changes.ts';
import { parseLogLine } from './parse-line.ts';

let bench: TestBench;

/** Two hours of a service, one entry each 10 s; from minute 60 to 90 the database is away. */
function serviceLog(): string {
  const lines: string[] = [];
  for (let index = 0; index < 720; index++) {
    const time = new Date(Date.UTC(2026, 2, 1, 8, 0, index * 10)).toISOString();
    const minute = index / 6;
    if (minute >= 60 && minute < 90) {
      lines.push(
        `${time} ERROR [pool-${index % 5}] connection to 10.0.0.${index % 9}:5432 refused after ${index} ms`,
      );
      lines.push('    at connect (pool.js:12:3)');
    } else lines.push(`${time} INFO request ${index} served in ${index % 90} ms`);
  }
  lines.push('2026-03-01T10:00:01.000Z FATAL disk full');
  return `${lines.join('\n')}\n`;
}

beforeAll(async () => {
  bench = await createTestBench();
  await bench.write('logs/service.log', serviceLog());
});
afterAll(() => bench.close());

describe('a line', () => {
  it.each([
    [
      '2026-03-01 08:00:00,123 WARN  pool is full',
      { timeMs: Date.UTC(2026, 2, 1, 8, 0, 0, 123), level: 'warn', message: 'WARN  pool is full' },
    ],
    [
      '2026-03-01T09:00:00+01:00 [error] no route',
      { timeMs: Date.UTC(2026, 2, 1, 8), level: 'error' },
    ],
    [
      '{"level":50,"time":1772352000000,"msg":"boom"}',
      { timeMs: 1772352000000, level: 'error', message: 'boom' },
    ],
    [
      '10.0.0.1 - - [01/Mar/2026:08:00:00 +0000] "GET /x HTTP/1.1" 503 12',
      { timeMs: Date.UTC(2026, 2, 1, 8), level: 'error' },
    ],
    [
      'Mar  1 08:00:00 host sshd[1]: Failed password',
      { timeMs: Date.UTC(2026, 2, 1, 8), level: 'unknown' },
    ],
    ['level=warn msg="slow"', { timeMs: null, level: 'warn' }],
    ['{ not json', { timeMs: null, level: 'unknown' }],
  ])('%s', (line, expected) => {
    expect(parseLogLine(line, 2026)).toMatchObject(expected);
  });

  it('is masked where values vary', () => {
    expect(maskMessage('user 42 at 10.0.0.1:80 took 3.5ms for "x" id 0a1b2c3d4e')).toBe(
      'user <num> at <ip> took <num> for <text> id <hex>',
    );
  });
});

describe('log_cluster', () => {
  it('groups what differs only in values, errors first, with times and lines', async () => {
    const outcome = await bench.run('log_cluster', { path: 'logs' });
    expect(outcome).toMatchObject({
      status: 'success',
      output: { entries: 721, clusters_total: 3, by_level: { fatal: 1, error: 180, info: 540 } },
    });
    const { clusters } = outcome.output as { clusters: Record<string, unknown>[] };
    expect(clusters[0]).toMatchObject({
      count: 180,
      level: 'error',
      first_time: '2026-03-01T09:00:00.000Z',
      first: { path: 'service.log', line: 361 },
    });
    expect(
      outcome.findings.map((finding) => [finding.rule, finding.severity, finding.location?.line]),
    ).toEqual([
      ['logs.fatal_cluster', 'critical', 901],
      ['logs.error_cluster', 'high', 361],
    ]);
  });

  it('says when there is no log', async () => {
    await bench.write('none/readme.md', 'x');
    expect(await bench.run('log_cluster', { path: 'none' })).toMatchObject({
      status: 'error',
      error: { code: 'tools.logs.none' },
    });
  });
});

describe('error_rates', () => {
  it('counts by span without gaps', async () => {
    const outcome = await bench.run('error_rates', {
      path: 'logs/service.log',
      bucket_seconds: 600,
    });
    const { buckets } = outcome.output as { buckets: { errors: number }[] };
    expect(buckets.map((bucket) => bucket.errors)).toEqual([
      0, 0, 0, 0, 0, 0, 60, 60, 60, 0, 0, 0, 1,
    ]);
    expect(outcome.output).toMatchObject({
      errors: 181,
      worst: { start: '2026-03-01T09:00:00.000Z', errors: 60 },
    });
  });
});

describe('change_points', () => {
  it('finds the beginning and the end of the incident', async () => {
    const outcome = await bench.run('change_points', {
      path: 'logs/service.log',
      bucket_seconds: 300,
    });
    expect(outcome.output).toMatchObject({
      changes: [
        { direction: 'up', time: '2026-03-01T09:00:00.000Z', before: 0, after: 30 },
        { direction: 'down', time: '2026-03-01T09:30:00.000Z' },
      ],
    });
    expect(outcome.findings[0]).toMatchObject({ rule: 'logs.level_rise', severity: 'high' });
  });

  it('finds nothing in noise, and one change in a noisy step', () => {
    const noise = Array.from({ length: 200 }, (_, index) => 50 + ((index * 7919) % 23) - 11);
    expect(findChangePoints(noise, { scoreMin: 5, lengthMin: 3, changesMax: 50 })).toEqual([]);
    const step = noise.map((value, index) => value + (index >= 120 ? 30 : 0));
    expect(
      findChangePoints(step, { scoreMin: 5, lengthMin: 3, changesMax: 50 }).map(
        (change) => change.index,
      ),
    ).toEqual([120]);
  });

  it('takes a series, and asks for one of both', async () => {
    expect(
      await bench.run('change_points', {
        series: [1, 1, 1, 9, 9, 9].map((value) => ({ value })),
        score_min: 2,
      }),
    ).toMatchObject({ output: { changes: [{ index: 3, direction: 'up' }] } });
    expect(await bench.run('change_points', {})).toMatchObject({
      status: 'error',
      error: { code: 'tools.arguments.invalid' },
    });
  });
});
