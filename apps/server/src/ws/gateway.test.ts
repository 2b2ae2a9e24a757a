import { once } from 'node:events';
import type { ServerFrame } from '@automatos/contracts';
import { newId, silentLogger, systemClock } from '@automatos/kernel';
import { createTelemetry, type Telemetry } from '@automatos/telemetry';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  createTestAuthenticator,
  OTHER_WORKSPACE_ID,
  startEdge,
  type EdgeFixture,
} from '../testing/edge-fixture.ts';
import { createMemoryRuns, type MemoryRuns } from '../testing/memory-runs.ts';
import { createRealtimeGateway, type RealtimeLimits } from './gateway.ts';

let fixture: EdgeFixture;
let telemetry: Telemetry;
let runs: MemoryRuns;
let authenticator: ReturnType<typeof createTestAuthenticator>;
let port: number;
const sockets: WebSocket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await fixture.close();
  telemetry.stop();
});

async function serve(limits: Partial<RealtimeLimits> = {}) {
  runs = createMemoryRuns();
  authenticator = createTestAuthenticator();
  telemetry = createTelemetry({
    clock: systemClock,
    logger: silentLogger,
    version: 'test',
    strict: true,
  });
  const realtime = createRealtimeGateway({
    authenticator,
    runs,
    sampleMetrics: () =>
      Promise.resolve({ cpu_percent: 1, memory_percent: 2, event_loop_lag_ms: 3, runs_active: 4 }),
    settings: { corsAllowOrigins: ['https://app.example'], trustProxy: [] },
    limits,
    clock: systemClock,
    logger: silentLogger,
    metrics: telemetry.metrics,
  });
  fixture = await startEdge([], { realtime });
  ({ port } = await fixture.edge.listen({ host: '127.0.0.1', port: 0 }));
}

interface Client {
  socket: WebSocket;
  frames: ServerFrame[];
  send(frame: object): void;
  /** The first frame that fits, come or yet to come. */
  until(test: (frame: ServerFrame) => boolean): Promise<ServerFrame>;
  closed: Promise<{ code: number; reason: string }>;
}

async function connect(
  options: { headers?: Record<string, string>; protocols?: string[]; path?: string } = {},
): Promise<Client> {
  const {
    headers = { authorization: 'Bearer owner' },
    protocols = ['automatos'],
    path = '/ws',
  } = options;
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { headers });
  sockets.push(socket);
  // A socket that ends before it opened, or is cut, tells so by its close too.
  socket.on('error', () => undefined);
  const frames: ServerFrame[] = [];
  let arrived = Promise.withResolvers<void>();
  socket.on('message', (data) => {
    frames.push(JSON.parse((data as Buffer).toString()) as ServerFrame);
    arrived.resolve();
    arrived = Promise.withResolvers<void>();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  );
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('unexpected-response', (_request, response) =>
      reject(new Error(`refused ${response.statusCode}`)),
    );
  });
  return {
    socket,
    frames,
    closed,
    send: (frame) => socket.send(JSON.stringify(frame)),
    async until(fits) {
      for (;;) {
        const found = frames.find(fits);
        if (found !== undefined) return found;
        await arrived.promise;
      }
    },
  };
}

const isEvent = (frame: ServerFrame) => frame.op === 'event';
const seqs = (client: Client) =>
  client.frames.flatMap((frame) => (frame.op === 'event' ? [frame.event.seq] : []));
const hasSeq = (seq: number) => (frame: ServerFrame) =>
  frame.op === 'event' && frame.event.seq === seq;

describe('who may open a WebSocket', () => {
  test.each([
    ['nobody', {}, 401],
    ['a wrong key', { authorization: 'Bearer wrong' }, 401],
    ['a cookie without an origin', { cookie: 'session=owner' }, 403],
    [
      'a cookie from another site',
      { cookie: 'session=owner', origin: 'https://evil.example' },
      403,
    ],
  ])('%s is refused', async (_name, headers, status) => {
    await serve();
    await expect(connect({ headers })).rejects.toThrow(`refused ${status}`);
  });

  test('a cookie of a page of this site or of an allowed one is let in', async () => {
    await serve();
    for (const origin of [`http://127.0.0.1:${port}`, 'https://app.example']) {
      const client = await connect({ headers: { cookie: 'session=owner', origin } });
      expect(client.socket.protocol).toBe('automatos');
    }
  });

  test('a ticket works once', async () => {
    await serve();
    const withTicket = () => connect({ headers: {}, protocols: ['automatos', 'ticket.owner'] });
    expect((await withTicket()).socket.protocol).toBe('automatos');
    await expect(withTicket()).rejects.toThrow('refused 401');
  });

  test('nothing in the URL is a proof', async () => {
    await serve();
    for (const query of ['ticket=owner', 'token=owner', 'api_key=owner']) {
      await expect(connect({ headers: {}, path: `/ws?${query}` })).rejects.toThrow('refused 401');
    }
  });

  test('other paths are no WebSockets', async () => {
    await serve();
    await expect(connect({ path: '/elsewhere' })).rejects.toThrow('refused 404');
  });

  test('beyond the greatest number of clients the next is told to come later', async () => {
    await serve({ clientsMax: 1 });
    await connect();
    await expect(connect()).rejects.toThrow('refused 503');
  });

  test.each([
    ['a header', {}],
    ['a ticket', { headers: {}, protocols: ['automatos', 'ticket.owner'] }],
  ])('who signs out loses sockets that were opened with %s', async (_with, options) => {
    await serve({ heartbeatMs: 20, recheckMs: 1 });
    const client = await connect(options);
    authenticator.revoked.add('owner');
    expect((await client.closed).code).toBe(4001);
    expect(await telemetry.exposition()).toContain('amas_websocket_drops_total{reason="auth"} 1');
  });
});

