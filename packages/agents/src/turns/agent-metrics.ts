import type { AgentMetrics, AgentStats, AgentUsage } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';

export interface Period {
  from: Date;
  to: Date;
}

/** Turns of a figure that ended other than by being cut off. */
const JUDGED = sql`t.status IN ('completed','failed','limit_reached')`;
const MS = sql`extract(epoch FROM t.finished_at - t.started_at) * 1000`;
/** Share of judged turns that completed; null without one. */
const SUCCESS = sql`count(*) FILTER (WHERE t.status = 'completed')::float8 / nullif(count(*) FILTER (WHERE ${JUDGED}), 0)`;
/** Unknown as soon as the price of one call is. */
const COST = sql`CASE WHEN sum(t.unpriced_calls) > 0 THEN NULL ELSE coalesce(sum(t.cost_micros), 0)::float8 END`;

const FIGURES: SQL = sql`
  count(*)::int AS turns,
  count(*) FILTER (WHERE t.status = 'completed')::int AS completed,
  count(*) FILTER (WHERE t.status = 'failed')::int AS failed,
  count(*) FILTER (WHERE t.status = 'limit_reached')::int AS limit_reached,
  count(*) FILTER (WHERE t.status = 'cancelled')::int AS cancelled,
  ${SUCCESS} AS success_rate,
  round(avg(${MS}) FILTER (WHERE ${JUDGED}))::float8 AS duration_ms_mean,
  round(percentile_cont(0.95) WITHIN GROUP (ORDER BY ${MS}) FILTER (WHERE ${JUDGED}))::float8 AS duration_ms_p95,
  avg(t.quality)::float8 AS quality_mean,
  coalesce(sum(t.input_tokens), 0)::float8 AS input_tokens,
  coalesce(sum(t.output_tokens), 0)::float8 AS output_tokens,
  ${COST} AS cost_micros`;

type Figures = Omit<AgentMetrics['by_day'][number], 'day'>;
type TotalsRow = Figures & {
  day: null;
  runs: number;
  working: number;
  quality_rated: number;
  model_calls: number;
  tool_calls: number;
  tool_failures: number;
  findings: number;
  busy_ms: number | null;
  first_at: Date | string | null;
  last_at: Date | string | null;
};
type Row = TotalsRow | (Omit<TotalsRow, 'day'> & { day: string });

const iso = (value: Date | string | null) =>
  value === null ? null : new Date(value).toISOString();

/**
 * Figures of one agent, dry runs left out, by the day (UTC) on which a turn began; index `agent_turns_of_agent`. Turns that
 * are still under way count to `turns` and to no rate.
 */
export async function agentMetrics(
  tx: Tx,
  agent: { id: string; slug: string; concurrency_limit: number },
  { from, to }: Period,
): Promise<AgentMetrics> {
  const found = await tx.execute(sql`
    SELECT CASE WHEN grouping(d.day) = 1 THEN NULL ELSE d.day::text END AS day, ${FIGURES},
      count(DISTINCT t.run_id)::int AS runs,
      count(*) FILTER (WHERE t.finished_at IS NULL)::int AS working,
      count(t.quality)::int AS quality_rated,
      coalesce(sum(t.model_calls), 0)::float8 AS model_calls, coalesce(sum(t.tool_calls), 0)::float8 AS tool_calls,
      coalesce(sum(t.tool_failures), 0)::float8 AS tool_failures, coalesce(sum(t.findings), 0)::float8 AS findings,
      sum(extract(epoch FROM coalesce(t.finished_at, ${to.toISOString()}::timestamptz) - t.started_at) * 1000)::float8 AS busy_ms,
      min(t.started_at) AS first_at, max(t.started_at) AS last_at
    FROM agent_turns t, LATERAL (SELECT (t.started_at AT TIME ZONE 'UTC')::date AS day) d
    WHERE t.agent_id = ${agent.id}::uuid AND NOT t.dry_run
      AND t.started_at >= ${from.toISOString()}::timestamptz AND t.started_at <= ${to.toISOString()}::timestamptz
    GROUP BY GROUPING SETS ((), (d.day)) ORDER BY day NULLS FIRST`);
  const rows = found.rows as unknown as Row[];
  const [total, ...days] = rows as [TotalsRow, ...Row[]];
  const last100 = await lastTurns(tx, agent.id);
  const feedback = await feedbackFigures(tx, agent.id);
  return {
    agent_id: agent.id,
    slug: agent.slug,
    from: from.toISOString(),
    to: to.toISOString(),
    ...figuresOf(total),
    runs: total.runs,
    working: total.working,
    last_100: last100,
    quality_rated: total.quality_rated,
    model_calls: total.model_calls,
    tool_calls: total.tool_calls,
    tool_failures: total.tool_failures,
    findings: total.findings,
    utilisation: utilisationOf(total, agent.concurrency_limit, to),
    feedback,
    last_turn_at: iso(total.last_at),
    by_day: days.map((row) => ({ day: row.day ?? '', ...figuresOf(row) })),
  };
}

function figuresOf(row: Omit<Row, 'day'>): Figures {
  const { turns, completed, failed, limit_reached, cancelled, success_rate } = row;
  const { duration_ms_mean, duration_ms_p95, quality_mean } = row;
  const { input_tokens, output_tokens, cost_micros } = row;
  return {
    turns,
    completed,
    failed,
    limit_reached,
    cancelled,
    success_rate,
    duration_ms_mean,
    duration_ms_p95,
    quality_mean,
    input_tokens,
    output_tokens,
    cost_micros,
  };
}

