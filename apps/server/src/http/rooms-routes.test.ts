import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runRoutes } from '@automatos/contracts';
import { PlatformError, silentLogger, systemClock } from '@automatos/kernel';
import { createToolRegistry, createWorkspaceRoots } from '@automatos/tools';
import { createTelemetry } from '@automatos/telemetry';
import { afterEach, describe, expect, test } from 'vitest';
import { startEdge, type EdgeFixture } from '../testing/edge-fixture.ts';
import { createMemoryRuns } from '../testing/memory-runs.ts';
import { createPlatformRoutes } from './platform-routes.ts';
import { createRunRoutes } from './run-routes.ts';
import { createSystemRoutes, type HealthCheck, type SystemRoutesDeps } from './system-routes.ts';

let fixture: EdgeFixture;
afterEach(() => fixture.close());
const owner = { authorization: 'Bearer owner' };
const stranger = { authorization: 'Bearer owner@other' };

describe('run routes', () => {
  async function serve(allowed: string[] = []) {
    const runs = createMemoryRuns();
    const telemetry = createTelemetry({
      clock: systemClock,
      logger: silentLogger,
      version: 'test',
      strict: true,
    });
    telemetry.stop();
    const routes = createRunRoutes({
      runs,
      reads: runs,
      emailOf: async () => undefined,
      roots: createWorkspaceRoots(allowed),
      clock: systemClock,
      metrics: telemetry.metrics,
    });
    fixture = await startEdge(routes, {
      settings: { sse: { heartbeatMs: 15_000, stalledMsMax: 1000 } },
    });
    return runs;
  }
  const get = (url: string, headers: Record<string, string> = owner) =>
    fixture.edge.inject({ url, headers });

  test('another workspace finds no run by any route', async () => {
    const runs = await serve();
    const run = runs.add();
    const {
      list,
      steps: _steps,
      findings: _findings,
      artifacts: _artifacts,
      ...single
    } = runRoutes;
    const queries: Record<string, string> = {
      getRunSource: '?path=a',
      compareRuns: `?left=${run.id}&right=${run.id}`,
    };
    const bodies: Record<string, object> = { signalRun: { name: 'go' } };
    // Limits, approvals and lists are of the caller's own workspace and name no run in their path.
    const ofRuns = Object.values(single).filter(
      ({ path, operationId }) => path.includes(':run_id') || operationId === 'compareRuns',
    );
    for (const spec of ofRuns) {
      const url = spec.path.replace(':run_id', run.id).replace(':artifact_id', run.id);
      const query = queries[spec.operationId] ?? '';
      const payload = bodies[spec.operationId];
      const answer = await fixture.edge.inject({
        method: spec.method,
        url: url + query,
        headers: stranger,
        ...(payload === undefined ? {} : { payload }),
      });
      expect([spec.operationId, answer.statusCode]).toEqual([spec.operationId, 404]);
    }
    expect((await get(list.path, stranger)).json()).toMatchObject({ items: [] });
  });

  test('events as a page, and as a stream that resumes after Last-Event-ID and ends with the run', async () => {
    const runs = await serve();
    const run = runs.add();
    for (const type of ['run.started', 'step.progress', 'run.completed'] as const)
      runs.emit(run.id, type);
    const page = await get(`/api/runs/${run.id}/events?after=1&limit=2`);
    expect(page.json<{ items: { seq: number }[] }>().items.map((event) => event.seq)).toEqual([
      2, 3,
    ]);
    expect(page.json()).toMatchObject({ last_seq: 4 });
    const stream = (headers: Record<string, string>) =>
      get(`/api/runs/${run.id}/events?after=1`, {
        ...owner,
        accept: 'text/event-stream',
        ...headers,
      });
    const ids = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map((match) => match[1]);
    expect(ids((await stream({})).body)).toEqual(['2', '3', '4']);
    const resumed = await stream({ 'last-event-id': '3' });
    expect(ids(resumed.body)).toEqual(['4']);
    expect(resumed.body).toContain('event: run.completed\ndata: {');
    expect(
      (
        await get('/api/runs/00000000-0000-7000-8000-000000000009/events', {
          ...owner,
          accept: 'text/event-stream',
        })
      ).statusCode,
    ).toBe(404);
  });

  test('viewers watch, members steer', async () => {
    const runs = await serve();
    const run = runs.add();
    const pause = (authorization: string) =>
      fixture.edge.inject({
        method: 'POST',
        url: `/api/runs/${run.id}/pause`,
        headers: { authorization },
      });
    expect((await pause('Bearer viewer')).statusCode).toBe(403);
    expect((await pause('Bearer member')).json()).toMatchObject({ status: 'paused' });
  });

  describe('source', () => {
    function makeFolders() {
      const base = mkdtempSync(join(tmpdir(), 'source-'));
      mkdirSync(join(base, 'repo', 'src'), { recursive: true });
      mkdirSync(join(base, 'other'));
      writeFileSync(join(base, 'repo', 'src', 'a.ts'), 'one\ntwo\r\nthree\nfour\nfive');
      writeFileSync(join(base, 'other', 'secret.txt'), 'secret');
      writeFileSync(join(base, 'repo', 'b.bin'), Buffer.from([0, 1, 2]));
      symlinkSync(join(base, 'other', 'secret.txt'), join(base, 'repo', 'link.txt'));
      return base;
    }

    test('gives the lines around a finding', async () => {
      const base = makeFolders();
      const runs = await serve([base]);
      const run = runs.add({ inputs: { path: join(base, 'repo') } });
      const answer = await get(`/api/runs/${run.id}/source?path=src/a.ts&line=3&context=1`);
      expect(answer.json()).toEqual({
        path: 'src/a.ts',
        start_line: 2,
        lines: ['two', 'three', 'four'],
        total_lines: 5,
      });
      const beyond = await get(`/api/runs/${run.id}/source?path=src/a.ts&line=99&context=1`);
      expect(beyond.json()).toMatchObject({ start_line: 4, lines: ['four', 'five'] });
    });

    test.each([
      ['a folder above', '../other/secret.txt'],
      ['an absolute path', '/etc/passwd'],
      ['a link that leads out', 'link.txt'],
      ['a folder', 'src'],
      ['what is not there', 'src/none.ts'],
    ])('%s is not available', async (_name, path) => {
      const base = makeFolders();
      const runs = await serve([base]);
      const run = runs.add({ inputs: { path: join(base, 'repo') } });
      const answer = await get(`/api/runs/${run.id}/source?path=${encodeURIComponent(path)}`);
      expect(answer.json()).toMatchObject({ status: 404, code: 'run.source.not_available' });
    });

    test('a run whose folder the operator does not allow shows nothing, a binary file says so', async () => {
      const base = makeFolders();
      const runs = await serve([join(base, 'repo')]);
      const outside = runs.add({ inputs: { path: join(base, 'other') } });
      expect((await get(`/api/runs/${outside.id}/source?path=secret.txt`)).statusCode).toBe(404);
      const inside = runs.add({ inputs: { path: join(base, 'repo') } });
      expect((await get(`/api/runs/${inside.id}/source?path=b.bin`)).json()).toMatchObject({
        status: 400,
        code: 'tools.file.binary',
      });
    });

    test('an input file shows itself and nothing beside it', async () => {
      const base = makeFolders();
      const runs = await serve([base]);
      const run = runs.add({ inputs: { log: join(base, 'repo', 'src', 'a.ts') } });
      writeFileSync(join(base, 'repo', 'src', 'z.ts'), 'z');
      expect((await get(`/api/runs/${run.id}/source?path=a.ts`)).statusCode).toBe(200);
      expect((await get(`/api/runs/${run.id}/source?path=z.ts`)).statusCode).toBe(404);
    });
  });
});

