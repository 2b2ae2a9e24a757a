import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger, systemClock, type Logger } from '@automatos/kernel';
import {
  createOutboxDispatcher,
  enqueueOutbox,
  notify,
  outbox,
  type OutboxDispatcher,
  type OutboxDispatcherOptions,
  type OutboxHandler,
} from './index.ts';
import { createTestDatabase, type TestDatabase } from './testing/index.ts';

let test: TestDatabase;
const running: OutboxDispatcher[] = [];
beforeAll(async () => (test = await createTestDatabase()));
beforeEach(() => test.database.system((tx) => tx.delete(outbox)));
afterEach(async () => {
  for (const dispatcher of running.splice(0)) await dispatcher.stop();
});
afterAll(() => test.close());

async function start(
  handler: OutboxHandler,
  options: Partial<OutboxDispatcherOptions> = {},
  logger: Logger = silentLogger,
): Promise<OutboxDispatcher> {
  const dispatcher = createOutboxDispatcher({
    database: test.database,
    logger,
    clock: systemClock,
    handlers: { mail: handler },
    options: { sweepMs: 200, ...options },
  });
  running.push(dispatcher);
  await dispatcher.start();
  return dispatcher;
}

const enqueue = (key: string, topic = 'mail') =>
  test.database.workspace(test.workspaceId, (tx) =>
    enqueueOutbox(tx, { workspaceId: test.workspaceId, topic, key, payload: { key } }),
  );
const rows = () => test.database.system((tx) => tx.select().from(outbox).orderBy(outbox.id));

/** Resolves when the handler has been called `count` times. */
function recorder(count: number, fail: (calls: number) => boolean = () => false) {
  const keys: string[] = [];
  const done = Promise.withResolvers<string[]>();
  const handler: OutboxHandler = async (entry) => {
    keys.push(entry.key);
    if (keys.length === count) done.resolve(keys);
    if (fail(keys.length)) throw new Error(`failed call ${keys.length}`);
  };
  return { handler, done: done.promise, keys };
}

async function settled(predicate: (all: Awaited<ReturnType<typeof rows>>) => boolean) {
  for (;;) {
    const all = await rows();
    if (predicate(all)) return all;
    await new Promise(setImmediate);
  }
}

