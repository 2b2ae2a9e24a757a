import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { webhookRoutes } from '@automatos/contracts';
import type { BoundRoute, Call, Webhook, WebhookDelivery } from '@automatos/contracts';
import { assertTablesMatch, createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { silentLogger } from '@automatos/kernel';
import type { Clock, JsonObject } from '@automatos/kernel';
import { createRuns } from '@automatos/runs';
import type { RunsRoom } from '@automatos/runs';
import { createGuardedFetch } from '@automatos/tools';
import type { ClosableFetch } from '@automatos/tools';
import { Webhook as Receiver } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWebhookDispatcher } from './webhook-dispatcher.ts';
import type { WebhookDispatcher } from './webhook-dispatcher.ts';
import { createWebhookProjection } from './webhook-projection.ts';
import { createWebhookRoutes } from './webhook-routes.ts';
import { createWebhookService } from './webhook-service.ts';
import { webhookDeliveries, webhooks } from './webhook-tables.ts';

const START = Date.parse('2026-06-01T00:00:00.000Z');
const HOUR = 3_600_000;
const by = { kind: 'user', id: 'u1', name: 'Ann' } as const;

interface Received {
  headers: IncomingMessage['headers'];
  body: string;
}
/** What the receiver answers next, in order; then 204. */
type Answer = { status: number; body?: string; headers?: Record<string, string> };

let test: TestDatabase;
let runs: RunsRoom;
let server: Server;
let outbound: ClosableFetch;
let dispatcher: WebhookDispatcher;
let routes: BoundRoute[];
let url: string;
let stopProjection: () => Promise<void>;
let nowMs = START;
let received: Received[] = [];
let answers: Answer[] = [];
let fallback: Answer = { status: 204 };

const clock: Clock = {
  now: () => nowMs,
  sleep: (_ms, signal) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    }),
};
let deps: Parameters<typeof createWebhookDispatcher>[0];

beforeAll(async () => {
  test = await createTestDatabase();
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      const { status, body = '', headers = {} } = answers.shift() ?? fallback;
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  url = `http://127.0.0.1:${port}/hook?token=secret`;
  outbound = createGuardedFetch({ allow: [`127.0.0.1:${port}`] });
  const { database } = test;
  const projection = createWebhookProjection({ database, clock });
  stopProjection = await projection.listen();
  runs = createRuns({
    database,
    logger: silentLogger,
    projections: [projection.project],
    worker: false,
  });
  await runs.launch();
  deps = {
    database,
    clock,
    logger: silentLogger,
    fetch: outbound.fetch,
    instanceSecret: new TextEncoder().encode('an instance secret of 32 characters'),
    emit: runs.appendWorkspaceEvent,
  };
  dispatcher = createWebhookDispatcher(deps);
  routes = createWebhookRoutes({
    webhooks: createWebhookService({ ...deps, onChanged: projection.changed }),
  });
});
afterAll(async () => {
  await runs.stop();
  await stopProjection();
  await outbound.close();
  server.close();
  await test.close();
});
beforeEach(() => {
  nowMs = START;
  received = [];
  answers = [];
  fallback = { status: 204 };
});
afterEach(async () => {
  // Through the API, so that the projection hears of it.
  const { items } = await call<{ items: Webhook[] }>('list', { query: { limit: 100 } });
  for (const { id } of items) await call('remove', { params: { webhook_id: id } });
  await test.database.pool.query('DELETE FROM webhook_deliveries');
});

async function call<T>(
  name: keyof typeof webhookRoutes,
  part: { params?: object; query?: object; body?: unknown },
  workspaceId = test.workspaceId,
): Promise<T> {
  const spec = webhookRoutes[name];
  const bound = routes.find((route) => route.spec.operationId === spec.operationId);
  if (bound === undefined) throw new Error(`no route ${name}`);
  const reply = await bound.handle({
    params: 'params' in spec ? spec.params.parse(part.params ?? {}) : undefined,
    query: 'query' in spec ? spec.query.parse(part.query ?? {}) : undefined,
    body: 'body' in spec ? spec.body.parse(part.body) : undefined,
    headers: {},
    workspaceId,
  } as unknown as Call);
  return ('response' in spec ? spec.response.parse(reply.body) : undefined) as T;
}

