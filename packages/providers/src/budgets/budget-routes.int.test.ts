import { workspaceBudgetInputSchema, workspaceBudgetSchema } from '@automatos/contracts';
import type { Call, WorkspaceBudget } from '@automatos/contracts';
import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { newId } from '@automatos/kernel';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createBudgetRoutes } from './budget-routes.ts';
import type { Budgets } from './create-budgets.ts';
import { budgetInput, claimOf, openRoom, wipe } from './testing/room.ts';

let test: TestDatabase;
let room: Budgets;
beforeAll(async () => {
  test = await createTestDatabase();
  room = openRoom(test);
});
afterAll(async () => {
  await room.close();
  await test.close();
});
afterEach(() => wipe(test));

interface Asked {
  params?: object;
  query?: object;
  body?: object;
  headers?: Record<string, string>;
  workspaceId?: string;
}

/** Calls a handler as the edge does, after validation. */
async function ask<Body = WorkspaceBudget>(operationId: string, asked: Asked = {}) {
  const routes = createBudgetRoutes({ budgets: room.service });
  const route = routes.find(({ spec }) => spec.operationId === operationId);
  const call = { workspaceId: test.workspaceId, headers: {}, query: { limit: 20 }, ...asked };
  const reply = await (route as (typeof routes)[number]).handle(call as unknown as Call);
  return { etag: reply.etag, body: reply.body as Body };
}
const create = (parts: Parameters<typeof budgetInput>[0] = {}) =>
  ask('createBudget', { body: workspaceBudgetInputSchema.parse(budgetInput(parts)) });

describe('budget routes', () => {
  it('creates, shows, changes and removes a budget', async () => {
    const { body, etag } = await create({ window: 'month', agent: 'scout' });
    expect(workspaceBudgetSchema.parse(body)).toMatchObject({ spent_micros: 0, version: 1 });
    const params = { budget_id: body.id };
    expect(await ask('getBudget', { params })).toEqual({ body, etag: '1' });
    expect(etag).toBe('1');
    const change = {
      params,
      body: budgetInput({ name: 'renamed' }),
      headers: { 'if-match': '"1"' },
    };
    expect((await ask('updateBudget', change)).body).toMatchObject({ name: 'renamed', version: 2 });
    await expect(ask('updateBudget', change)).rejects.toMatchObject({
      code: 'providers.budget.version_mismatch',
      kind: 'conflict',
    });
    await ask('deleteBudget', { params });
    for (const operation of ['getBudget', 'deleteBudget'])
      await expect(ask(operation, { params })).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('names the field of an unknown agent and the likely one', async () => {
    await expect(create({ agent: 'scuot' })).rejects.toMatchObject({
      code: 'providers.budget.agent_unknown',
      kind: 'invalid-input',
      errors: [{ pointer: '/agent', suggestion: 'scout' }],
    });
  });

  it('lists by name in pages, of its own workspace only', async () => {
    for (const name of ['c', 'a', 'b']) await create({ name });
    type Listed = { items: WorkspaceBudget[]; next_cursor: string | null; total: number };
    const first = await ask<Listed>('listBudgets', { query: { limit: 2 } });
    expect(first.body.items.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(first.body.total).toBe(3);
    const query = { limit: 2, cursor: first.body.next_cursor };
    const second = await ask<Listed>('listBudgets', { query });
    expect(second.body).toMatchObject({ items: [{ name: 'c' }], next_cursor: null });
    const { otherWorkspaceId: workspaceId } = test;
    expect((await ask<Listed>('listBudgets', { workspaceId })).body.items).toEqual([]);
    const params = { budget_id: second.body.items[0]?.id ?? newId() };
    await expect(ask('getBudget', { params, workspaceId })).rejects.toMatchObject({
      kind: 'not-found',
    });
    await expect(ask('listBudgets', { query: { limit: 2, cursor: 'x' } })).rejects.toMatchObject({
      code: 'providers.budget.cursor_invalid',
    });
  });

  it('keeps what was spent when a limit changes: lowered below it refuses, raised it goes on', async () => {
    const { body } = await create();
    await (await room.gate.reserve(claimOf(test))).settle(100);
    const change = (limit_micros: number, version: number) =>
      ask('updateBudget', {
        params: { budget_id: body.id },
        body: budgetInput({ limit_micros }),
        headers: { 'if-match': String(version) },
      });
    expect((await change(50, 1)).body).toMatchObject({ spent_micros: 100, limit_micros: 50 });
    await expect(room.gate.reserve(claimOf(test))).rejects.toMatchObject({
      details: { limit_micros: 50, spent_micros: 100 },
    });
    await change(150, 2);
    const held = await room.gate.reserve(claimOf(test));
    expect(held.maxOutputTokens).toBe(40);
    await held.settle(50);
    const { body: after } = await ask('getBudget', { params: { budget_id: body.id } });
    expect(after).toMatchObject({ spent_micros: 150, refused: 1 });
  });

  it('does not spend under a lowered limit what was taken under the old one', async () => {
    const { body } = await create();
    await (await room.gate.reserve(claimOf(test))).release();
    await ask('updateBudget', {
      params: { budget_id: body.id },
      body: budgetInput({ limit_micros: 50 }),
      headers: { 'if-match': '1' },
    });
    const held = await room.gate.reserve(claimOf(test));
    expect(held.maxOutputTokens).toBe(40);
    await expect(room.gate.reserve(claimOf(test))).rejects.toMatchObject({
      details: { limit_micros: 50, reserved_micros: 50 },
    });
    await held.release();
  });

  it('makes changes count in other processes at once', async () => {
    const other = openRoom(test);
    await other.gate.reserve(claimOf(test));
    const { body } = await create({ limit_micros: 50 });
    const params = { budget_id: body.id };
    const bound = async () => {
      const held = await other.gate.reserve(claimOf(test));
      await held.release();
      return held.maxOutputTokens;
    };
    await expect.poll(bound).toBe(40);
    await ask('updateBudget', {
      params,
      body: budgetInput({ enabled: false }),
      headers: { 'if-match': '*' },
    });
    await expect.poll(bound).toBe(90);
    await other.close();
  });
});
