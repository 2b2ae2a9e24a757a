import type { Tx } from '@automatos/database';
import { gte, sql } from 'drizzle-orm';
import type { UsageBucket } from './usage-store.ts';
import { llmUsage } from './usage-tables.ts';

/** What the calls of a day can be told apart by. */
export type UsageSplit = 'model' | 'agent' | 'provider' | 'source';

/** Sums of one day and one model, agent, provider or source. */
export interface UsageSlice extends UsageBucket {
  split: string;
}

const SPLITS = {
  model: sql<string>`${llmUsage.provider} || '/' || ${llmUsage.model}`,
  agent: sql<string>`coalesce(${llmUsage.agentSlug}, '')`,
  provider: sql<string>`${llmUsage.provider}`,
  source: sql<string>`${llmUsage.source}`,
} as const;

/** Slices since a time, newest day first, in a day the most tokens first, at most 5,000. Reads by `llm_usage_recent`. */
export function usageByDaySplit(tx: Tx, since: Date, split: UsageSplit): Promise<UsageSlice[]> {
  const sum = (column: unknown) => sql<number>`sum(${column})`.mapWith(Number);
  return tx
    .select({
      key: sql<string>`to_char(${llmUsage.at} AT TIME ZONE 'UTC', 'YYYY-MM-DD')`,
      split: SPLITS[split],
      calls: sql<number>`count(*)`.mapWith(Number),
      inputTokens: sum(llmUsage.inputTokens),
      outputTokens: sum(llmUsage.outputTokens),
      cachedInputTokens: sum(llmUsage.cachedInputTokens),
      reasoningTokens: sum(llmUsage.reasoningTokens),
      costMicros: sql<number | null>`sum(${llmUsage.costMicros})`.mapWith((value: string | null) =>
        value === null ? null : Number(value),
      ),
      unpricedCalls: sql<number>`count(*) FILTER (WHERE ${llmUsage.costMicros} IS NULL)`.mapWith(
        Number,
      ),
    })
    .from(llmUsage)
    .where(gte(llmUsage.at, since))
    .groupBy(sql`1`, sql`2`)
    .orderBy(sql`1 DESC, 4 DESC, 2`)
    .limit(5000);
}