function utilisationOf(total: TotalsRow, places: number, to: Date): number | null {
  const first = iso(total.first_at);
  if (first === null || total.busy_ms === null) return null;
  const spanMs = to.getTime() - Date.parse(first);
  return spanMs <= 0 ? null : Math.min(1, total.busy_ms / (spanMs * places));
}

async function lastTurns(tx: Tx, agentId: string): Promise<AgentMetrics['last_100']> {
  const found = await tx.execute(sql`
    SELECT count(*)::int AS turns, ${SUCCESS} AS success_rate FROM (
      SELECT t.status FROM agent_turns t
      WHERE t.agent_id = ${agentId}::uuid AND NOT t.dry_run AND ${JUDGED}
      ORDER BY t.started_at DESC LIMIT 100) t`);
  return found.rows[0] as unknown as AgentMetrics['last_100'];
}

async function feedbackFigures(tx: Tx, agentId: string): Promise<AgentMetrics['feedback']> {
  const found = await tx.execute(sql`
    SELECT count(*)::int AS count, avg(rating)::float8 AS mean, count(*) FILTER (WHERE rating >= 4)::int AS up,
      count(*) FILTER (WHERE rating <= 2)::int AS down
    FROM agent_feedback WHERE agent_id = ${agentId}::uuid`);
  return found.rows[0] as unknown as AgentMetrics['feedback'];
}

/** Agents that did most. */
const BUSIEST = 10;

/** Figures over the agents that `visible` lets through (a condition on `agents`), dry runs left out; index `agent_turns_by_time`. */
export async function turnStats(
  tx: Tx,
  visible: SQL | undefined,
  { from, to }: Period,
): Promise<
  Pick<
    AgentStats,
    | 'working'
    | 'turns'
    | 'success_rate'
    | 'input_tokens'
    | 'output_tokens'
    | 'cost_micros'
    | 'busiest'
  >
> {
  const seen = visible ?? sql`true`;
  const within = sql`NOT t.dry_run AND t.started_at >= ${from.toISOString()}::timestamptz AND t.started_at <= ${to.toISOString()}::timestamptz`;
  const totals = await tx.execute(sql`
    SELECT count(*)::int AS turns, ${SUCCESS} AS success_rate, coalesce(sum(t.input_tokens), 0)::float8 AS input_tokens,
      coalesce(sum(t.output_tokens), 0)::float8 AS output_tokens, ${COST} AS cost_micros
    FROM agent_turns t JOIN agents ON agents.id = t.agent_id WHERE ${within} AND ${seen}`);
  const working = await tx.execute(sql`
    SELECT count(*)::int AS working FROM agent_turns t JOIN agents ON agents.id = t.agent_id
    WHERE t.finished_at IS NULL AND ${seen}`);
  const busiest = await tx.execute(sql`
    SELECT agents.id AS agent_id, agents.slug, agents.name, count(*)::int AS turns, ${SUCCESS} AS success_rate
    FROM agent_turns t JOIN agents ON agents.id = t.agent_id WHERE ${within} AND ${seen}
    GROUP BY agents.id, agents.slug, agents.name ORDER BY count(*) DESC, agents.slug LIMIT ${BUSIEST}`);
  return {
    ...(totals.rows[0] as unknown as Omit<AgentStats, 'busiest' | 'working'>),
    ...(working.rows[0] as { working: number }),
    busiest: busiest.rows as unknown as AgentStats['busiest'],
  };
}

/** Runs shown in which an agent works. */
const WORKING_MAX = 100;

/** Runs in which the agent has a turn under way, the oldest first. */
export async function workingIn(tx: Tx, agentId: string): Promise<string[]> {
  const found = await tx.execute(sql`
    SELECT run_id FROM agent_turns WHERE agent_id = ${agentId}::uuid AND finished_at IS NULL
    GROUP BY run_id ORDER BY min(started_at), run_id LIMIT ${WORKING_MAX}`);
  return (found.rows as { run_id: string }[]).map((row) => row.run_id);
}

/** Models that calls in the agent's name went to, the dearest first; index `llm_usage_recent`. */
export async function usageByModel(
  tx: Tx,
  slug: string,
  { from, to }: Period,
): Promise<AgentUsage['by_model']> {
  const found = await tx.execute(sql`
    SELECT provider, model, count(*)::int AS calls, sum(input_tokens)::float8 AS input_tokens,
      sum(output_tokens)::float8 AS output_tokens,
      CASE WHEN count(*) FILTER (WHERE cost_micros IS NULL) > 0 THEN NULL ELSE sum(cost_micros)::float8 END AS cost_micros,
      bool_and(offline) AS offline
    FROM llm_usage
    WHERE agent_slug = ${slug} AND source = 'run' AND at >= ${from.toISOString()}::timestamptz AND at <= ${to.toISOString()}::timestamptz
    GROUP BY provider, model ORDER BY sum(cost_micros) DESC NULLS LAST, count(*) DESC, provider, model LIMIT 100`);
  return found.rows as unknown as AgentUsage['by_model'];
}
