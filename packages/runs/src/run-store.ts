import { sql } from 'drizzle-orm';
import { NO_USAGE, PRIORITIES } from '@automatos/contracts';
import type {
  ErrorInfo,
  Priority,
  Run,
  RunStatus,
  RunStep,
  StepStatus,
  Usage,
} from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { isUuid } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';

export interface RunRow {
  id: string;
  kind: string;
  title: string;
  status: RunStatus;
  hold: boolean;
  priority: number;
  epoch: number;
  parent_run_id: string | null;
  forked_from_run_id: string | null;
  forked_from_step_id: string | null;
  trigger_kind: string | null;
  trigger_id: string | null;
  trigger_name: string | null;
  dry_run: boolean;
  open_approvals: number;
  quality_score: number | null;
  quality_grade: string | null;
  recipe_id: string | null;
  recipe_slug: string | null;
  recipe_version: number | null;
  plan: JsonObject;
  inputs: JsonObject;
  outputs: JsonObject | null;
  error: ErrorInfo | null;
  model_calls: number;
  tool_calls: number;
  input_tokens: string;
  output_tokens: string;
  cached_input_tokens: string;
  reasoning_tokens: string;
  cost_micros: string;
  unpriced_calls: number;
  estimated: boolean;
  findings_total: number;
  last_seq: number;
  created_by_name: string;
  created_at: Date | string;
  started_at: Date | string | null;
  finished_at: Date | string | null;
}

export const RUN_COLUMNS = sql`id, kind, title, status, hold, recipe_id, recipe_slug, recipe_version, inputs, outputs, error, model_calls,
  tool_calls, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost_micros, unpriced_calls, estimated,
  findings_total, last_seq, created_by_name, created_at, started_at, finished_at, priority, epoch, parent_run_id,
  forked_from_run_id, forked_from_step_id, trigger_kind, trigger_id, trigger_name, dry_run, open_approvals, quality_score,
  quality_grade`;

const iso = (time: Date | string) => new Date(time).toISOString();

export function toRun(row: RunRow): Run {
  return {
    id: row.id,
    kind: row.kind,
    title: row.title,
    status: row.status,
    recipe_id: row.recipe_id,
    recipe_slug: row.recipe_slug,
    recipe_version: row.recipe_version,
    priority: PRIORITIES[row.priority] ?? 'normal',
    parent_run_id: row.parent_run_id,
    forked_from:
      row.forked_from_run_id === null || row.forked_from_step_id === null
        ? null
        : { run_id: row.forked_from_run_id, step_id: row.forked_from_step_id },
    trigger:
      row.trigger_kind === null
        ? null
        : { kind: row.trigger_kind, id: row.trigger_id ?? '', name: row.trigger_name ?? '' },
    dry_run: row.dry_run,
    open_approvals: row.open_approvals,
    quality_score: row.quality_score,
    quality_grade: row.quality_grade,
    inputs: row.inputs,
    outputs: row.outputs,
    error: row.error,
    usage: {
      model_calls: row.model_calls,
      tool_calls: row.tool_calls,
      input_tokens: Number(row.input_tokens),
      output_tokens: Number(row.output_tokens),
      cached_input_tokens: Number(row.cached_input_tokens),
      reasoning_tokens: Number(row.reasoning_tokens),
      cost_micros: row.unpriced_calls > 0 ? null : Number(row.cost_micros),
      estimated: row.estimated,
    },
    findings_total: row.findings_total,
    last_seq: row.last_seq,
    created_by: row.created_by_name,
    created_at: iso(row.created_at),
    started_at: row.started_at === null ? null : iso(row.started_at),
    finished_at: row.finished_at === null ? null : iso(row.finished_at),
  };
}

export async function findByIdempotencyKey(
  tx: Tx,
  key: string,
): Promise<{ run: Run; inputs: JsonObject } | null> {
  const result = await tx.execute(
    sql`SELECT ${RUN_COLUMNS} FROM runs WHERE idempotency_key = ${key}`,
  );
  const row = result.rows[0] as unknown as RunRow | undefined;
  return row ? { run: toRun(row), inputs: row.inputs } : null;
}

export async function findRun(tx: Tx, runId: string): Promise<Run | null> {
  const result = await tx.execute(sql`SELECT ${RUN_COLUMNS} FROM runs WHERE id = ${runId}`);
  const row = result.rows[0] as unknown as RunRow | undefined;
  return row ? toRun(row) : null;
}

/** A run whose row is locked until the transaction ends. */
export interface LockedRun {
  run: Run;
  epoch: number;
}

export async function lockRun(tx: Tx, runId: string): Promise<LockedRun | null> {
  return isUuid(runId) ? ((await lockRuns(tx, [runId]))[0] ?? null) : null;
}

/** In order of id, as everybody locks them. */
export async function lockRuns(tx: Tx, ids: string[]): Promise<LockedRun[]> {
  const result = await tx.execute(sql`
    SELECT ${RUN_COLUMNS} FROM runs WHERE id IN (SELECT value::uuid FROM jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))
    ORDER BY id FOR UPDATE`);
  return (result.rows as unknown as RunRow[]).map((row) => ({ run: toRun(row), epoch: row.epoch }));
}

