import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deferred, silentLogger, systemClock } from '@automatos/kernel';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import {
  createTestAuthenticator,
  startEdge,
  testRoute,
  type EdgeFixture,
} from './testing/edge-fixture.ts';
import { createMemoryRuns } from './testing/memory-runs.ts';
import {
  createWebServer,
  isApiPath,
  loadNextRenderer,
  type PageRenderer,
  type WebServer,
} from './web.ts';
import { createRealtimeGateway } from './ws/gateway.ts';

let fixture: EdgeFixture;
let web: WebServer;
afterEach(async () => {
  await web.close();
  await fixture.close();
});

async function serve(loadRenderer: () => Promise<PageRenderer>, trustProxy: string[] = []) {
  const who = testRoute(
    { operationId: 'who', path: '/api/who', response: z.object({ address: z.string() }) },
    (call) => Promise.resolve({ body: { address: call.remoteAddress } }),
  );
  const stream = testRoute({ operationId: 'stream', path: '/api/stream', kind: 'events' }, () =>
    Promise.resolve({
      stream: (async function* () {
        yield { data: 'one' };
        await new Promise(() => undefined);
      })(),
    }),
  );
  const realtime = createRealtimeGateway({
    authenticator: createTestAuthenticator(),
    runs: createMemoryRuns(),
    sampleMetrics: () => Promise.reject(new Error('unused')),
    settings: { corsAllowOrigins: [], trustProxy: [] },
    clock: systemClock,
    logger: silentLogger,
    metrics: { count() {}, observe() {}, set() {} },
  });
  fixture = await startEdge([who, stream], { realtime, settings: { trustProxy } });
  web = createWebServer({
    edge: fixture.edge,
    loadRenderer,
    settings: { trustProxy },
    logger: silentLogger,
  });
  const { url, port } = await web.listen({ host: '127.0.0.1', port: 0 });
  return { url, port };
}

const page = (): PageRenderer => ({
  handle: async (request, response) => void response.end(JSON.stringify(request.headers)),
  close: () => Promise.resolve(),
});

describe('the web port', () => {
  test('answers the API before pages can be rendered; pages wait', async () => {
    const loaded = deferred<PageRenderer>();
    const { url } = await serve(() => loaded.promise);
    expect(await (await fetch(`${url}/api/who`)).json()).toEqual({ address: '127.0.0.1' });
    const waiting = fetch(`${url}/dashboard`);
    loaded.resolve(page());
    expect((await waiting).status).toBe(200);
    await web.ready;
  });

  test('pages get security headers but not the CSP of the API, and no forged addresses', async () => {
    const { url } = await serve(() => Promise.resolve(page()));
    const answer = await fetch(`${url}/`, {
      headers: {
        'x-forwarded-for': '9.9.9.9',
        'x-forwarded-host': 'evil.example',
        forwarded: 'for=9.9.9.9',
      },
    });
    expect(answer.headers.get('x-frame-options')).toBe('DENY');
    expect(answer.headers.get('content-security-policy')).toBeNull();
    const file = await fetch(`${url}/_next/static/chunks/a.js`);
    expect(file.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(file.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await answer.text()).not.toMatch(/forwarded|evil/);
    expect((await fetch(`${url}/api/who`)).headers.get('content-security-policy')).toContain(
      "default-src 'none'",
    );
    const forged = await fetch(`${url}/api/who`, { headers: { 'x-forwarded-for': '9.9.9.9' } });
    expect(await forged.json()).toEqual({ address: '127.0.0.1' });
  });

  test('a trusted proxy is believed by both', async () => {
    const { url } = await serve(() => Promise.resolve(page()), ['127.0.0.1']);
    const headers = { 'x-forwarded-for': '9.9.9.9', 'x-forwarded-proto': 'https' };
    expect(await (await fetch(`${url}/api/who`, { headers })).json()).toEqual({
      address: '9.9.9.9',
    });
    expect(
      (await fetch(`${url}/`, { headers })).headers.get('strict-transport-security'),
    ).toContain('max-age=63072000');
  });

  test('event streams arrive unbuffered, WebSockets open once, and neither holds up the end', async () => {
    const { port } = await serve(() => Promise.resolve(page()));
    const request = httpGet({
      port,
      path: '/api/stream',
      headers: { accept: 'text/event-stream' },
    });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let text = '';
    response.setEncoding('utf8');
    while (!text.includes('data: one')) {
      const chunk = response.read() as string | null;
      if (chunk === null) await once(response, 'readable');
      else text += chunk;
    }
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, ['automatos'], {
      headers: { authorization: 'Bearer owner' },
    });
    await once(socket, 'open');
    socket.send('{"op":"ping"}');
    const [data] = (await once(socket, 'message')) as [Buffer];
    expect(data.toString()).toBe('{"op":"pong"}');
    const [[code]] = await Promise.all([once(socket, 'close') as Promise<[number]>, web.close()]);
    expect(code).toBe(1001);
  });

  test('without a build the API works and pages say what to do', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'web-'));
    const { url } = await serve(() => loadNextRenderer(folder, { host: '127.0.0.1', port: 0 }));
    await expect(web.ready).rejects.toThrow(/not built yet/);
    const answer = await fetch(`${url}/`);
    expect([answer.status, await answer.text()]).toEqual([
      503,
      expect.stringContaining('npm start'),
    ]);
    expect((await fetch(`${url}/api/who`)).status).toBe(200);
  });

  test('a page that throws is 500 without its reason', async () => {
    const handle = () => Promise.reject(new Error('hunter2'));
    const { url } = await serve(() => Promise.resolve({ handle, close: () => Promise.resolve() }));
    const answer = await fetch(`${url}/`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('hunter2');
  });

  test.each([
    ['/api/runs', true],
    ['/api', true],
    ['/ws', true],
    ['/docs?x=1', true],
    ['/openapi.json', true],
    ['/v1/models', true],
    ['/health', true],
    ['/', false],
    ['/apis', false],
    ['/runs/api', false],
    ['/_next/static/x.js', false],
    ['//api', false],
  ])('%s belongs to the API: %s', async (path, expected) => {
    await serve(() => Promise.resolve(page()));
    expect(isApiPath(path)).toBe(expected);
  });
});
