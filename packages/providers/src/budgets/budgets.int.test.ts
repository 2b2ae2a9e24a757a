import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { assertTablesMatch } from '@automatos/database/testing';
import { newId, systemClock } from '@automatos/kernel';
import type { Clock } from '@automatos/kernel';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Reservation } from '../router/ports.ts';
import { budgetCounters, budgetGrants, budgets } from './budget-tables.ts';
import type { Budgets } from './create-budgets.ts';
import {
  UNKNOWN_PRICE,
  budgetInput,
  claimOf,
  counterOf,
  createWitness,
  openRoom,
  wipe,
} from './testing/room.ts';

let test: TestDatabase;
let room: Budgets;
let witness: ReturnType<typeof createWitness>;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.close());
beforeEach(() => {
  witness = createWitness();
  room = openRoom(test, { witness });
});
afterEach(async () => {
  await room.close();
  await wipe(test);
});

const add = (parts: Parameters<typeof budgetInput>[0] = {}) =>
  room.service.create(test.workspaceId, budgetInput(parts));
const reserve = (parts: Parameters<typeof claimOf>[1] = {}) =>
  room.gate.reserve(claimOf(test, parts));
const seen = (id: string) => room.service.get(test.workspaceId, id);
const refusal = (code = 'providers.budget.exceeded') => expect.objectContaining({ code });

