import { newId, silentLogger, systemClock } from '@automatos/kernel';
import { createTestDatabase, type TestDatabase } from '@automatos/database/testing';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IdempotencyStore } from './idempotency.ts';
import { createIdempotencyStore } from './idempotency-store.ts';
import { createMemoryRateLimiter } from './rate-limit.ts';
import { createRedisRateLimiter } from './redis-rate-limit.ts';

describe('answers kept in the database', () => {
  let testDatabase: TestDatabase;
  let store: IdempotencyStore;
  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    store = createIdempotencyStore(testDatabase);
  });
  afterAll(() => testDatabase.close());

  const request = (
    change: Partial<{
      key: string;
      fingerprint: string;
      workspaceId: TestDatabase['workspaceId'];
    }> = {},
  ) => ({
    workspaceId: testDatabase.workspaceId,
    key: newId(),
    fingerprint: 'f1',
    ...change,
  });
  const answer = { status: 201, headers: { etag: '"1"' }, body: '{"a":"ü"}' };
  const age = (key: string, interval: string) =>
    testDatabase.database.pool.query(
      `UPDATE idempotency_keys SET created_at = now() - $2::interval WHERE key = $1`,
      [key, interval],
    );

  test('are replayed to the same request and refused to another', async () => {
    const first = request();
    expect(await store.claim(first)).toEqual({ state: 'claimed' });
    expect(await store.claim(first)).toEqual({ state: 'in_progress' });
    await store.keep(first, answer);
    expect(await store.claim(first)).toEqual({ state: 'replay', answer });
    expect(await store.claim({ ...first, fingerprint: 'f2' })).toEqual({ state: 'reused' });
  });

  test('belong to one workspace', async () => {
    const first = request();
    await store.claim(first);
    await store.keep(first, answer);
    expect(await store.claim({ ...first, workspaceId: testDatabase.otherWorkspaceId })).toEqual({
      state: 'claimed',
    });
  });

  test('of requests that arrive together, one works', async () => {
    const same = request();
    const claims = await Promise.all(Array.from({ length: 8 }, () => store.claim(same)));
    expect(claims.filter((claim) => claim.state === 'claimed')).toHaveLength(1);
    expect(claims.filter((claim) => claim.state === 'in_progress')).toHaveLength(7);
  });

  test('end after 24 hours; a lost claim after a minute; a released one at once', async () => {
    const kept = request();
    await store.claim(kept);
    await store.keep(kept, answer);
    await age(kept.key, '23 hours 59 minutes');
    expect(await store.claim(kept)).toMatchObject({ state: 'replay' });
    await age(kept.key, '24 hours 1 minute');
    expect(await store.claim({ ...kept, fingerprint: 'f2' })).toEqual({ state: 'claimed' });

    const lost = request();
    await store.claim(lost);
    await age(lost.key, '61 seconds');
    expect(await store.claim(lost)).toEqual({ state: 'claimed' });

    const failed = request();
    await store.claim(failed);
    await store.release(failed);
    expect(await store.claim(failed)).toEqual({ state: 'claimed' });
  });

  test('that are over are removed along the way', async () => {
    const old = request();
    await store.claim(old);
    await store.keep(old, answer);
    await age(old.key, '25 hours');
    await store.claim(request());
    const left = await testDatabase.database.pool.query(
      'SELECT 1 FROM idempotency_keys WHERE key = $1',
      [old.key],
    );
    expect(left.rowCount).toBe(0);
  });
});

const redisUrl = process.env['AUTOMATOS_TEST_REDIS_URL'];

describe('request limits shared through Redis', () => {
  test.skipIf(!redisUrl)(
    'two processes count together; the limit-th passes, the next does not',
    async () => {
      const limiter = () =>
        createRedisRateLimiter({
          url: redisUrl as string,
          fallback: createMemoryRateLimiter({ clock: systemClock }),
          logger: silentLogger,
        });
      const [one, two] = [limiter(), limiter()];
      const key = `test:${newId()}`;
      // Until both are connected each counts for itself.
      await expect
        .poll(
          async () =>
            (await two.consume(`warm:${key}`, 1000)).remaining -
            (await one.consume(`warm:${key}`, 1000)).remaining,
        )
        .toBe(1);
      const decisions = [];
      for (let count = 0; count < 5; count += 1)
        decisions.push(await (count % 2 === 0 ? one : two).consume(key, 4));
      expect(decisions.map((decision) => [decision.allowed, decision.remaining])).toEqual([
        [true, 3],
        [true, 2],
        [true, 1],
        [true, 0],
        [false, 0],
      ]);
      expect(decisions[4]?.resetSeconds).toBeGreaterThan(0);
      await Promise.all([one.close(), two.close()]);
    },
  );

  test('a Redis that is away, or hangs, leaves each process its own count and never an error', async () => {
    const hanging = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((resolve) => hanging.once('listening', resolve));
    const { port } = hanging.address() as AddressInfo;
    const limiter = createRedisRateLimiter({
      url: `redis://127.0.0.1:${port}`,
      fallback: createMemoryRateLimiter({ clock: systemClock }),
      logger: silentLogger,
    });
    expect(await limiter.consume('a', 1)).toMatchObject({ allowed: true });
    expect(await limiter.consume('a', 1)).toMatchObject({ allowed: false });
    await limiter.close();
    hanging.close();
  });
});