describe('tools', () => {
  test('are listed with schemas, searched and paged without loss', async () => {
    const routes = createPlatformRoutes({
      tools: createToolRegistry(),
      providers: { list: () => Promise.resolve([]), models: () => [] },
      database: { workspace: () => Promise.reject(new Error('unused')) },
      clock: systemClock,
    });
    fixture = await startEdge(routes);
    const get = (url: string) => fixture.edge.inject({ url, headers: owner });
    const all = (await get('/api/tools?limit=100')).json<{
      items: { name: string; input_schema: object }[];
      total: number;
    }>();
    expect(all.items.length).toBe(all.total);
    expect(all.items[0]?.input_schema).toMatchObject({ type: 'object' });
    const names: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: { items: { name: string }[]; next_cursor: string | null } = (
        await get(`/api/tools?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`)
      ).json();
      names.push(...page.items.map((tool) => tool.name));
      cursor = page.next_cursor;
    }
    expect(names).toEqual(all.items.map((tool) => tool.name));
    expect((await get('/api/tools?cursor=xx')).json()).toMatchObject({
      status: 400,
      errors: [{ pointer: '/query/cursor' }],
    });
    expect(
      (await get('/api/tools?search=secret')).json<{ items: unknown[] }>().items.length,
    ).toBeGreaterThan(0);
    expect((await get('/api/tools/no_such_tool')).statusCode).toBe(404);
  });
});

