import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { SseMessage } from '@automatos/contracts';
import { deferred, PlatformError } from '@automatos/kernel';
import { afterEach, describe, expect, test } from 'vitest';
import { startEdge, testRoute, type EdgeFixture } from '../testing/edge-fixture.ts';
import { formatMessage, type SseTiming } from './sse.ts';

let fixture: EdgeFixture;
afterEach(() => fixture.close());

type Source = (call: {
  headers: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
}) => AsyncIterable<SseMessage>;

async function serve(
  source: Source,
  sse: SseTiming = { heartbeatMs: 15_000, stalledMsMax: 30_000 },
): Promise<number> {
  const route = testRoute({ operationId: 'stream', path: '/stream', kind: 'events' }, (call) =>
    Promise.resolve({ stream: source(call) }),
  );
  fixture = await startEdge([route], { settings: { sse } });
  return (await fixture.edge.listen({ host: '127.0.0.1', port: 0 })).port;
}

async function open(port: number, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const request = httpRequest({
    port,
    path: '/stream',
    headers: { accept: 'text/event-stream', ...headers },
  });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  return response;
}

async function readAll(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return text;
}

/** Reads on from where the last call stopped. */
async function readUntil(
  response: IncomingMessage,
  isEnough: (text: string) => boolean,
): Promise<string> {
  let text = '';
  while (!isEnough(text)) {
    const chunk = response.read() as Buffer | null;
    if (chunk === null) await once(response, 'readable');
    else text += String(chunk);
  }
  return text;
}

async function* messages(...items: SseMessage[]): AsyncGenerator<SseMessage> {
  yield* items;
}

describe('Server-Sent Events', () => {
  test('headers keep proxies from buffering and changing the stream', async () => {
    const port = await serve(() => messages({ id: '1', event: 'run.created', data: '{}' }));
    const response = await open(port);
    expect(response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    expect(response.headers['x-request-id']).toBeDefined();
    expect(await readAll(response)).toBe(': open\n\nid: 1\nevent: run.created\ndata: {}\n\n');
  });

  test('Last-Event-ID reaches the source', async () => {
    const port = await serve(({ headers }) =>
      messages({ data: `after ${headers['last-event-id']}` }),
    );
    expect(await readAll(await open(port, { 'last-event-id': '41' }))).toContain('data: after 41');
  });

  test('the first message is sent before the second exists', async () => {
    const second = deferred<void>();
    const port = await serve(async function* () {
      yield { data: 'one' };
      await second.promise;
      yield { data: 'two' };
    });
    const response = await open(port);
    const text = await readUntil(response, (read) => read.includes('data: one'));
    expect(text).not.toContain('data: two');
    second.resolve();
    expect(await readUntil(response, (read) => read.includes('data: two'))).toContain('data: two');
  });

  test('silence is filled with comments, so that proxies keep the connection', async () => {
    const end = deferred<void>();
    const port = await serve(
      async function* () {
        await end.promise;
        yield { data: 'end' };
      },
      { heartbeatMs: 5, stalledMsMax: 1000 },
    );
    const response = await open(port);
    expect(await readUntil(response, (read) => read.split(': alive').length > 3)).not.toContain(
      'data:',
    );
    end.resolve();
  });

  test('a failing source ends with the problem as last event', async () => {
    const port = await serve(async function* () {
      yield { data: 'one' };
      throw new PlatformError({
        code: 'run.log.gone',
        kind: 'unavailable',
        message: 'The log is away.',
      });
    });
    const text = await readAll(await open(port));
    const last = text.trim().split('\n\n').at(-1) ?? '';
    expect(last).toMatch(/^event: problem\ndata: /);
    expect(JSON.parse(last.slice(last.indexOf('{')))).toMatchObject({
      code: 'run.log.gone',
      status: 503,
      detail: 'The log is away.',
    });
  });

  test('a client that leaves ends the source', async () => {
    const ended = deferred<void>();
    const port = await serve(async function* ({ signal }) {
      yield { data: 'one' };
      await new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => resolve(), { once: true }),
      );
      ended.resolve();
    });
    const response = await open(port);
    await once(response, 'data');
    expect(await fixture.telemetry.exposition()).toContain(
      'amas_websocket_connections_active{transport="sse"} 1',
    );
    response.destroy();
    await ended.promise;
    await expect
      .poll(() => fixture.telemetry.exposition())
      .toContain('amas_websocket_connections_active{transport="sse"} 0');
  });

  test('a client that reads slowly holds the source back; memory stays bounded and nothing is lost', async () => {
    let produced = 0;
    const total = 400;
    const port = await serve(async function* () {
      for (; produced < total;) yield { id: String(++produced), data: 'x'.repeat(64 * 1024) };
    });
    const response = await open(port);
    await once(response, 'readable');
    // The source may fill the sockets' buffers (a few MB), then it has to wait.
    let before = -1;
    await expect
      .poll(
        () => {
          const stands = produced === before;
          before = produced;
          return stands;
        },
        { interval: 100 },
      )
      .toBe(true);
    expect(produced).toBeLessThan(total);
    const ids = [...(await readAll(response)).matchAll(/^id: (\d+)$/gm)].map((match) =>
      Number(match[1]),
    );
    expect(ids).toEqual(Array.from({ length: total }, (_, index) => index + 1));
  });

  test('a client that stops reading is cut and counted', async () => {
    const port = await serve(
      async function* () {
        for (;;) yield { data: 'x'.repeat(256 * 1024) };
      },
      { heartbeatMs: 1000, stalledMsMax: 30 },
    );
    const response = await open(port);
    response.pause();
    await expect
      .poll(() => fixture.telemetry.exposition())
      .toContain('amas_websocket_drops_total{reason="slow"} 1');
    response.destroy();
  });

  test('a stopping server ends streams, even when the source looks at no signal', async () => {
    const port = await serve(async function* () {
      yield { data: 'one' };
      await new Promise(() => undefined);
    });
    const response = await open(port);
    await once(response, 'data');
    const closing = fixture.edge.close();
    expect(await readAll(response)).toBe('');
    await closing;
  });
});

test('line breaks inside data become several data lines', async () => {
  fixture = await startEdge([]);
  expect(formatMessage({ id: '1', data: 'a\nb\r\nc\rd' })).toBe(
    'id: 1\ndata: a\ndata: b\ndata: c\ndata: d\n\n',
  );
});