type Created = Webhook & { secret: string };
type Delivery = WebhookDelivery & { payload: JsonObject };
const create = (body: object = {}) =>
  call<Created>('create', { body: { name: 'Hook', url, events: ['recipe.*'], ...body } });
const show = async (id: string) =>
  (await call<{ items: Webhook[] }>('list', { query: { limit: 100 } })).items.find(
    (one) => one.id === id,
  );
const deliveries = async (id: string, query: object = {}) =>
  (await call<{ items: Delivery[] }>('deliveries', { params: { webhook_id: id }, query })).items;

/** Something that a person did, with its event. */
const happen = (slug: string, type: 'recipe.deleted' | 'agent.deleted' = 'recipe.deleted') =>
  test.database.workspace(test.workspaceId, (tx) =>
    runs.appendWorkspaceEvent(tx, test.workspaceId, { type, subject: slug, data: { slug } }),
  );

async function startRun(slug: string): Promise<string> {
  const request = { kind: 'test', title: slug, plan: {}, inputs: {}, steps: [], by };
  const recipe = { id: '01990000-0000-7000-8000-0000000000aa', slug, version: 1 };
  return (await runs.start(test.workspaceId, { ...request, recipe })).id;
}

const verified = (secret: string, { headers, body }: Received) => {
  vi.setSystemTime(nowMs);
  try {
    return new Receiver(secret).verify(body, headers as Record<string, string>);
  } finally {
    vi.useRealTimers();
  }
};

describe('tables', () => {
  it('are those of the migration', async () => {
    await expect(
      assertTablesMatch(test.database, [webhooks, webhookDeliveries]),
    ).resolves.toBeUndefined();
  });
});

describe('delivery', () => {
  it('brings events that fit, signed so that the reference implementation accepts them', async () => {
    const { id, secret } = await create();
    await happen('a');
    await happen('b', 'agent.deleted');
    await dispatcher.tick();
    expect(received).toHaveLength(1);
    const [first] = received as [Received];
    expect(verified(secret, first)).toMatchObject({
      type: 'recipe.deleted',
      subject: 'a',
      workspace_id: test.workspaceId,
      data: { slug: 'a' },
    });
    expect(() => verified('whsec_AAAA', first)).toThrow('No matching signature');
    const [delivery] = await deliveries(id);
    expect(delivery).toMatchObject({
      status: 'delivered',
      attempts: 1,
      response_status: 204,
      error: null,
    });
    expect(first.headers['webhook-id']).toBe(delivery?.event_id);
    expect(delivery?.payload).toEqual(JSON.parse(first.body));
  });

  it('of run events counts only runs of the named recipe', async () => {
    const { id } = await create({ events: ['run.cancelled', 'run.paused'], recipe: 'mine' });
    for (const slug of ['mine', 'other']) {
      const runId = await startRun(slug);
      await runs.cancel(test.workspaceId, runId, by);
    }
    await dispatcher.tick();
    const [delivery, ...others] = await deliveries(id);
    expect(others).toEqual([]);
    expect(delivery?.payload).toMatchObject({
      type: 'run.cancelled',
      seq: expect.any(Number) as number,
    });
  });

  it('is part of the change: what is rolled back is not told', async () => {
    const { id } = await create();
    const undone = test.database.workspace(test.workspaceId, async (tx) => {
      const event = { type: 'recipe.deleted', subject: 'x', data: { slug: 'x' } } as const;
      await runs.appendWorkspaceEvent(tx, test.workspaceId, event);
      throw new Error('no');
    });
    await expect(undone).rejects.toThrow('no');
    expect(await deliveries(id)).toEqual([]);
  });

  it('is not made for disabled webhooks', async () => {
    const { id } = await create({ enabled: false });
    await happen('a');
    expect(await deliveries(id)).toEqual([]);
  });

  it('by several processes happens once', async () => {
    const { id } = await create();
    for (const slug of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) await happen(slug);
    await Promise.all(
      [dispatcher, createWebhookDispatcher(deps), createWebhookDispatcher(deps)].map((one) =>
        one.tick(),
      ),
    );
    expect(received).toHaveLength(7);
    expect(await deliveries(id, { status: 'delivered' })).toHaveLength(7);
  });

  it('starts at once when the loop hears of the event', async () => {
    const { id } = await create();
    const looping = createWebhookDispatcher(deps);
    await looping.start();
    await happen('a');
    await vi.waitFor(
      async () => expect(await deliveries(id)).toMatchObject([{ status: 'delivered' }]),
      { timeout: 30_000 },
    );
    await looping.stop();
  });
});