describe('outbox', () => {
  it('delivers what was recorded, in order, once', async () => {
    const { handler, done, keys } = recorder(4);
    await enqueue('before');
    await start(handler, { sweepMs: 60_000 });
    for (const key of ['a', 'b', 'c']) await enqueue(key);
    expect(await done).toEqual(['before', 'a', 'b', 'c']);
    await settled((all) => all.every((row) => row.dispatchedAt !== null));
    expect(keys.length).toBe(4);
  });

  it('keeps one entry per workspace, topic and key', async () => {
    await enqueue('same');
    await enqueue('same');
    await enqueue('same', 'other-topic');
    await test.database.workspace(test.otherWorkspaceId, (tx) =>
      enqueueOutbox(tx, {
        workspaceId: test.otherWorkspaceId,
        topic: 'mail',
        key: 'same',
        payload: {},
      }),
    );
    expect((await rows()).length).toBe(3);
  });

  it('forgets what was recorded in a transaction that failed', async () => {
    const attempt = test.database.workspace(test.workspaceId, async (tx) => {
      await enqueueOutbox(tx, {
        workspaceId: test.workspaceId,
        topic: 'mail',
        key: 'undone',
        payload: {},
      });
      throw new Error('no');
    });
    await expect(attempt).rejects.toThrow('no');
    expect(await rows()).toEqual([]);
  });

  it('tries again after a failure, and lets later entries pass meanwhile', async () => {
    const { handler, done } = recorder(3, (calls) => calls === 1);
    await enqueue('first');
    await enqueue('second');
    await start(handler, { backoff: { delayMs: 300, factor: 1, delayMsMax: 300 } });
    expect(await done).toEqual(['first', 'second', 'first']);
    const all = await settled((found) => found.every((row) => row.dispatchedAt !== null));
    expect(all.map((row) => row.attempts)).toEqual([2, 1]);
  });

  it('buries an entry after its last attempt, visibly', async () => {
    const errors: object[] = [];
    const logger: Logger = { ...silentLogger, error: (fields) => void errors.push(fields) };
    const { handler } = recorder(2, () => true);
    await enqueue('poison');
    await start(
      handler,
      { attemptsMax: 2, backoff: { delayMs: 1, factor: 1, delayMsMax: 1 } },
      logger,
    );
    const [row] = await settled((all) => all[0]?.deadAt !== null);
    expect(row).toMatchObject({ attempts: 2, lastError: 'failed call 2', dispatchedAt: null });
    expect(errors).toMatchObject([{ key: 'poison', topic: 'mail', attempt: 2 }]);
  });

  it('delivers again what a dispatcher had taken when its process ended', async () => {
    await enqueue('taken');
    // What a killed process leaves behind: a claim, and no outcome.
    await test.database.pool.query(
      `UPDATE outbox SET attempts = 1, available_at = now() + interval '300 milliseconds'`,
    );
    const { handler, done } = recorder(1);
    await start(handler);
    expect(await done).toEqual(['taken']);
    expect((await settled((all) => all[0]?.dispatchedAt !== null))[0]?.attempts).toBe(2);
  });

  it('buries an entry whose deliveries never return', async () => {
    await enqueue('killer');
    await test.database.pool.query('UPDATE outbox SET attempts = 3');
    const { handler, keys } = recorder(1);
    await start(handler, { attemptsMax: 3 });
    const [row] = await settled((all) => all[0]?.deadAt !== null);
    expect(row?.lastError).toContain('process ended');
    expect(keys).toEqual([]);
  });

  it('shares entries between dispatchers without doubles', async () => {
    const first = recorder(1000);
    const second = recorder(1000);
    for (let index = 0; index < 30; index++) await enqueue(`key ${index}`);
    await Promise.all([start(first.handler), start(second.handler)]);
    await settled((all) => all.every((row) => row.dispatchedAt !== null));
    expect(new Set([...first.keys, ...second.keys]).size).toBe(30);
    expect(first.keys.length + second.keys.length).toBe(30);
  });

  it('leaves topics without a handler for another process', async () => {
    await enqueue('foreign', 'other-topic');
    const { handler, done } = recorder(1);
    await start(handler);
    await enqueue('own');
    await done;
    const [row] = await test.database.system((tx) =>
      tx.select().from(outbox).where(eq(outbox.topic, 'other-topic')),
    );
    expect(row).toMatchObject({ attempts: 0, dispatchedAt: null });
  });

  it('removes dispatched entries after their time', async () => {
    await enqueue('old');
    await test.database.pool.query(`UPDATE outbox SET dispatched_at = now() - interval '8 days'`);
    await start(recorder(1).handler);
    expect(await settled((all) => all.length === 0)).toEqual([]);
  });
});

describe('notify', () => {
  it('reaches listeners after commit only, and refuses what is too large', async () => {
    const heard: string[] = [];
    const last = Promise.withResolvers<void>();
    const stop = await test.database.listen('news', (payload) => {
      heard.push(payload);
      if (payload === 'kept') last.resolve();
    });
    const undone = test.database.system(async (tx) => {
      await notify(tx, 'news', 'undone');
      throw new Error('no');
    });
    await expect(undone).rejects.toThrow('no');
    await test.database.workspace(test.workspaceId, (tx) => notify(tx, 'news', 'kept'));
    await last.promise;
    expect(heard).toEqual(['kept']);
    await expect(
      test.database.system((tx) => notify(tx, 'news', 'ä'.repeat(4_000))),
    ).rejects.toMatchObject({ code: 'database.notification.too_large' });
    await stop();
  });
});
