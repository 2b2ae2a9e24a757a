import { routerSettingsSchema } from '@automatos/contracts';
import { deferred, noMetrics, silentLogger } from '@automatos/kernel';
import { describe, expect, it } from 'vitest';
import type { CircuitStore, StoredCircuit } from './circuit-store.ts';
import { createCircuits, isPermit } from './circuits.ts';
import type { Permit } from './circuits.ts';

const { breaker: settings } = routerSettingsSchema.parse({});
const KEY = { id: 'c1', provider: 'openai', model: 'm', credential: 'abcd' };
const OPEN: StoredCircuit = {
  ...KEY,
  state: 'open',
  reason: 'down',
  failures: 1,
  openedAt: 0,
  retryAt: 1_000,
  cooldownMs: 1_000,
};

/** One open circuit that others may have written, in a store whose reads can be held back. */
function createRoom() {
  let nowMs = 0;
  let row: StoredCircuit | null = OPEN;
  let held: ReturnType<typeof deferred<void>> | null = null;
  let storing: ReturnType<typeof deferred<void>> | null = null;
  let hear: (id: string) => void = () => {};
  /** What was there when it was asked for, told late. */
  const read = async () => {
    const seen = row;
    await held?.promise;
    return seen;
  };
  const store: CircuitStore = {
    recover: async () => undefined,
    load: async () => {
      const seen = await read();
      return seen === null ? [] : [seen];
    },
    read,
    open: async (circuit) => circuit,
    claimProbe: async (_id, { until }) => {
      row = { ...OPEN, state: 'half_open', retryAt: until };
      return true;
    },
    endProbe: async (_id, _token, after) => {
      await storing?.promise;
      row = after;
      return true;
    },
    close: async () => {
      row = null;
    },
    listen: async (onChange) => {
      hear = onChange;
      return async () => undefined;
    },
  };
  const clock = { now: () => nowMs, sleep: () => Promise.resolve() };
  return {
    circuits: createCircuits({ clock, metrics: noMetrics, logger: silentLogger, store }),
    pass: (ms: number) => void (nowMs += ms),
    hear: () => hear(KEY.id),
    /** The end of a probe waits for the returned function before it is stored. */
    holdEnd() {
      storing = deferred<void>();
      return storing.resolve;
    },
    /** Reads that begin from now on wait for the returned function. */
    hold() {
      const holding = deferred<void>();
      held = holding;
      return () => {
        held = null;
        holding.resolve();
      };
    },
  };
}

/** Lets everything that waits for nothing else go on. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('what was read before this process closed a circuit', () => {
  it.each([
    ['by a notification', ({ hear }: ReturnType<typeof createRoom>) => hear()],
    ['by the look at all of them', () => undefined],
  ])('does not open it again: %s', async (_how, trigger) => {
    const room = createRoom();
    await room.circuits.start();
    const release = room.hold();
    // So much time that the next admission also looks at all of them.
    room.pass(10_000);
    trigger(room);
    const probe = (await room.circuits.admit(KEY, settings, 1_000)) as Permit;
    expect(probe.isProbe).toBe(true);
    await probe.succeeded();
    release();
    await settled();
    expect(isPermit(await room.circuits.admit(KEY, settings, 1_000))).toBe(true);
    expect(room.circuits.list()).toEqual([]);
  });

  it('nor what was read while the closing was being stored', async () => {
    const room = createRoom();
    await room.circuits.start();
    room.pass(2_000);
    const probe = (await room.circuits.admit(KEY, settings, 1_000)) as Permit;
    const store = room.holdEnd();
    const ended = probe.succeeded();
    room.hear();
    await settled();
    store();
    await ended;
    expect(isPermit(await room.circuits.admit(KEY, settings, 1_000))).toBe(true);
  });
});
