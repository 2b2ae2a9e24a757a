import { silentLogger } from '@automatos/kernel';
import type { Clock, Logger } from '@automatos/kernel';
import type { UsageRow } from '@automatos/providers';
import { describe, expect, test } from 'vitest';
import { createUsageWriter } from './usage-writer.ts';

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

/** A database that keeps what is inserted; rows of a call key that is there already are left out, as by the unique index. */
function rowStore() {
  const kept = new Map<string, UsageRow>();
  const store = { writes: 0, isAway: false, kept, failAfter: false };
  const insert = () => ({
    values: (rows: UsageRow[]) => ({
      onConflictDoNothing: () => ({
        returning: async () => {
          for (const row of rows) kept.set(`${row.workspaceId}/${row.callKey}`, row);
          return rows;
        },
      }),
    }),
  });
  const workspace = async (_id: string, work: (tx: unknown) => Promise<unknown>) => {
    store.writes += 1;
    if (store.isAway) throw new Error('connection refused');
    const value = await work({ insert });
    if (store.failAfter) throw new Error('connection lost before the answer');
    return value;
  };
  return Object.assign(store, { database: { workspace } as never });
}

function rowOf(callKey: string, workspaceId = 'w1'): UsageRow {
  return {
    workspaceId,
    callKey,
    provider: 'openai',
    model: 'm',
    at: new Date(0),
  } as UsageRow;
}

function room(log: Partial<Logger> = {}) {
  const time = standingClock();
  const store = rowStore();
  const logger = { ...silentLogger, warn: console.log, ...log } as never as Logger;
  const writer = createUsageWriter({ database: store.database, clock: time.clock, logger });
  return { ...time, store, writer };
}

/** Lets everything run that needs no time. */
async function settle(): Promise<void> {
  await new Promise(setImmediate);
}

describe('usage rows', () => {
  test('wait 50 ms for one another and are written in one statement per workspace', async () => {
    const { writer, store, advance } = room();
    for (let index = 0; index < 20; index += 1) writer.add(rowOf(`k${index}`));
    writer.add(rowOf('k0', 'w2'));
    advance(49);
    await settle();
    expect(store.writes).toBe(0);
    advance(1);
    await settle();
    expect(store.writes).toBe(2);
    expect(store.kept.size).toBe(21);
    await writer.close();
  });

  test('are written at the close at once, those that are added while it closes too', async () => {
    const { writer, store } = room();
    writer.add(rowOf('a'));
    const closing = writer.close();
    writer.add(rowOf('b'));
    await closing;
    expect([...store.kept.keys()]).toEqual(['w1/a', 'w1/b']);
  });

  test('survive a database that is away for a while', async () => {
    const { writer, store, advance, rest } = room();
    store.isAway = true;
    writer.add(rowOf('a'));
    const waits: number[] = [];
    for (let failure = 0; failure < 8; failure += 1) {
      advance(rest() ?? 0);
      await settle();
      waits.push(rest() ?? -1);
      writer.add(rowOf(`later-${failure}`));
    }
    // Each wait is longer than the one before, up to a bound.
    expect(waits.every((wait) => wait > 0 && wait <= 5_000)).toBe(true);
    expect(waits[7]).toBeGreaterThan(waits[0] as number);
    expect(store.kept.size).toBe(0);
    store.isAway = false;
    advance(rest() ?? 0);
    await settle();
    expect(store.kept.size).toBe(9);
    await writer.close();
  });

  test('of a write whose answer was lost are written again without harm', async () => {
    const { writer, store, advance, rest } = room();
    store.failAfter = true;
    writer.add(rowOf('a'));
    advance(50);
    await settle();
    store.failAfter = false;
    advance(rest() ?? 0);
    await settle();
    expect(store.writes).toBe(2);
    expect([...store.kept.keys()]).toEqual(['w1/a']);
    await writer.close();
  });

  test('that cannot be written at the close go to the log, each in full', async () => {
    const lost: unknown[] = [];
    const { writer, store } = room({
      error: ((fields: { row: UsageRow }) => lost.push(fields.row.callKey)) as Logger['error'],
    });
    store.isAway = true;
    writer.add(rowOf('a'));
    writer.add(rowOf('b'));
    await writer.close();
    expect(store.writes).toBe(4);
    expect(lost).toEqual(['a', 'b']);
  });
});