describe('system routes', () => {
  async function serve(checks: HealthCheck[], overrides: Partial<SystemRoutesDeps> = {}) {
    const telemetry = createTelemetry({
      clock: systemClock,
      logger: silentLogger,
      version: '1.2.3',
    });
    telemetry.stop();
    const routes = createSystemRoutes({
      version: '1.2.3',
      clock: systemClock,
      logger: silentLogger,
      telemetry,
      checks,
      runs: createMemoryRuns(),
      notes: () => Promise.resolve(['FSYNC has no effect.']),
      ...overrides,
    });
    fixture = await startEdge(routes, {
      metrics: telemetry.metrics,
      endpointStats: telemetry.endpointStats,
    });
  }
  const get = (url: string, headers: Record<string, string> = {}) =>
    fixture.edge.inject({ url, headers });
  const good: HealthCheck = { name: 'database', check: () => Promise.resolve('answers') };
  const bad: HealthCheck = {
    name: 'redis',
    check: () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.5')),
  };

  test('/health lives whatever the dependencies say; /ready is 503 with the reason', async () => {
    await serve([good, bad]);
    expect((await get('/health')).json()).toEqual({ status: 'ok', version: '1.2.3' });
    const ready = await get('/ready');
    expect(ready.statusCode).toBe(503);
    expect(ready.json()).toEqual({
      ready: false,
      checks: [
        { name: 'database', ok: true, detail: 'answers' },
        { name: 'redis', ok: false, detail: 'failed; the log says why' },
      ],
    });
  });

  test('a stopping process is not ready; a hanging check is given up', async () => {
    await serve([good], { isStopping: () => true });
    expect((await get('/ready')).statusCode).toBe(503);
    await fixture.close();
    const never: HealthCheck = { name: 'slow', check: () => new Promise(() => undefined) };
    await serve([never], { clock: { now: () => Date.now(), sleep: () => Promise.resolve() } });
    expect((await get('/ready')).json()).toMatchObject({
      checks: [{ ok: false, detail: 'no answer in 3000 ms' }],
    });
  });

  test('a known failure is told in its own words', async () => {
    const check = () =>
      Promise.reject(
        new PlatformError({ code: 'x.y.z', kind: 'unavailable', message: 'The queue is full.' }),
      );
    await serve([{ name: 'queue', check }]);
    expect((await get('/ready')).json()).toMatchObject({
      checks: [{ detail: 'The queue is full.' }],
    });
  });

  test('system health joins checks, load, runs and notes', async () => {
    await serve([good, bad]);
    const body = (await get('/api/system/health', owner)).json<{
      components: { name: string; status: string }[];
    }>();
    expect(body).toMatchObject({
      status: 'critical',
      version: '1.2.3',
      runs: { running: 1, completed_24h: 2 },
      notes: ['FSYNC has no effect.'],
    });
    expect(body.components.map((component) => component.name)).toEqual([
      'database',
      'redis',
      'api',
      'cpu',
      'memory',
    ]);
    expect((await get('/api/system/health')).statusCode).toBe(401);
  });

  test('/metrics is Prometheus text; endpoint figures come from real calls', async () => {
    await serve([good]);
    await get('/health');
    const metrics = await get('/metrics');
    expect(metrics.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(metrics.body).toContain(
      'amas_http_requests_total{method="GET",endpoint="/health",status_code="200"} 1',
    );
    const rows = (await get('/api/health/endpoints', owner)).json<{
      items: { endpoint: string; calls: number; error_rate: number }[];
    }>();
    expect(rows.items).toContainEqual(
      expect.objectContaining({ endpoint: '/health', calls: 1, error_rate: 0 }),
    );
  });
});
