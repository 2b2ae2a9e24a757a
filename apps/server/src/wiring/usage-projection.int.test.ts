import type { EventData } from '@automatos/contracts';
import { createTestDatabase, type TestDatabase } from '@automatos/database/testing';
import { newId } from '@automatos/kernel';
import type { RunId } from '@automatos/kernel';
import { createShippedPriceBook, listCalls, PRICE_VERSION } from '@automatos/providers';
import type { EventProjection } from '@automatos/runs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createUsageProjection } from './usage-projection.ts';

let place: TestDatabase;
beforeAll(async () => {
  place = await createTestDatabase();
});
afterAll(() => place.close());

const AT = '2026-11-21T12:00:00.000Z';
const data: EventData<'llm.completed'> = {
  call_id: 'a/1',
  provider: 'openai',
  model: 'gpt-5.4-mini',
  agent: 'writer',
  input_tokens: 1_000,
  output_tokens: 100,
  cached_input_tokens: 0,
  reasoning_tokens: 0,
  cost_micros: 1_200,
  estimated: false,
  offline: false,
  duration_ms: 12,
  finish_reason: 'stop',
  tool_calls: 0,
  text: '',
};

test('a call of a run, of its judge, and one answered from the cache: each once, told apart', async () => {
  const { database, workspaceId } = place;
  const runId = newId<'run'>() as RunId;
  const eventOf = (change: Partial<typeof data>) => ({
    event: {
      id: newId(),
      seq: 1,
      workspace_id: workspaceId,
      type: 'llm.completed',
      subject: `run/${runId}`,
      run_id: runId,
      step_id: 'write',
      at: AT,
      data: { ...data, ...change },
    },
  });
  const events = [
    eventOf({}),
    eventOf({ call_id: 'a/2', agent: 'quality-judge' }),
    eventOf({ call_id: 'a/3', cache: 'hit', cost_micros: 0 }),
    eventOf({ call_id: 'a/4', model: 'gpt-4.1', cost_micros: null }),
  ] as unknown as Parameters<EventProjection>[2];
  const project = createUsageProjection(createShippedPriceBook());
  // Twice, as after a crash.
  for (const _time of [1, 2])
    await database.workspace(workspaceId, (tx) => project(tx, workspaceId, events));

  const { items } = await database.workspace(workspaceId, (tx) =>
    listCalls(tx, { limit: 10, runId }),
  );
  const told = items.map(({ callKey, source, cache, costMicros, priceVersion }) => ({
    call: callKey.split('/').at(-1),
    source,
    cache,
    costMicros,
    priceVersion,
  }));
  expect(told.toSorted((a, b) => (a.call ?? '').localeCompare(b.call ?? ''))).toEqual([
    { call: '1', source: 'run', cache: 'off', costMicros: 1_200, priceVersion: PRICE_VERSION },
    { call: '2', source: 'judge', cache: 'off', costMicros: 1_200, priceVersion: PRICE_VERSION },
    { call: '3', source: 'run', cache: 'hit', costMicros: 0, priceVersion: PRICE_VERSION },
    { call: '4', source: 'run', cache: 'off', costMicros: null, priceVersion: PRICE_VERSION },
  ]);
});