describe('failure', () => {
  it('is retried later and later with the same id, then the delivery is dead and an event says so', async () => {
    const { id } = await create({ events: ['recipe.*', 'webhook.dead'] });
    fallback = { status: 503, body: 'not\u0000 today' };
    await happen('a');
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      await dispatcher.tick();
      expect(received).toHaveLength(attempt);
      const [delivery] = await deliveries(id);
      expect(delivery).toMatchObject({
        attempts: attempt,
        response_status: 503,
        error: 'HTTP 503: not today',
      });
      if (delivery?.next_attempt_at == null) break;
      waits.push(Math.round((Date.parse(delivery.next_attempt_at) - nowMs) / 1000));
      await dispatcher.tick();
      nowMs = Date.parse(delivery.next_attempt_at);
    }
    for (const [index, base] of [5, 30, 120, 600, 3_600, 21_600, 86_400].entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(base);
      expect(waits[index]).toBeLessThanOrEqual(base * 1.2 + 1);
    }
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(await deliveries(id)).toMatchObject([
      { status: 'dead', attempts: 8, next_attempt_at: null },
    ]);
    const { rows } = await test.database.pool.query<{ data: JsonObject }>(
      "SELECT data FROM events WHERE type = 'webhook.dead'",
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.data).toMatchObject({ webhook_id: id, url: url.replace('?token=secret', '') });
  });

  it('is replayed by a person', async () => {
    const { id } = await create();
    fallback = { status: 410 };
    await happen('a');
    await dispatcher.tick();
    const [dead] = await deliveries(id, { status: 'dead' });
    expect(await show(id)).toMatchObject({
      enabled: false,
      disabled_reason: expect.stringContaining('410') as string,
    });
    fallback = { status: 200 };
    await call('update', {
      params: { webhook_id: id },
      body: { name: 'Hook', url, events: ['recipe.*'] },
    });
    const params = { webhook_id: id, delivery_id: dead?.id };
    expect(await call('replay', { params })).toMatchObject({ status: 'pending', attempts: 0 });
    await dispatcher.tick();
    expect(await deliveries(id)).toMatchObject([{ status: 'delivered', id: dead?.id }]);
    expect(await show(id)).toMatchObject({ enabled: true, disabled_reason: null });
    await expect(call('replay', { params: { ...params, delivery_id: id } })).rejects.toMatchObject({
      code: 'webhooks.delivery.not_found',
    });
  });

  it('again and again switches the webhook off', async () => {
    const { id } = await create();
    fallback = { status: 500 };
    for (let n = 0; n < 20; n += 1) await happen(`n${n}`);
    await test.database.pool.query('UPDATE webhook_deliveries SET attempts = 7');
    await dispatcher.tick();
    expect(await deliveries(id, { status: 'dead', limit: 100 })).toHaveLength(20);
    expect(await show(id)).toMatchObject({
      enabled: false,
      disabled_reason: expect.stringContaining('20 deliveries') as string,
    });
  });

  it('keeps Retry-After, takes no redirect, and goes to no private address', async () => {
    const { id } = await create();
    answers = [
      { status: 429, headers: { 'retry-after': '3600' } },
      { status: 307, headers: { location: '/' } },
    ];
    await happen('a');
    await dispatcher.tick();
    const [limited] = await deliveries(id);
    expect(limited?.next_attempt_at).toBe(new Date(START + HOUR).toISOString());
    nowMs += HOUR;
    await dispatcher.tick();
    expect(received).toHaveLength(2);
    expect(await deliveries(id)).toMatchObject([
      { status: 'pending', error: expect.stringContaining('redirects') as string },
    ]);
    const inside = await create({ name: 'Inside', url: 'http://169.254.169.254/latest' });
    expect(await call('test', { params: { webhook_id: inside.id } })).toMatchObject({
      delivered: false,
      response_status: null,
      error: expect.stringContaining('not a public one') as string,
    });
    await expect(create({ url: 'http://user:pass@example.com/' })).rejects.toMatchObject({
      code: 'webhooks.url.invalid',
    });
  });

  it('of a process that died while sending comes again', async () => {
    const { id } = await create();
    await happen('a');
    await test.database.pool.query(
      'UPDATE webhook_deliveries SET attempts = 1, next_attempt_at = $1',
      [new Date(START + 60_000)],
    );
    await dispatcher.tick();
    expect(received).toEqual([]);
    nowMs += 60_000;
    await dispatcher.tick();
    expect(await deliveries(id)).toMatchObject([{ status: 'delivered', attempts: 2 }]);
  });
});

