import { silentLogger, systemClock, type Logger } from '@automatos/kernel';
import { afterEach, describe, expect, test } from 'vitest';
import { createTelemetry, METRIC_DEFINITIONS, type Telemetry } from './index.ts';

let telemetry: Telemetry;
function start(options: { strict: boolean; logger?: Logger }) {
  telemetry = createTelemetry({
    clock: systemClock,
    logger: options.logger ?? silentLogger,
    version: '1.2.3',
    strict: options.strict,
  });
  return telemetry;
}
afterEach(() => telemetry.stop());

/** Values of one series in the exposition text. */
async function series(name: string): Promise<Record<string, number>> {
  const text = await telemetry.exposition();
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return Object.fromEntries(
    lines.map((line) => [
      line.slice(name.length, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' '))),
    ]),
  );
}

describe('metrics', () => {
  test('counters with a fixed label set start at 0, so that increase() sees the first event', async () => {
    start({ strict: true });
    expect(await series('amas_websocket_drops_total')).toEqual({
      '{reason="slow"}': 0,
      '{reason="auth"}': 0,
      '{reason="error"}': 0,
    });
    telemetry.metrics.count('amas_websocket_drops_total', { reason: 'slow' });
    expect((await series('amas_websocket_drops_total'))['{reason="slow"}']).toBe(1);
  });

  test('counters whose labels come from data have no series before the first event', async () => {
    start({ strict: true });
    expect(await series('amas_tool_calls_total')).toEqual({});
  });

  test('a gauge that nobody set has no series', async () => {
    start({ strict: true });
    expect(await series('amas_runs_unowned')).toEqual({});
    telemetry.metrics.set('amas_runs_unowned', {}, 0);
    expect(await series('amas_runs_unowned')).toEqual({ '': 0 });
  });

  test.each([
    ['a name that is not declared', (t: Telemetry) => t.metrics.count('amas_unknown_total')],
    [
      'a label that is not declared',
      (t: Telemetry) =>
        t.metrics.count('amas_websocket_drops_total', { reason: 'slow', user: 'u1' }),
    ],
    ['a missing label', (t: Telemetry) => t.metrics.count('amas_websocket_drops_total')],
    [
      'a value outside the closed list',
      (t: Telemetry) => t.metrics.count('amas_websocket_drops_total', { reason: 'boredom' }),
    ],
    [
      'the wrong kind',
      (t: Telemetry) => t.metrics.set('amas_websocket_drops_total', { reason: 'slow' }, 1),
    ],
    [
      'a value that is no number',
      (t: Telemetry) => t.metrics.set('amas_tasks_active', {}, Number.NaN),
    ],
  ])('%s throws in tests and is logged once in production', (_name, misuse) => {
    expect(() => misuse(start({ strict: true }))).toThrow(/metric/);
    telemetry.stop();
    const problems: object[] = [];
    start({ strict: false, logger: { ...silentLogger, error: (fields) => problems.push(fields) } });
    misuse(telemetry);
    misuse(telemetry);
    expect(problems).toHaveLength(1);
  });

  test('at most 500 endpoints become label values, the rest is counted as other', async () => {
    start({ strict: true });
    for (let index = 0; index < 510; index += 1) {
      telemetry.metrics.count('amas_http_requests_total', {
        method: 'GET',
        endpoint: `/e/${index}`,
        status_code: '200',
      });
    }
    const counted = await series('amas_http_requests_total');
    expect(Object.keys(counted)).toHaveLength(501);
    expect(counted['{method="GET",endpoint="other",status_code="200"}']).toBe(10);
  });

  test('no metric has a label that identifies a person, workspace, run or address', () => {
    const labels = Object.values(METRIC_DEFINITIONS).flatMap((definition) =>
      Object.keys(definition.labels),
    );
    expect(
      labels.filter((label) => /user|workspace|run_id|ip|address|url|email/.test(label)),
    ).toEqual([]);
  });
});

describe('samples', () => {
  test('the exposition carries system, event-loop and build gauges', async () => {
    start({ strict: true });
    expect(await series('amas_build_info')).toEqual({
      [`{version="1.2.3",node="${process.version}"}`]: 1,
    });
    const [memory] = Object.values(await series('amas_system_memory_usage_percent'));
    expect(memory).toBeGreaterThan(0);
    expect(memory).toBeLessThanOrEqual(100);
    expect(Object.keys(await series('amas_event_loop_lag_seconds'))).toEqual([
      '{quantile="0.5"}',
      '{quantile="0.99"}',
    ]);
  });

  test('a blocked event loop shows as lag', async () => {
    start({ strict: true });
    const ticks = () => new Promise((resolve) => setTimeout(resolve, 60));
    await ticks();
    const until = performance.now() + 150;
    while (performance.now() < until);
    await ticks();
    expect(telemetry.sample().eventLoopLagMs.p99).toBeGreaterThan(50);
  });
});

describe('endpoint figures', () => {
  test('calls, server errors, mean and p95', () => {
    const { endpointStats } = start({ strict: true });
    for (let index = 1; index <= 100; index += 1) {
      endpointStats.record({
        method: 'GET',
        endpoint: '/a',
        status: index % 10 === 0 ? 500 : 404,
        durationMs: index,
      });
    }
    expect(endpointStats.list()).toEqual([
      {
        method: 'GET',
        endpoint: '/a',
        calls: 100,
        errors: 10,
        errorRate: 0.1,
        meanMs: 50.5,
        p95Ms: 95,
      },
    ]);
  });

  test('keeps at most 500 endpoints', () => {
    const { endpointStats } = start({ strict: true });
    for (let index = 0; index < 600; index += 1) {
      endpointStats.record({ method: 'GET', endpoint: `/${index}`, status: 200, durationMs: 1 });
    }
    expect(endpointStats.list()).toHaveLength(500);
  });
});
