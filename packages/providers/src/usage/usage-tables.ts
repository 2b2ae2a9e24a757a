import type { CACHE_OUTCOMES } from '@automatos/contracts';
import { bigint, boolean, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const tokens = (name: string) => bigint(name, { mode: 'number' }).notNull();

/** How a model call ended, in the words of the metric `amas_ai_provider_calls_total`. */
export type CallStatus = 'success' | 'error' | 'timeout' | 'rate_limited' | 'cancelled';

export type CallKind = 'chat' | 'embedding' | 'rerank';
/** Who asked. */
export type CallSource = 'run' | 'api' | 'judge' | 'trial' | 'platform';
export type CacheOutcome = (typeof CACHE_OUTCOMES)[number];

/** One row per model call; append-only, unique per workspace and `callKey`. */
export const llmUsage = pgTable('llm_usage', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  runId: uuid('run_id'),
  stepKey: text('step_key'),
  callKey: text('call_key').notNull(),
  agentSlug: text('agent_slug'),
  provider: text('provider').notNull(),
  model: text('model').notNull(),
  inputTokens: tokens('input_tokens'),
  outputTokens: tokens('output_tokens'),
  cachedInputTokens: tokens('cached_input_tokens'),
  reasoningTokens: tokens('reasoning_tokens'),
  costMicros: bigint('cost_micros', { mode: 'number' }),
  priceVersion: text('price_version'),
  estimated: boolean('estimated').notNull(),
  offline: boolean('offline').notNull(),
  kind: text('kind').$type<CallKind>().notNull().default('chat'),
  source: text('source').$type<CallSource>().notNull().default('run'),
  cache: text('cache').$type<CacheOutcome>().notNull().default('off'),
  status: text('status').$type<CallStatus>().notNull(),
  durationMs: integer('duration_ms').notNull(),
  at: timestamp('at', { withTimezone: true, mode: 'date' }).notNull(),
});