describe('secrets', () => {
  it('rotate: for a day both signatures are sent, then the new one', async () => {
    const { id, secret } = await create();
    const rotated = await call<Created>('rotateSecret', { params: { webhook_id: id } });
    expect(rotated.secret).not.toBe(secret);
    await happen('a');
    await dispatcher.tick();
    const [both] = received as [Received];
    for (const each of [secret, rotated.secret]) expect(verified(each, both)).toBeTruthy();
    nowMs += 24 * HOUR;
    await happen('b');
    await dispatcher.tick();
    const [, later] = received as [Received, Received];
    expect(verified(rotated.secret, later)).toBeTruthy();
    expect(() => verified(secret, later)).toThrow('No matching signature');
  });

  it('are tried by a test event that tells what came back', async () => {
    const { id, secret } = await create();
    fallback = { status: 200 };
    const params = { webhook_id: id };
    expect(await call('test', { params })).toMatchObject({
      delivered: true,
      response_status: 200,
      error: null,
    });
    expect(verified(secret, received[0] as Received)).toMatchObject({ type: 'webhook.test' });
    fallback = { status: 500, body: 'oops' };
    expect(await call('test', { params })).toMatchObject({
      delivered: false,
      response_status: 500,
      error: 'HTTP 500: oops',
    });
    expect(await deliveries(id)).toEqual([]);
  });
});

describe('API', () => {
  it('lists by name with pages and keeps to the workspace', async () => {
    const b = await create({ name: 'B' });
    await create({ name: 'A' });
    const first = await call<{ items: Webhook[]; next_cursor: string }>('list', {
      query: { limit: 1 },
    });
    const second = await call<{ items: Webhook[] }>('list', {
      query: { limit: 1, cursor: first.next_cursor },
    });
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(['A', 'B']);
    await expect(
      call('remove', { params: { webhook_id: b.id } }, test.otherWorkspaceId),
    ).rejects.toMatchObject({
      code: 'webhooks.webhook.not_found',
    });
    await expect(call('list', { query: { cursor: 'x' } })).rejects.toMatchObject({
      code: 'webhooks.list.cursor_invalid',
    });
  });
});
