import { executePrepared } from '@automatos/database';
import type { Tx } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { gte, sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import type { ModelUsage } from '../calls/model-call.ts';
import { llmUsage } from './usage-tables.ts';
import type { CacheOutcome, CallKind, CallSource, CallStatus } from './usage-tables.ts';

export type UsageRow = Omit<typeof llmUsage.$inferInsert, 'id'>;

/** Which call a usage row belongs to. */
export interface UsageOwner {
  workspaceId: WorkspaceId;
  runId?: string | null;
  stepKey?: string | null;
  /** The same for every replay of the same call. */
  callKey: string;
  agentSlug?: string | null;
  source: CallSource;
  at: Date;
}

/** What is to be written down of a call that was paid. */
export interface PaidCall {
  provider: string;
  model: string;
  usage: ModelUsage;
  usageEstimated: boolean;
  costMicros: number | null;
  priceVersion: string;
  offline: boolean;
  durationMs: number;
  /** Absent: no cache was asked. */
  cache?: CacheOutcome;
}

/** The row of a call. */
export function usageRowOf(
  paid: PaidCall,
  owner: UsageOwner,
  how: { kind?: CallKind; status?: CallStatus } = {},
): UsageRow {
  return {
    workspaceId: owner.workspaceId,
    runId: owner.runId ?? null,
    stepKey: owner.stepKey ?? null,
    callKey: owner.callKey,
    agentSlug: owner.agentSlug ?? null,
    provider: paid.provider,
    model: paid.model,
    inputTokens: paid.usage.inputTokens,
    outputTokens: paid.usage.outputTokens,
    cachedInputTokens: paid.usage.cachedInputTokens,
    reasoningTokens: paid.usage.reasoningTokens,
    costMicros: paid.costMicros,
    priceVersion: paid.priceVersion,
    estimated: paid.usageEstimated,
    offline: paid.offline,
    kind: how.kind ?? 'chat',
    source: owner.source,
    cache: paid.cache ?? 'off',
    status: how.status ?? 'success',
    durationMs: Math.max(0, Math.round(paid.durationMs)),
    at: owner.at,
  };
}

/** The row of texts that were embedded. */
export function usageRowOfEmbedding(
  embedded: Omit<PaidCall, 'usage' | 'cache'> & { inputTokens: number },
  owner: UsageOwner,
): UsageRow {
  const { inputTokens } = embedded;
  const usage = { inputTokens, outputTokens: 0, cachedInputTokens: 0, reasoningTokens: 0 };
  return usageRowOf({ ...embedded, usage }, owner, { kind: 'embedding' });
}

/** Writes rows in one statement; a row whose call key is there already is left out. Returns how many were new. */
export async function recordUsage(tx: Tx, rows: readonly UsageRow[]): Promise<number> {
  if (rows.length === 0) return 0;
  const written = await executePrepared(tx, {
    name: 'automatos_record_usage',
    text: INSERT,
    values: [JSON.stringify(rows.map(toColumns))],
  });
  return written.length;
}

const INSERT = `
  INSERT INTO llm_usage (id, workspace_id, run_id, step_key, call_key, agent_slug, provider, model, input_tokens,
    output_tokens, cached_input_tokens, reasoning_tokens, cost_micros, price_version, estimated, offline, kind, source,
    cache, status, duration_ms, at)
  SELECT id, workspace_id, run_id, step_key, call_key, agent_slug, provider, model, input_tokens,
    output_tokens, cached_input_tokens, reasoning_tokens, cost_micros, price_version, estimated, offline, kind, source,
    cache, status, duration_ms, at
  FROM jsonb_to_recordset($1::jsonb) AS r (id uuid, workspace_id uuid, run_id uuid, step_key text, call_key text,
    agent_slug text, provider text, model text, input_tokens bigint, output_tokens bigint, cached_input_tokens bigint,
    reasoning_tokens bigint, cost_micros bigint, price_version text, estimated boolean, offline boolean, kind text,
    source text, cache text, status text, duration_ms integer, at timestamptz)
  ON CONFLICT (workspace_id, call_key) DO NOTHING RETURNING id`;

function toColumns(row: UsageRow): Record<string, unknown> {
  return {
    id: newId(),
    workspace_id: row.workspaceId,
    run_id: row.runId ?? null,
    step_key: row.stepKey ?? null,
    call_key: row.callKey,
    agent_slug: row.agentSlug ?? null,
    provider: row.provider,
    model: row.model,
    input_tokens: row.inputTokens,
    output_tokens: row.outputTokens,
    cached_input_tokens: row.cachedInputTokens,
    reasoning_tokens: row.reasoningTokens,
    cost_micros: row.costMicros ?? null,
    price_version: row.priceVersion ?? null,
    estimated: row.estimated,
    offline: row.offline,
    kind: row.kind ?? 'chat',
    source: row.source ?? 'run',
    cache: row.cache ?? 'off',
    status: row.status,
    duration_ms: row.durationMs,
    at: row.at,
  };
}

/** Sums of one day, model or agent. */
export interface UsageBucket {
  key: string;
  calls: number;
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens: number;
  reasoningTokens: number;
  /** Sum of the known costs; null when no call has one. */
  costMicros: number | null;
  /** Calls of unknown price, which `costMicros` leaves out. */
  unpricedCalls: number;
}

/** Days in UTC that have calls, newest first. Reads by `llm_usage_recent`. */
export function usageByDay(tx: Tx, since: Date): Promise<UsageBucket[]> {
  const day = sql<string>`to_char(${llmUsage.at} AT TIME ZONE 'UTC', 'YYYY-MM-DD')`;
  return buckets(tx, { key: day, since, order: sql`1 DESC` });
}

/** `provider/model` pairs, most tokens first. */
export function usageByModel(tx: Tx, since: Date): Promise<UsageBucket[]> {
  return buckets(tx, {
    key: sql<string>`${llmUsage.provider} || '/' || ${llmUsage.model}`,
    since,
    order: MOST_TOKENS,
  });
}

/** Providers, most tokens first. */
export function usageByProvider(tx: Tx, since: Date): Promise<UsageBucket[]> {
  return buckets(tx, { key: sql<string>`${llmUsage.provider}`, since, order: MOST_TOKENS });
}

/** Runs by id, most tokens first; calls outside of runs stand under an empty key. */
export function usageByRun(tx: Tx, since: Date): Promise<UsageBucket[]> {
  return buckets(tx, {
    key: sql<string>`coalesce(${llmUsage.runId}::text, '')`,
    since,
    order: MOST_TOKENS,
  });
}

/** Who asked: runs, the OpenAI-compatible endpoint, judges, trials, the platform itself. */
export function usageBySource(tx: Tx, since: Date): Promise<UsageBucket[]> {
  return buckets(tx, { key: sql<string>`${llmUsage.source}`, since, order: MOST_TOKENS });
}

/** Agents by slug, most tokens first; calls without an agent stand under an empty key. */
export function usageByAgent(tx: Tx, since: Date): Promise<UsageBucket[]> {
  return buckets(tx, {
    key: sql<string>`coalesce(${llmUsage.agentSlug}, '')`,
    since,
    order: MOST_TOKENS,
  });
}

/** Everything since a time in one bucket with the key `total`. */
export async function usageTotal(tx: Tx, since: Date): Promise<UsageBucket> {
  const [total] = await buckets(tx, { key: sql<string>`'total'`, since, order: sql`1` });
  return (
    total ?? {
      key: 'total',
      calls: 0,
      inputTokens: 0,
      outputTokens: 0,
      cachedInputTokens: 0,
      reasoningTokens: 0,
      costMicros: null,
      unpricedCalls: 0,
    }
  );
}

const MOST_TOKENS = sql`3 DESC, 1`;

/** Groups of the workspace of the transaction since a time, at most 1,000. */
function buckets(
  tx: Tx,
  { key, since, order }: { key: SQL<string>; since: Date; order: SQL },
): Promise<UsageBucket[]> {
  const sum = (column: SQL) => sql<number>`${column}`.mapWith(Number);
  return tx
    .select({
      key,
      calls: sum(sql`count(*)`),
      inputTokens: sum(sql`sum(${llmUsage.inputTokens})`),
      outputTokens: sum(sql`sum(${llmUsage.outputTokens})`),
      cachedInputTokens: sum(sql`sum(${llmUsage.cachedInputTokens})`),
      reasoningTokens: sum(sql`sum(${llmUsage.reasoningTokens})`),
      costMicros: sql<number | null>`sum(${llmUsage.costMicros})`.mapWith((value: string | null) =>
        value === null ? null : Number(value),
      ),
      unpricedCalls: sum(sql`count(*) FILTER (WHERE ${llmUsage.costMicros} IS NULL)`),
    })
    .from(llmUsage)
    .where(gte(llmUsage.at, since))
    .groupBy(sql`1`)
    .orderBy(order)
    .limit(1000);
}
