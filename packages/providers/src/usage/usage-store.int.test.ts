import {
  assertTablesMatch,
  createTestDatabase,
  type TestDatabase,
} from '@automatos/database/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordUsage, usageByAgent, usageByDay, usageByModel, usageTotal } from './usage-store.ts';
import type { UsageRow } from './usage-store.ts';
import { llmUsage } from './usage-tables.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.close());

const SINCE = new Date('2026-01-01T00:00:00Z');

function row(callKey: string, extra: Partial<UsageRow> = {}): UsageRow {
  return {
    workspaceId: test.workspaceId,
    runId: null,
    stepKey: 'scan',
    callKey,
    agentSlug: 'security',
    provider: 'openai',
    model: 'gpt-5.4-mini',
    inputTokens: 100,
    outputTokens: 20,
    cachedInputTokens: 0,
    reasoningTokens: 0,
    costMicros: 165,
    priceVersion: '2026-11',
    estimated: false,
    offline: false,
    status: 'success',
    durationMs: 12,
    at: new Date('2026-11-20T23:30:00Z'),
    ...extra,
  };
}

describe('usage store', () => {
  it('matches the migration', async () => {
    await expect(assertTablesMatch(test.database, [llmUsage])).resolves.toBeUndefined();
  });

  it('writes many rows at once, and a call only once, within one statement and across transactions', async () => {
    const rows = [
      row('a'),
      row('b', {
        costMicros: null,
        provider: 'openai-compatible',
        model: 'house',
        agentSlug: null,
      }),
      row('a'),
    ];
    expect(await test.database.workspace(test.workspaceId, (tx) => recordUsage(tx, rows))).toBe(2);
    expect(
      await test.database.workspace(test.workspaceId, (tx) =>
        recordUsage(tx, [
          row('a', { inputTokens: 999 }),
          row('c', { at: new Date('2026-11-21T00:30:00Z'), inputTokens: 5_000_000_000 }),
        ]),
      ),
    ).toBe(1);
    expect(await test.database.workspace(test.workspaceId, (tx) => recordUsage(tx, []))).toBe(0);
  });

  it('sums by day in UTC, model and agent; unknown prices are counted, not added', async () => {
    await test.database.workspace(test.workspaceId, async (tx) => {
      expect(await usageByDay(tx, SINCE)).toMatchObject([
        { key: '2026-11-21', calls: 1, inputTokens: 5_000_000_000, costMicros: 165 },
        {
          key: '2026-11-20',
          calls: 2,
          inputTokens: 200,
          outputTokens: 40,
          costMicros: 165,
          unpricedCalls: 1,
        },
      ]);
      expect(
        (await usageByModel(tx, SINCE)).map(({ key, costMicros, unpricedCalls }) => ({
          key,
          costMicros,
          unpricedCalls,
        })),
      ).toEqual([
        { key: 'openai/gpt-5.4-mini', costMicros: 330, unpricedCalls: 0 },
        { key: 'openai-compatible/house', costMicros: null, unpricedCalls: 1 },
      ]);
      expect((await usageByAgent(tx, SINCE)).map((bucket) => bucket.key)).toEqual(['security', '']);
      expect(await usageTotal(tx, SINCE)).toMatchObject({
        calls: 3,
        costMicros: 330,
        unpricedCalls: 1,
      });
      expect(await usageTotal(tx, new Date('2027-01-01T00:00:00Z'))).toMatchObject({
        calls: 0,
        costMicros: null,
      });
    });
  });

  it('shows nothing to another workspace and refuses rows for it', async () => {
    expect(
      await test.database.workspace(test.otherWorkspaceId, (tx) => usageByModel(tx, SINCE)),
    ).toEqual([]);
    await expect(
      test.database.workspace(test.otherWorkspaceId, (tx) => recordUsage(tx, [row('foreign')])),
    ).rejects.toThrow(/Failed query|row-level security/);
  });
});