describe('rooms', () => {
  test('a run room sends what is stored after resume_after, then what comes, without gap or double', async () => {
    await serve();
    const run = runs.add();
    for (let count = 0; count < 5; count += 1) runs.emit(run.id, 'step.progress', { message: 'x' });
    const client = await connect();
    client.send({ op: 'subscribe', room: `run:${run.id}`, resume_after: 3 });
    expect(await client.until((frame) => frame.op === 'subscribed')).toEqual({
      op: 'subscribed',
      room: `run:${run.id}`,
      last_seq: 6,
    });
    await client.until(hasSeq(6));
    for (let count = 0; count < 3; count += 1) runs.emit(run.id, 'step.progress', { message: 'y' });
    await client.until(hasSeq(9));
    expect(seqs(client)).toEqual([4, 5, 6, 7, 8, 9]);
    expect(await telemetry.exposition()).toMatch(
      /amas_websocket_latency_seconds_count\{transport="ws"\} 3/,
    );
  });

  test('a client that reconnects with its last seq continues exactly there', async () => {
    await serve();
    const run = runs.add();
    const first = await connect();
    first.send({ op: 'subscribe', room: `run:${run.id}` });
    await first.until(hasSeq(1));
    first.socket.terminate();
    runs.emit(run.id, 'run.started');
    const second = await connect();
    second.send({ op: 'subscribe', room: `run:${run.id}`, resume_after: 1 });
    await second.until(hasSeq(2));
    expect(seqs(second)).toEqual([2]);
  });

  test('another workspace finds neither the run nor hears its events', async () => {
    await serve();
    const run = runs.add();
    const stranger = await connect({ headers: { authorization: 'Bearer owner@other' } });
    stranger.send({ op: 'subscribe', room: `run:${run.id}` });
    expect(await stranger.until((frame) => frame.op === 'error')).toMatchObject({
      code: 'run.item.not_found',
      room: `run:${run.id}`,
    });
    stranger.send({ op: 'subscribe', room: 'workspace' });
    await stranger.until((frame) => frame.op === 'subscribed');
    runs.emit(run.id, 'run.started');
    const own = runs.add({ workspaceId: OTHER_WORKSPACE_ID });
    const event = await stranger.until(isEvent);
    expect(event).toMatchObject({ event: { run_id: own.id } });
  });

  test('the workspace room carries every run, without token deltas', async () => {
    await serve();
    const client = await connect();
    client.send({ op: 'subscribe', room: 'workspace' });
    await client.until((frame) => frame.op === 'subscribed');
    const run = runs.add();
    runs.emit(run.id, 'llm.delta', { call_id: 'a', text: 'x' });
    runs.emit(run.id, 'run.started');
    await client.until(hasSeq(3));
    expect(seqs(client)).toEqual([1, 3]);
  });

  test.each(['workspace', 'metrics', `run:${newId()}`])(
    'room %s needs its permission',
    async (room) => {
      await serve();
      const guest = await connect({ headers: { authorization: 'Bearer guest' } });
      guest.send({ op: 'subscribe', room });
      expect(await guest.until((frame) => frame.op === 'error')).toMatchObject({
        code: 'auth.permission.missing',
        room,
      });
    },
  );

  test('the metrics room samples while somebody listens', async () => {
    await serve({ sampleMs: 10 });
    const client = await connect();
    client.send({ op: 'subscribe', room: 'metrics' });
    await client.until((frame) => frame.op === 'event' && client.frames.length > 3);
    expect(client.frames.find(isEvent)).toMatchObject({
      room: 'metrics',
      event: { type: 'metrics.sample', seq: 0, data: { cpu_percent: 1, runs_active: 4 } },
    });
  });

  test('leaving a room, or the server, ends its source', async () => {
    await serve();
    const run = runs.add();
    const client = await connect();
    client.send({ op: 'subscribe', room: `run:${run.id}` });
    await client.until(isEvent);
    expect(runs.followers).toBe(1);
    client.send({ op: 'unsubscribe', room: `run:${run.id}` });
    await client.until((frame) => frame.op === 'unsubscribed');
    await expect.poll(() => runs.followers).toBe(0);
    client.send({ op: 'subscribe', room: `run:${run.id}` });
    await expect.poll(() => runs.followers).toBe(1);
    client.socket.terminate();
    await expect.poll(() => runs.followers).toBe(0);
  });

  test('unknown rooms, broken frames and pings are answered; a babbler is closed', async () => {
    await serve();
    const client = await connect();
    client.send({ op: 'subscribe', room: 'kitchen' });
    expect(await client.until((frame) => frame.op === 'error')).toMatchObject({
      code: 'realtime.room.unknown',
    });
    client.send({ op: 'ping' });
    await client.until((frame) => frame.op === 'pong');
    for (let count = 0; count <= 10; count += 1) client.socket.send('{');
    expect((await client.closed).code).toBe(4400);
  });

  test('one client joins a bounded number of rooms', async () => {
    await serve({ roomsMax: 1 });
    const client = await connect();
    client.send({ op: 'subscribe', room: 'workspace' });
    client.send({ op: 'subscribe', room: 'metrics' });
    expect(await client.until((frame) => frame.op === 'error')).toMatchObject({
      code: 'realtime.room.limit',
    });
  });
});

