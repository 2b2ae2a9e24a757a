import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { newId } from '@automatos/kernel';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { budgetInput, claimOf, counterOf, createWitness, openRoom, wipe } from './testing/room.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.close());
afterEach(() => wipe(test));

const open = (parts: Parameters<typeof openRoom>[1] = {}) => openRoom(test, parts);
const refused = expect.objectContaining({ code: 'providers.budget.exceeded' });

describe('C15: the database is the record', () => {
  it('keeps what was spent over restarts, of a run too, and gives back what was only held', async () => {
    const first = open();
    const total = await first.service.create(
      test.workspaceId,
      budgetInput({ limit_micros: 100_000 }),
    );
    const perRun = await first.service.create(
      test.workspaceId,
      budgetInput({ name: 'run', window: 'run' }),
    );
    const runId = newId();
    await (await first.gate.reserve(claimOf(test, { runId }))).settle(70);
    await first.close();
    expect(await counterOf(test, total.id)).toMatchObject({ spent: 70, reserved: 0 });
    const second = open();
    await (await second.gate.reserve(claimOf(test, { runId }))).settle(30);
    await second.close();
    const third = open();
    expect(await third.service.get(test.workspaceId, perRun.id)).toMatchObject({
      spent_micros: 100,
    });
    await expect(third.gate.reserve(claimOf(test, { runId, inputTokens: 901 }))).rejects.toEqual(
      refused,
    );
    await third.close();
    const { rows } = await test.database.pool.query('SELECT * FROM budget_grants');
    expect(rows).toEqual([]);
  });

  it('counts as spent what a process held that is gone, whether it was billed or not', async () => {
    const budgetsOf = open();
    const budget = await budgetsOf.service.create(test.workspaceId, budgetInput());
    const gone = open({ options: { leaseMs: 1, tellMs: 3_600_000 } });
    await gone.gate.reserve(claimOf(test, { maxOutputTokens: 490 }));
    const before = await counterOf(test, budget.id);
    expect(before?.spent).toBe(0);
    const heir = open();
    await heir.gate.reserve(claimOf(test)).then((held) => held.release());
    await heir.settleUp();
    expect(await counterOf(test, budget.id)).toMatchObject({ spent: before?.reserved });
    await heir.close();
    await budgetsOf.close();
    await gone.close();
    expect(await counterOf(test, budget.id)).toMatchObject({
      spent: before?.reserved,
      reserved: 0,
    });
  });

  it('lets a process whose lease ran out while it slept go on without counting twice', async () => {
    const witness = createWitness();
    const room = open({ witness, options: { tellMs: 3_600_000 } });
    const budget = await room.service.create(test.workspaceId, budgetInput());
    const early = await room.gate.reserve(claimOf(test));
    await test.database.pool.query(
      "UPDATE budget_grants SET lease_until = now() - interval '1 minute'",
    );
    const other = open();
    await other.gate.reserve(claimOf(test)).then((held) => held.release());
    if (test.database.capabilities.multiProcess) await other.settleUp();
    await other.close();
    const counted = (await counterOf(test, budget.id))?.spent ?? 0;
    expect(counted).toBeGreaterThanOrEqual(100);
    await early.settle(60);
    await (await room.gate.reserve(claimOf(test))).settle(50);
    await room.close();
    const after = await counterOf(test, budget.id);
    expect(after?.reserved).toBe(0);
    expect(after?.spent).toBeGreaterThanOrEqual(counted);
    expect(after?.spent).toBeLessThanOrEqual(counted + 50);
  });

  it('sends an exchange again whose answer was lost, and counts it once', async () => {
    const { database } = test;
    let cut: 'before' | 'after' | null = null;
    const flaky = {
      ...database,
      workspace: (async (id, work) => {
        if (cut === 'before') throw new Error('connection lost');
        const result = await database.workspace(id, work);
        if (cut === 'after') throw new Error('connection lost');
        return result;
      }) as typeof database.workspace,
    };
    const room = open({ database: flaky, options: { tellMs: 3_600_000 } });
    const budget = await room.service.create(
      test.workspaceId,
      budgetInput({ limit_micros: 10_000 }),
    );
    for (const when of ['before', 'after'] as const) {
      await (await room.gate.reserve(claimOf(test))).settle(60);
      cut = when;
      await room.settleUp();
      cut = null;
    }
    cut = 'after';
    await expect(room.gate.reserve(claimOf(test, { maxOutputTokens: 5_000 }))).rejects.toThrow(
      'connection lost',
    );
    cut = null;
    await (await room.gate.reserve(claimOf(test))).settle(60);
    await room.close();
    expect(await counterOf(test, budget.id)).toMatchObject({ spent: 180, reserved: 0 });
  });

  it('gives up a budget that was deleted under a call, and starts anew with the next', async () => {
    const room = open();
    const { id } = await room.service.create(test.workspaceId, budgetInput());
    const held = await room.gate.reserve(claimOf(test));
    await room.service.remove(test.workspaceId, id);
    await held.settle(50);
    await room.settleUp();
    expect(await room.gate.reserve(claimOf(test, { maxOutputTokens: 9_000 }))).toMatchObject({
      maxOutputTokens: 9_000,
    });
    await room.close();
    expect(await counterOf(test, id)).toBeUndefined();
  });
});