describe('budget gate', () => {
  it('matches the migration', async () => {
    await expect(
      assertTablesMatch(test.database, [budgets, budgetCounters, budgetGrants]),
    ).resolves.toBeUndefined();
  });

  it('spends a budget to the last call that fits and refuses the next, naming everything', async () => {
    const budget = await add({ window: 'day' });
    for (let n = 0; n < 10; n += 1) await (await reserve()).settle(97);
    const cut = await reserve();
    expect(cut).toMatchObject({ maxOutputTokens: 20, cutBy: budget.id });
    await cut.settle(30);
    const refused = await reserve().catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'providers.budget.exceeded',
      kind: 'limit-reached',
      retryable: false,
      details: {
        budget: { id: budget.id, name: 'cap' },
        window: 'day',
        limit_micros: 1_000,
        spent_micros: 1_000,
        reserved_micros: 0,
        resets_at: expect.stringMatching(/T00:00:00.000Z$/),
      },
    });
    expect(String(refused)).toMatch(/"cap".*\$0\.001.*per day.*opens again at/);
    expect(await seen(budget.id)).toMatchObject({
      spent_micros: 1_000,
      reserved_micros: 0,
      refused: 1,
    });
    expect(witness.counts.get('amas_budget_refusals_total{day}')).toBe(1);
    expect(witness.lines).toContain('a budget is spent');
  });

  it('sets aside over all budgets or over none', async () => {
    const wide = await add({ name: 'wide', limit_micros: 100_000 });
    const narrow = await add({ name: 'narrow', agent: 'scout', limit_micros: 20 });
    await expect(reserve({ agent: 'scout' })).rejects.toEqual(refusal());
    await (await reserve({ agent: 'writer' })).settle(100);
    await room.settleUp();
    await room.close();
    expect(await counterOf(test, wide.id)).toMatchObject({ spent: 100, reserved: 0 });
    expect(await counterOf(test, narrow.id)).toMatchObject({ spent: 0, reserved: 0, refused: 1 });
  });

  it('gives back what was not sent, and settles what broke off with what it used', async () => {
    const budget = await add();
    await (await reserve()).release();
    const broken = await reserve();
    await broken.settle(33);
    await broken.settle(50);
    await broken.release();
    const unknown = await reserve();
    await unknown.settle(null);
    expect(await seen(budget.id)).toMatchObject({ spent_micros: 133 });
  });

  it('counts truthfully what a vendor charges beyond the reservation', async () => {
    const budget = await add();
    await (await reserve()).settle(1_300);
    expect(await seen(budget.id)).toMatchObject({ spent_micros: 1_300 });
    await expect(reserve()).rejects.toEqual(refusal());
    expect(witness.lines).toContain('a call cost more than was set aside for it');
  });

  it('refuses an unknown price, unless a ceiling is given, which prices the settlement too', async () => {
    const strict = await add({ name: 'strict' });
    await expect(reserve({ price: UNKNOWN_PRICE })).rejects.toEqual(
      refusal('providers.budget.price_unknown'),
    );
    expect(await seen(strict.id)).toMatchObject({ refused: 1, spent_micros: 0 });
    await room.service.remove(test.workspaceId, strict.id);
    const lenient = await add({
      name: 'lenient',
      unknown_price_ceiling: { input_micros: 2_000_000, output_micros: 3_000_000 },
    });
    const held = await reserve({ price: UNKNOWN_PRICE });
    await held.settle(null, { inputTokens: 8, outputTokens: 5 });
    expect(await seen(lenient.id)).toMatchObject({ spent_micros: 31 });
    await (await reserve({ price: UNKNOWN_PRICE })).settle(null);
    expect(await seen(lenient.id)).toMatchObject({ spent_micros: 31 + 290 });
  });

  it('takes nothing for what is free, and asks the database nothing without budgets', async () => {
    await reserve();
    const used: string[] = [];
    const { database } = test;
    const watched = {
      ...database,
      workspace: ((id, work) => {
        used.push(id);
        return database.workspace(id, work);
      }) as typeof database.workspace,
    };
    const quiet = openRoom(test, { database: watched });
    await quiet.gate.reserve(claimOf(test));
    const reads = used.length;
    for (let n = 0; n < 5; n += 1)
      expect(await quiet.gate.reserve(claimOf(test))).toMatchObject({
        maxOutputTokens: 90,
        cutBy: null,
      });
    expect(used).toHaveLength(reads);
    const budget = await add();
    const free = {
      inputMicros: 0,
      outputMicros: 0,
      cachedInputMicros: null,
      cacheWriteMicros: null,
    };
    await (
      await quiet.gate.reserve(claimOf(test, { price: free, maxOutputTokens: null }))
    ).settle(0);
    await quiet.close();
    expect(await counterOf(test, budget.id)).toBeUndefined();
  });

  it('counts embeddings, whose answer costs nothing', async () => {
    const budget = await add();
    const embedding = { price: { ...UNKNOWN_PRICE, inputMicros: 2_000_000 }, maxOutputTokens: 0 };
    const held = await reserve({ ...embedding, inputTokens: 400 });
    expect(held).toMatchObject({ maxOutputTokens: 0, cutBy: null });
    await held.settle(750);
    await expect(reserve({ ...embedding, inputTokens: 400 })).rejects.toEqual(refusal());
    expect(await seen(budget.id)).toMatchObject({ spent_micros: 750 });
  });

  it('bounds an answer for which nobody named a bound by a share of what is left', async () => {
    await add({ limit_micros: 20_000 });
    const first = await reserve({ maxOutputTokens: null });
    expect(first.maxOutputTokens).toBe(4_990);
    const second = await reserve({ maxOutputTokens: null });
    expect(second.maxOutputTokens).toBe(4_990);
    await second.release();
    await first.settle(19_500);
    expect((await reserve({ maxOutputTokens: null })).maxOutputTokens).toBe(490);
  });

  it('lets a stream go on beyond its bound while there is money, and stops it at the limit', async () => {
    const budget = await add({ limit_micros: 10_000 });
    const stream = await reserve();
    let tokens = 0;
    let stopped = 0;
    while (stopped < 5) {
      if (stream.allows(tokens + 1)) [tokens, stopped] = [tokens + 1, 0];
      else {
        stopped += 1;
        await room.settleUp();
      }
    }
    expect(tokens).toBeGreaterThan(9_500);
    await stream.settle(10 + tokens);
    const { spent_micros: spent } = await seen(budget.id);
    expect(spent).toBe(10 + tokens);
    expect(spent).toBeLessThanOrEqual(10_000);
  });
});