describe('slow clients', () => {
  test('one that stops reading is dropped with the seq to resume after; others go on', async () => {
    await serve({ bufferedBytesMax: 64 * 1024 });
    const slow = await connect();
    const quick = await connect();
    for (const client of [slow, quick]) {
      client.send({ op: 'subscribe', room: 'workspace' });
      await client.until((frame) => frame.op === 'subscribed');
    }
    const run = runs.add();
    await slow.until(hasSeq(1));
    slow.socket.pause();
    let emitted = 1;
    while (
      !(await telemetry.exposition()).includes('amas_websocket_drops_total{reason="slow"} 1')
    ) {
      emitted = runs.emit(run.id, 'step.progress', { message: 'x'.repeat(64 * 1024) }).seq;
      await quick.until(hasSeq(emitted));
    }
    slow.socket.resume();
    expect((await slow.closed).code).toBe(4008);
    expect(slow.frames.at(-1)).toMatchObject({ op: 'dropped', room: 'workspace' });
    const last = slow.frames.at(-1) as Extract<ServerFrame, { op: 'dropped' }>;
    expect(last.resume_after).toBe(seqs(slow).at(-1));
    expect(seqs(quick).at(-1)).toBe(emitted);
  });

  test('the replay of a long run waits for a client that reads slowly and loses nothing', async () => {
    await serve({ bufferedBytesMax: 64 * 1024 });
    const run = runs.add();
    for (let count = 1; count < 300; count += 1)
      runs.emit(run.id, 'step.progress', { message: 'x'.repeat(32 * 1024) });
    const client = await connect();
    client.send({ op: 'subscribe', room: `run:${run.id}` });
    await client.until(isEvent);
    client.socket.pause();
    await once(process, 'nextTurn', { signal: AbortSignal.timeout(50) }).catch(() => undefined);
    client.socket.resume();
    await client.until(hasSeq(300));
    expect(seqs(client)).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
  });

  test('a run room whose client takes nothing for too long is dropped', async () => {
    await serve({ bufferedBytesMax: 64 * 1024, stalledMsMax: 30 });
    const run = runs.add();
    for (let count = 1; count < 500; count += 1)
      runs.emit(run.id, 'step.progress', { message: 'x'.repeat(64 * 1024) });
    const client = await connect();
    client.send({ op: 'subscribe', room: `run:${run.id}` });
    await client.until(isEvent);
    client.socket.pause();
    await expect
      .poll(() => telemetry.exposition())
      .toContain('amas_websocket_drops_total{reason="slow"} 1');
    await expect.poll(() => runs.followers).toBe(0);
  });

  test('one event larger than the whole queue still reaches a client that reads', async () => {
    await serve({ bufferedBytesMax: 64 * 1024 });
    const client = await connect();
    client.send({ op: 'subscribe', room: 'workspace' });
    await client.until((frame) => frame.op === 'subscribed');
    const run = runs.add();
    runs.emit(run.id, 'step.progress', { message: 'x'.repeat(5_000_000) });
    expect(await client.until(hasSeq(2))).toMatchObject({ op: 'event' });
  });

  test('a client that answers no ping is cut', async () => {
    await serve({ heartbeatMs: 20 });
    const client = await connect();
    client.socket.pong = () => undefined;
    client.socket.removeAllListeners('ping');
    (client.socket as unknown as { _autoPong: boolean })._autoPong = false;
    expect((await client.closed).code).toBe(1006);
  });
});

test('a stopping server closes its clients with 1001', async () => {
  await serve();
  const client = await connect();
  const closing = fixture.edge.close();
  expect((await client.closed).code).toBe(1001);
  await closing;
});
