import { PlatformError } from '@automatos/kernel';
import { createMemoryJournal, createMemoryRun } from '@automatos/testing';
import { afterEach, expect, test } from 'vitest';
import { createTurnFixture, runTurn, testRequest } from '../testing/turn-fixture.ts';
import type { TurnFixture } from '../testing/turn-fixture.ts';
import type { ModelEstimate, TurnBudget } from './runtime-types.ts';

let fixture: TurnFixture;
afterEach(async () => {
  await fixture.close();
});

/** Grants `outputTokens` per call and notes what it is asked and told. */
function budgetOf(outputTokens: number, refuse: { model?: boolean; tool?: boolean } = {}) {
  const asked: { callId: string; estimate?: ModelEstimate }[] = [];
  const settled = new Map<string, { tokens: number; tools: number }>();
  const refusal = () =>
    new PlatformError({ code: 'test.budget.used_up', kind: 'limit-reached', message: 'used up' });
  const budget: TurnBudget = {
    async reserveModel(callId, estimate) {
      asked.push({ callId, estimate });
      if (refuse.model === true) throw refusal();
      return { outputTokens, bound: 'max_tokens' };
    },
    async reserveTool(callId) {
      asked.push({ callId });
      if (refuse.tool === true) throw refusal();
    },
    settle(callId, used) {
      const tokens = used.input_tokens + used.output_tokens;
      settled.set(callId, { tokens, tools: used.tool_calls });
    },
  };
  return { budget, asked, settled };
}

const oneTool = (finish?: 'length') =>
  createTurnFixture(({ toolResults }) => {
    const usage = { input: 10, output: 5 };
    if (toolResults > 0)
      return { kind: 'answer', text: ['All counted.'], usage, ...(finish && { finish }) };
    return { kind: 'answer', toolCalls: [{ name: 'count', input: { path: 'a' } }], usage };
  });

test('the budget is asked before each call and told what each took', async () => {
  fixture = await oneTool();
  const { budget, asked, settled } = budgetOf(100);
  const { result } = await runTurn(fixture, { budget });
  expect(result.status).toBe('completed');
  expect(asked.map(({ callId }) => callId)).toEqual(['review/1/1', 'review/1/1/0', 'review/1/2']);
  expect(asked[0]?.estimate?.outputTokens).toBe(2_000);
  expect(asked[0]?.estimate?.inputTokens).toBeGreaterThan(0);
  expect(Object.fromEntries(settled)).toEqual({
    'review/1/1': { tokens: 15, tools: 0 },
    'review/1/1/0': { tokens: 0, tools: 1 },
    'review/1/2': { tokens: 15, tools: 0 },
  });
  const bounds = fixture.server.records.map(({ request }) => request.body['max_tokens']);
  expect(bounds).toEqual([100, 100]);
});

test('an answer that the budget cut short is no whole answer', async () => {
  fixture = await oneTool('length');
  const { result } = await runTurn(fixture, { budget: budgetOf(100).budget });
  expect(result).toMatchObject({ status: 'limit_reached', limit: 'budget', bound: 'max_tokens' });
});

test('a refused call is never made, its reservation ends, and a replay does not ask again', async () => {
  fixture = await oneTool();
  const journal = createMemoryJournal();
  const first = budgetOf(100, { model: true });
  const refused = { code: 'test.budget.used_up' };
  await expect(runTurn(fixture, { budget: first.budget }, { journal })).rejects.toMatchObject(
    refused,
  );
  expect(fixture.server.records).toHaveLength(0);
  expect(first.settled.get('review/1/1')).toEqual({ tokens: 0, tools: 0 });
  const second = budgetOf(100);
  await expect(runTurn(fixture, { budget: second.budget }, { journal })).rejects.toMatchObject(
    refused,
  );
  expect(second.asked).toEqual([]);
});

test('a refused tool call ends the turn', async () => {
  fixture = await oneTool();
  const { budget } = budgetOf(100, { tool: true });
  await expect(runTurn(fixture, { budget })).rejects.toMatchObject({ code: 'test.budget.used_up' });
  expect(fixture.ran).toEqual([]);
});

test('a tool that needs more than the turn allows is denied', async () => {
  fixture = await oneTool();
  const memory = createMemoryRun();
  await expect(
    fixture.runtime.runTurn(memory.context, testRequest({ allowedCapabilities: [] })),
  ).resolves.toMatchObject({ tools: { count: { status: 'denied' } } });
  expect(fixture.ran).toEqual([]);
});
