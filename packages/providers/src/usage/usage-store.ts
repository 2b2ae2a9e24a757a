import type { Tx } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { gte, sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import type { ModelResult } from '../calls/model-call.ts';
import { llmUsage } from './usage-tables.ts';
import type { CallStatus } from './usage-tables.ts';

export type UsageRow = Omit<typeof llmUsage.$inferInsert, 'id'>;

/** Which call a usage row belongs to. */
export interface UsageOwner {
  workspaceId: WorkspaceId;
  runId?: string | null;
  stepKey?: string | null;
  /** The same for every replay of the same call. */
  callKey: string;
  agentSlug?: string | null;
  at: Date;
}

/** The row of an answered call. */
export function usageRowOf(
  result: ModelResult,
  owner: UsageOwner,
  status: CallStatus = 'success',
): UsageRow {
  return {
    workspaceId: owner.workspaceId,
    runId: owner.runId ?? null,
    stepKey: owner.stepKey ?? null,
    callKey: owner.callKey,
    agentSlug: owner.agentSlug ?? null,
    provider: result.provider,
    model: result.model,
    ...result.usage,
    costMicros: result.costMicros,
    priceVersion: result.priceVersion,
    estimated: result.usageEstimated,
    offline: result.offline,
    status,
    durationMs: Math.max(0, Math.round(result.durationMs)),
    at: owner.at,
  };
}

/** Writes rows in one statement; a row whose call key is there already is left out. Returns how many were new. */
export async function recordUsage(tx: Tx, rows: readonly UsageRow[]): Promise<number> {
  if (rows.length === 0) return 0;
  const written = await tx
    .insert(llmUsage)
    .values(rows.map((row) => ({ ...row, id: newId() })))
    .onConflictDoNothing({ target: [llmUsage.workspaceId, llmUsage.callKey] })
    .returning({ id: llmUsage.id });
  return written.length;
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