describe('windows of budgets', () => {
  it('bounds one call over all its attempts', async () => {
    const budget = await add({ window: 'call', limit_micros: 150 });
    const callId = newId();
    await (await reserve({ callId })).settle(60);
    const second = await reserve({ callId });
    expect(second).toMatchObject({ maxOutputTokens: 80, cutBy: budget.id });
    await second.settle(85);
    await expect(reserve({ callId })).rejects.toEqual(refusal());
    await (await reserve()).settle(100);
    expect(await seen(budget.id)).toMatchObject({ spent_micros: 145, refused: 1 });
  });

  it('bounds a run with the runs that it started, each run for itself', async () => {
    const budget = await add({ window: 'run' });
    const [parent, child, other] = [newId(), newId(), newId()];
    for (const [id, up] of [
      [parent, null],
      [child, parent],
      [other, null],
    ])
      await test.database.pool.query(
        `INSERT INTO runs (id, workspace_id, kind, title, status, plan, inputs, created_by_kind, created_by_id,
           created_by_name, created_at, parent_run_id)
         VALUES ($1, $2, 'test', 'test', 'running', '{}', '{}', 'system', 'x', 'x', now(), $3)`,
        [id, test.workspaceId, up],
      );
    await (await reserve({ runId: parent })).settle(100);
    for (let n = 0; n < 9; n += 1) await (await reserve({ runId: child })).settle(100);
    await expect(reserve({ runId: child })).rejects.toEqual(refusal());
    await expect(reserve({ runId: parent })).rejects.toEqual(refusal());
    await (await reserve({ runId: other })).settle(5);
    await (await reserve()).settle(5);
    expect(await seen(budget.id)).toMatchObject({
      spent_micros: 1_000,
      refused: 2,
      resets_at: null,
    });
  });

  it('opens again with the next day, in UTC', async () => {
    let now = Date.UTC(2026, 10, 21, 23, 59, 59);
    const clock: Clock = { ...systemClock, now: () => now };
    const daily = openRoom(test, { clock });
    const budget = await daily.service.create(
      test.workspaceId,
      budgetInput({ window: 'day', limit_micros: 100 }),
    );
    await (await daily.gate.reserve(claimOf(test))).settle(100);
    await expect(daily.gate.reserve(claimOf(test))).rejects.toEqual(refusal());
    now += 1_000;
    await (await daily.gate.reserve(claimOf(test))).settle(40);
    expect(await daily.service.get(test.workspaceId, budget.id)).toMatchObject({
      spent_micros: 40,
      refused: 0,
      window_started_at: '2026-11-22T00:00:00.000Z',
      resets_at: '2026-11-23T00:00:00.000Z',
    });
    await daily.close();
  });
});

describe('waiting for money that calls under way hold', () => {
  it('waits until one settles instead of refusing, first come first served', async () => {
    await add();
    const patient = openRoom(test, { options: { waitMs: 60_000 } });
    const held: Reservation[] = [];
    for (let n = 0; n < 10; n += 1) held.push(await patient.gate.reserve(claimOf(test)));
    const order: number[] = [];
    const waiting = [0, 1, 2].map(async (n) => {
      const got = await patient.gate.reserve(claimOf(test));
      order.push(n);
      return got;
    });
    for (const each of held) await each.settle(40);
    const got = await Promise.all(waiting);
    expect(order).toEqual([0, 1, 2]);
    expect(got.map((each) => each.maxOutputTokens)).toEqual([90, 90, 90]);
    for (const each of got) await each.settle(40);
    await patient.close();
  });

  it('lets nobody pass who comes later', async () => {
    await add();
    const patient = openRoom(test, { options: { waitMs: 60_000 } });
    const held: Reservation[] = [];
    for (let n = 0; n < 10; n += 1) held.push(await patient.gate.reserve(claimOf(test)));
    const order: string[] = [];
    const come = async (name: string) => {
      const got = await patient.gate.reserve(claimOf(test));
      order.push(name);
      await got.release();
    };
    const early = come('early');
    // Its first try at the counters has to be over: it stands in line then.
    await patient.settleUp();
    await held[0]?.release();
    await Promise.all([come('late'), early]);
    expect(order).toEqual(['early', 'late']);
    for (const each of held) await each.release();
    await patient.close();
  });

  it('takes what is at hand when the wait is over, and refuses when that is no answer', async () => {
    const budget = await add();
    const held = await reserve({ maxOutputTokens: 940 });
    const cut = await reserve();
    expect(cut).toMatchObject({ maxOutputTokens: 40, cutBy: budget.id });
    const refused = await reserve().catch((error: unknown) => error);
    expect(refused).toMatchObject({ details: { spent_micros: 0, reserved_micros: 1_000 } });
    await cut.release();
    await held.release();
  });

  it('ends the wait when the caller goes away', async () => {
    await add();
    const patient = openRoom(test, { options: { waitMs: 60_000 } });
    const held = await patient.gate.reserve(claimOf(test, { maxOutputTokens: 990 }));
    const gone = new AbortController();
    const waiting = patient.gate.reserve(claimOf(test, { signal: gone.signal }));
    gone.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await held.release();
    await expect(patient.gate.reserve(claimOf(test))).resolves.toMatchObject({
      maxOutputTokens: 90,
    });
    await patient.close();
  });
});