/** Stored plan and inputs of a run. */
export async function findPlan(
  tx: Tx,
  runId: string,
): Promise<{ plan: JsonObject; inputs: JsonObject } | null> {
  const result = await tx.execute(sql`SELECT plan, inputs FROM runs WHERE id = ${runId}`);
  return (result.rows[0] as { plan: JsonObject; inputs: JsonObject } | undefined) ?? null;
}

export interface ExecutableRun {
  kind: string;
  plan: JsonObject;
  inputs: JsonObject;
  status: RunStatus;
  hold: boolean;
  dryRun: boolean;
  /** Of this execution; what an older one still writes is dropped. */
  epoch: number;
  priority: Priority;
  /** Outputs taken over from another run, by step id. */
  reused: ReadonlyMap<string, JsonValue>;
  /** Run that they come from. */
  reusedFrom: string | null;
  /** Ms since the epoch. */
  createdAt: number;
  /** Ms since the epoch; null before the first execution. */
  startedAt: number | null;
}

/** What {@link readExecutionRow} reads, as pg text. */
export const EXECUTION_COLUMNS =
  'kind, plan, inputs, status, hold, dry_run, epoch, priority, forked_from_run_id, created_at, started_at';
export type ExecutionRow = Pick<
  RunRow,
  | 'kind'
  | 'plan'
  | 'inputs'
  | 'status'
  | 'hold'
  | 'dry_run'
  | 'epoch'
  | 'priority'
  | 'forked_from_run_id'
  | 'created_at'
  | 'started_at'
>;

/**
 * Begins an execution: raises the run's epoch, so that older executions can write no more, and returns what the body
 * needs. Null when the run has ended. As owner, in one round trip but for forked runs.
 */
export async function beginExecution(
  database: Database,
  runId: string,
  workspaceId: string,
): Promise<ExecutableRun | null> {
  const result = await database.pool.query<ExecutionRow>(
    `UPDATE runs SET epoch = epoch + 1, parked = false, admitted_at = coalesce(admitted_at, clock_timestamp())
     WHERE id = $1 AND workspace_id = $2 AND status NOT IN ('completed','failed','cancelled')
     RETURNING ${EXECUTION_COLUMNS}`,
    [runId, workspaceId],
  );
  const row = result.rows[0];
  return row ? readExecutionRow(database, runId, row) : null;
}

/** What the body needs, from the run's row. */
export async function readExecutionRow(
  database: Database,
  runId: string,
  row: ExecutionRow,
): Promise<ExecutableRun> {
  return {
    kind: row.kind,
    plan: row.plan,
    inputs: row.inputs,
    status: row.status,
    hold: row.hold,
    dryRun: row.dry_run,
    epoch: row.epoch,
    priority: PRIORITIES[row.priority] ?? 'normal',
    reusedFrom: row.forked_from_run_id,
    reused: row.forked_from_run_id === null ? new Map() : await readReused(database, runId),
    createdAt: new Date(row.created_at).getTime(),
    startedAt: row.started_at === null ? null : new Date(row.started_at).getTime(),
  };
}

async function readReused(database: Database, runId: string): Promise<Map<string, JsonValue>> {
  const result = await database.pool.query<{ step_id: string; output: JsonValue }>(
    `SELECT step_id, output FROM run_steps
     WHERE run_id = $1 AND reused_from IS NOT NULL AND status = 'completed'`,
    [runId],
  );
  return new Map(result.rows.map((row) => [row.step_id, row.output]));
}

export async function setHold(tx: Tx, runId: string, hold: boolean): Promise<void> {
  await tx.execute(sql`UPDATE runs SET hold = ${hold} WHERE id = ${runId}`);
}

interface StepRow {
  step_id: string;
  name: string;
  type: string;
  agent: string | null;
  tool: string | null;
  parent: string | null;
  depends_on: string[];
  status: StepStatus;
  attempts: number;
  reused_from: string | null;
  sub_run_id: string | null;
  quality_score: number | null;
  output: JsonValue;
  error: ErrorInfo | null;
  usage: Usage | null;
  started_at: Date | string | null;
  finished_at: Date | string | null;
}

/** Place of an instance such as `x#2.0` among those of its step: [2, 0]; steps without number come first. */
const INSTANCE = sql`CASE WHEN step_id ~ '#[0-9]{1,7}([.][0-9]{1,7})*$'
  THEN string_to_array(substring(step_id FROM '#([0-9.]+)$'), '.')::int[] ELSE '{}'::int[] END`;

/** Steps of a run in declared order, each followed by its instances. */
export async function listSteps(tx: Tx, runId: string): Promise<RunStep[]> {
  const result = await tx.execute(sql`
    SELECT step_id, name, type, agent, tool, parent, depends_on, status, attempts, reused_from, sub_run_id, quality_score, output,
      error, usage, started_at, finished_at
    FROM run_steps WHERE run_id = ${runId} ORDER BY ordinal, ${INSTANCE}, step_id`);
  return (result.rows as unknown as StepRow[]).map((row) => ({
    ...row,
    usage: row.usage ?? NO_USAGE,
    started_at: row.started_at === null ? null : iso(row.started_at),
    finished_at: row.finished_at === null ? null : iso(row.finished_at),
  }));
}
