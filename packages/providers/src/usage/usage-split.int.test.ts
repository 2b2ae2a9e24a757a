import { createTestDatabase, type TestDatabase } from '@automatos/database/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { usageByDaySplit } from './usage-split.ts';
import { recordUsage, type UsageRow } from './usage-store.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.close());

const SINCE = new Date('2026-01-01T00:00:00Z');

function row(callKey: string, extra: Partial<UsageRow>): UsageRow {
  return {
    workspaceId: test.workspaceId,
    callKey,
    agentSlug: null,
    provider: 'openai',
    model: 'a',
    inputTokens: 100,
    outputTokens: 20,
    cachedInputTokens: 0,
    reasoningTokens: 0,
    costMicros: 10,
    priceVersion: '2026-11',
    estimated: false,
    offline: false,
    status: 'success',
    durationMs: 12,
    at: new Date('2026-11-20T23:30:00Z'),
    ...extra,
  };
}

it('gives each day once per model, unknown prices counted and not added, nothing to another workspace', async () => {
  const later = new Date('2026-11-21T00:30:00Z');
  await test.database.workspace(test.workspaceId, (tx) =>
    recordUsage(tx, [
      row('1', {}),
      row('2', {}),
      row('3', { model: 'b', inputTokens: 900, costMicros: null }),
      row('4', { at: later, agentSlug: 'security' }),
    ]),
  );
  await test.database.workspace(test.workspaceId, async (tx) => {
    expect(await usageByDaySplit(tx, SINCE, 'model')).toMatchObject([
      { key: '2026-11-21', split: 'openai/a', calls: 1, costMicros: 10, unpricedCalls: 0 },
      { key: '2026-11-20', split: 'openai/b', calls: 1, costMicros: null, unpricedCalls: 1 },
      { key: '2026-11-20', split: 'openai/a', calls: 2, inputTokens: 200, costMicros: 20 },
    ]);
    const agents = await usageByDaySplit(tx, SINCE, 'agent');
    expect(agents.map(({ key, split }) => `${key} ${split}`)).toEqual([
      '2026-11-21 security',
      '2026-11-20 ',
    ]);
  });
  expect(
    await test.database.workspace(test.otherWorkspaceId, (tx) =>
      usageByDaySplit(tx, SINCE, 'source'),
    ),
  ).toEqual([]);
});
