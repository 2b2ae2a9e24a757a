import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { silentLogger } from '@automatos/kernel';
import type { Clock, Logger, WorkspaceId } from '@automatos/kernel';
import type { UsageRow } from '@automatos/providers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createUsageWriter } from './usage-writer.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db?.close());
afterEach(() => db.database.pool.query('DELETE FROM llm_usage'));

/** A clock that stands; who sleeps wakes by `advance` alone. */
function standingClock() {
  let now = Date.parse('2026-11-21T12:00:00Z');
  let sleepers: { at: number; wake: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason as Error);
        signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        sleepers.push({ at: now + ms, wake: resolve });
      }),
  };
  return {
    clock,
    /** How long the next sleeper has still to sleep, ms; null = nobody sleeps. */
    rest: () => (sleepers.length === 0 ? null : Math.min(...sleepers.map(({ at }) => at)) - now),
    advance(ms: number) {
      now += ms;
      const due = sleepers.filter(({ at }) => at <= now);
      sleepers = sleepers.filter(({ at }) => at > now);
      for (const { wake } of due) wake();
    },
  };
}

/** The real database behind a line that can fail, before a write or after it. */
function line() {
  const state = { writes: 0, fails: 'never' as 'never' | 'before' | 'after' };
  const workspace: TestDatabase['database']['workspace'] = async (id, work) => {
    state.writes += 1;
    if (state.fails === 'before') throw new Error('connection refused');
    const value = await db.database.workspace(id, work);
    if (state.fails === 'after') throw new Error('connection lost before the answer');
    return value;
  };
  return Object.assign(state, { database: { workspace } });
}

function rowOf(callKey: string, workspaceId: WorkspaceId = db.workspaceId): UsageRow {
  return {
    workspaceId,
    callKey,
    provider: 'openai',
    model: 'gpt-5.4-mini',
    inputTokens: 1,
    outputTokens: 1,
    cachedInputTokens: 0,
    reasoningTokens: 0,
    costMicros: 1,
    priceVersion: 'test',
    estimated: false,
    offline: false,
    kind: 'chat',
    source: 'api',
    cache: 'off',
    status: 'success',
    durationMs: 1,
    at: new Date('2026-11-21T12:00:00Z'),
  };
}

function room(error: Logger['error'] = silentLogger.error) {
  const time = standingClock();
  const store = line();
  const logger: Logger = { ...silentLogger, warn: () => undefined, error };
  const { database } = store;
  const writer = createUsageWriter({ database, clock: time.clock, logger });
  return { ...time, store, writer };
}

async function kept(): Promise<string[]> {
  const { rows } = await db.database.pool.query<{ key: string }>(
    'SELECT call_key AS key FROM llm_usage ORDER BY 1',
  );
  return rows.map(({ key }) => key);
}

describe('usage rows', () => {
  test('wait 50 ms for one another and are written in one statement per workspace', async () => {
    const { writer, store, advance, rest } = room();
    for (let index = 0; index < 20; index += 1) writer.add(rowOf(`k${index}`));
    writer.add(rowOf('k0', db.otherWorkspaceId));
    expect(rest()).toBe(50);
    advance(49);
    expect(store.writes).toBe(0);
    advance(1);
    await expect.poll(async () => (await kept()).length).toBe(21);
    expect(store.writes).toBe(2);
    await writer.close();
  });

  test('are written at the close at once, those that are added while it closes too', async () => {
    const { writer } = room();
    writer.add(rowOf('a'));
    const closing = writer.close();
    writer.add(rowOf('b'));
    await closing;
    expect(await kept()).toEqual(['a', 'b']);
  });

  test('survive a database that is away for a while', async () => {
    const { writer, store, advance, rest } = room();
    store.fails = 'before';
    writer.add(rowOf('a'));
    const waits: number[] = [];
    for (let failure = 0; failure < 8; failure += 1) {
      advance(rest() ?? 0);
      await expect.poll(rest).not.toBeNull();
      waits.push(rest() ?? 0);
      writer.add(rowOf(`later-${failure}`));
    }
    expect(store.writes).toBe(8);
    // Waits grow, up to a bound.
    expect(waits[7]).toBeGreaterThan(waits[0] as number);
    expect(Math.max(...waits)).toBeLessThanOrEqual(5_000);
    store.fails = 'never';
    advance(rest() ?? 0);
    await expect.poll(async () => (await kept()).length).toBe(9);
    await writer.close();
    expect(store.writes).toBe(9);
  });

  test('whose write was done but not confirmed are not there twice', async () => {
    const { writer, store, advance, rest } = room();
    store.fails = 'after';
    writer.add(rowOf('a'));
    advance(50);
    await expect.poll(rest).not.toBeNull();
    expect(await kept()).toEqual(['a']);
    store.fails = 'never';
    await writer.close();
    expect(store.writes).toBe(2);
    expect(await kept()).toEqual(['a']);
  });

  test('that cannot be written at the close go to the log, each in full', async () => {
    const lost: unknown[] = [];
    const { writer, store } = room(((fields: { row: UsageRow }) => {
      lost.push(fields.row);
    }) as Logger['error']);
    store.fails = 'before';
    const rows = [rowOf('a'), rowOf('b')];
    for (const row of rows) writer.add(row);
    await writer.close();
    expect(store.writes).toBe(4);
    expect(lost).toEqual(rows);
  });
});
