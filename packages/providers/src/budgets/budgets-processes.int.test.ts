import { createTestDatabase, databaseKind } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { newId } from '@automatos/kernel';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { budgetInput, claimOf, counterOf, openRoom, wipe } from './testing/room.ts';
import { createBillingVendor, startSpender } from './testing/spenders.ts';

const PROCESSES = 4;
const CONCURRENCY = 50;
const OUTPUT_MAX = 600;
const LEASE_MS = 4_000;
/** Eight processes may have to start while the machine does something else. */
const TRIAL_MS = 240_000;

describe.runIf(databaseKind() === 'server')('C14: 4 processes with 200 calls at once', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
  });
  afterAll(() => test.close());
  afterEach(() => wipe(test));

  async function trial(seed: number, options: { cap: number; killAt: readonly number[] }) {
    const room = openRoom(test, { options: { waitMs: 60_000 } });
    const ceiling = { input_micros: 2_000_000, output_micros: 2_000_000 };
    const limits = { unknown_price_ceiling: ceiling };
    const create = (input: Parameters<typeof budgetInput>[0]) =>
      room.service.create(test.workspaceId, budgetInput({ ...limits, ...input }));
    const cap = await create({ limit_micros: options.cap });
    await create({ name: 'day', window: 'day', limit_micros: 2 * options.cap });
    await create({ name: 'run', window: 'run', limit_micros: 3 * options.cap });
    await create({ name: 'call', window: 'call', limit_micros: 5_000 });
    const vendor = await createBillingVendor(seed);
    let started = 0;
    const start = () => {
      started += 1;
      return startSpender({
        url: test.url ?? '',
        workspaceId: test.workspaceId,
        runId: newId(),
        vendor: vendor.url,
        concurrency: CONCURRENCY,
        seed: seed * 100 + started,
        leaseMs: LEASE_MS,
        outputMax: OUTPUT_MAX,
      });
    };
    const spenders = Array.from({ length: PROCESSES }, start);
    for (const [index, share] of options.killAt.entries()) {
      await vendor.billed(share * options.cap);
      const victim = index % PROCESSES;
      spenders[victim]?.kill();
      await spenders[victim]?.ended;
      spenders[victim] = start();
    }
    const ends = await Promise.all(spenders.map((each) => each.ended));
    await vendor.close();
    return { cap, room, bill: vendor.bill, ends };
  }

  it.each([1])(
    'trial %i: spends at most the cap, and nineteen twentieths of it before a refusal',
    async (seed) => {
      const { cap, room, bill, ends } = await trial(seed, { cap: 1_000_000, killAt: [] });
      expect(ends.map((end) => end.errors)).toEqual(ends.map(() => ''));
      expect(bill.micros).toBeLessThanOrEqual(cap.limit_micros);
      expect(bill.atFirstRefusal).toBeGreaterThanOrEqual(0.95 * cap.limit_micros);
      expect(bill.refusals).toBe(PROCESSES * CONCURRENCY);
      const counted = await counterOf(test, cap.id);
      expect(counted).toMatchObject({ reserved: 0, refused: bill.refusals });
      // Counted is what was billed, and in full what a cut answer may have cost.
      expect(counted?.spent).toBeGreaterThanOrEqual(bill.micros);
      expect(counted?.spent).toBeLessThanOrEqual(cap.limit_micros);
      await room.close();
    },
  );

  it.each([3])(
    'trial %i: the same when processes are killed and started anew',
    async (seed) => {
      const { cap, room, bill } = await trial(seed, { cap: 3_000_000, killAt: [0.2, 0.6] });
      expect(bill.micros).toBeLessThanOrEqual(cap.limit_micros);
      expect(bill.atFirstRefusal).toBeGreaterThanOrEqual(0.95 * cap.limit_micros);
      await expect(room.gate.reserve(claimOf(test, { inputTokens: 4_900 }))).rejects.toMatchObject({
        code: 'providers.budget.exceeded',
      });
      await room.settleUp();
      const counted = await counterOf(test, cap.id);
      expect(counted?.spent).toBeGreaterThanOrEqual(bill.micros);
      expect(counted?.spent).toBeLessThanOrEqual(cap.limit_micros);
      await room.close();
    },
    TRIAL_MS,
  );
});
