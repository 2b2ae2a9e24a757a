import { sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import { NO_USAGE } from '@automatos/contracts';
import type {
  ErrorInfo,
  EventData,
  Run,
  RunStatus,
  RunStep,
  StepStatus,
  Usage,
} from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { invalidInput, newId } from '@automatos/kernel';
import type { JsonObject, JsonValue, RunId, WorkspaceId } from '@automatos/kernel';
import { toStorableJson } from './storable-json.ts';
import type { RunFilter, StartRun } from './types.ts';

interface RunRow {
  id: string;
  kind: string;
  title: string;
  status: RunStatus;
  hold: boolean;
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

const COLUMNS = sql`id, kind, title, status, hold, recipe_id, recipe_slug, recipe_version, inputs, outputs, error, model_calls,
  tool_calls, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost_micros, unpriced_calls, estimated,
  findings_total, last_seq, created_by_name, created_at, started_at, finished_at`;

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

/** Inserts the run, its declared steps and `run.created`; returns null when the idempotency key was used before. */
export async function insertRun(
  tx: Tx,
  scope: { workspaceId: WorkspaceId; runId: RunId; at: string },
  request: StartRun,
): Promise<Run | null> {
  const created: EventData<'run.created'> = {
    kind: request.kind,
    title: request.title,
    by: { kind: request.by.kind, name: request.by.name },
    ...(request.recipe
      ? { recipe_slug: request.recipe.slug, recipe_version: request.recipe.version }
      : {}),
  };
  const steps = request.steps.map((step, ordinal) => ({
    ordinal,
    step_id: step.stepId,
    name: step.name,
    type: step.type,
    agent: step.agent ?? null,
    tool: step.tool ?? null,
    parent: step.parent ?? null,
    depends_on: step.dependsOn,
  }));
  const result = await tx.execute(sql`
    WITH run AS (
      INSERT INTO runs (id, workspace_id, kind, title, status, recipe_id, recipe_slug, recipe_version, plan, inputs, last_seq,
        idempotency_key, created_by_kind, created_by_id, created_by_name, created_at)
      VALUES (${scope.runId}, ${scope.workspaceId}, ${request.kind}, ${request.title}, 'queued', ${request.recipe?.id ?? null},
        ${request.recipe?.slug ?? null}, ${request.recipe?.version ?? null}, ${toStorableJson(request.plan)}::jsonb,
        ${toStorableJson(request.inputs)}::jsonb, 1, ${request.idempotencyKey ?? null}, ${request.by.kind}, ${request.by.id},
        ${request.by.name}, ${scope.at}::timestamptz)
      ON CONFLICT (workspace_id, idempotency_key) DO NOTHING
      RETURNING ${COLUMNS}
    ), steps AS (
      INSERT INTO run_steps (workspace_id, run_id, step_id, ordinal, name, type, agent, tool, parent, depends_on)
      SELECT ${scope.workspaceId}, run.id, s.* FROM run, jsonb_to_recordset(${toStorableJson(steps)}::jsonb) AS s(
        step_id text, ordinal int, name text, type text, agent text, tool text, parent text, depends_on jsonb)
    ), created AS (
      INSERT INTO events (id, workspace_id, run_id, seq, key, type, subject, at, data)
      SELECT ${newId()}, ${scope.workspaceId}, run.id, 1, 'run:created', 'run.created', 'run:' || run.id, ${scope.at}::timestamptz,
        ${toStorableJson(created)}::jsonb FROM run
    )
    SELECT * FROM run`);
  const row = result.rows[0] as unknown as RunRow | undefined;
  return row ? toRun(row) : null;
}

export async function findByIdempotencyKey(
  tx: Tx,
  key: string,
): Promise<{ run: Run; inputs: JsonObject } | null> {
  const result = await tx.execute(sql`SELECT ${COLUMNS} FROM runs WHERE idempotency_key = ${key}`);
  const row = result.rows[0] as unknown as RunRow | undefined;
  return row ? { run: toRun(row), inputs: row.inputs } : null;
}

export async function findRun(tx: Tx, runId: string, lock = false): Promise<Run | null> {
  const result = await tx.execute(
    sql`SELECT ${COLUMNS} FROM runs WHERE id = ${runId} ${lock ? sql`FOR UPDATE` : sql``}`,
  );
  const row = result.rows[0] as unknown as RunRow | undefined;
  return row ? toRun(row) : null;
}

export interface ExecutableRun {
  kind: string;
  plan: JsonObject;
  inputs: JsonObject;
  status: RunStatus;
  hold: boolean;
  /** Ms since the epoch. */
  createdAt: number;
  /** Ms since the epoch; null before the first execution. */
  startedAt: number | null;
}

/** What an executor needs to run the body; read as owner in one round trip. */
export async function readExecutable(
  database: Database,
  runId: string,
  workspaceId: string,
): Promise<ExecutableRun | null> {
  const result = await database.pool.query<RunRow>(
    'SELECT kind, plan, inputs, status, hold, created_at, started_at FROM runs WHERE id = $1 AND workspace_id = $2',
    [runId, workspaceId],
  );
  const row = result.rows[0];
  if (!row) return null;
  return {
    kind: row.kind,
    plan: row.plan,
    inputs: row.inputs,
    status: row.status,
    hold: row.hold,
    createdAt: new Date(row.created_at).getTime(),
    startedAt: row.started_at === null ? null : new Date(row.started_at).getTime(),
  };
}

export async function setHold(tx: Tx, runId: string, hold: boolean): Promise<void> {
  await tx.execute(sql`UPDATE runs SET hold = ${hold} WHERE id = ${runId}`);
}

interface Cursor {
  at: string;
  id: string;
}

export function encodeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify([cursor.at, cursor.id])).toString('base64url');
}

export function decodeCursor(text: string): Cursor {
  try {
    const [at, id] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [string, string];
    if (typeof at === 'string' && typeof id === 'string' && !Number.isNaN(Date.parse(at)))
      return { at, id };
  } catch {
    throw badCursor();
  }
  throw badCursor();
}

function badCursor() {
  return invalidInput('The cursor is not one that this list gave out; start again without it.', [
    { pointer: '/cursor', message: 'not a cursor of this list' },
  ]);
}

/** Runs of the workspace, newest first. Served by runs_by_time. */
export async function listRuns(
  tx: Tx,
  filter: RunFilter,
): Promise<{ items: Run[]; nextCursor: string | null; total: number }> {
  const conditions: SQL[] = [sql`true`];
  if (filter.status) conditions.push(sql`status = ${filter.status}`);
  if (filter.recipe)
    conditions.push(sql`(recipe_slug = ${filter.recipe} OR recipe_id::text = ${filter.recipe})`);
  if (filter.search)
    conditions.push(
      sql`title ILIKE ${`%${filter.search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`}`,
    );
  const where = sql.join(conditions, sql` AND `);
  const totals = await tx.execute(sql`SELECT count(*)::int AS total FROM runs WHERE ${where}`);
  const after = filter.cursor ? decodeCursor(filter.cursor) : null;
  // Milliseconds on both sides: the cursor carries a JavaScript time.
  const page = after
    ? sql`AND (date_trunc('milliseconds', created_at), id) < (${after.at}::timestamptz, ${after.id}::uuid)`
    : sql``;
  const result = await tx.execute(
    sql`SELECT ${COLUMNS} FROM runs WHERE ${where} ${page} ORDER BY created_at DESC, id DESC LIMIT ${filter.limit + 1}`,
  );
  const rows = result.rows as unknown as RunRow[];
  const items = rows.slice(0, filter.limit).map(toRun);
  const last = items.at(-1);
  return {
    items,
    nextCursor:
      rows.length > filter.limit && last
        ? encodeCursor({ at: last.created_at, id: last.id })
        : null,
    total: (totals.rows[0] as { total: number }).total,
  };
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
  output: JsonValue;
  error: ErrorInfo | null;
  usage: Usage | null;
  started_at: Date | string | null;
  finished_at: Date | string | null;
}

/** Steps of a run in declared order. */
export async function listSteps(tx: Tx, runId: string): Promise<RunStep[]> {
  const result = await tx.execute(sql`
    SELECT step_id, name, type, agent, tool, parent, depends_on, status, attempts, output, error, usage, started_at, finished_at
    FROM run_steps WHERE run_id = ${runId} ORDER BY ordinal`);
  return (result.rows as unknown as StepRow[]).map((row) => ({
    ...row,
    usage: row.usage ?? NO_USAGE,
    started_at: row.started_at === null ? null : iso(row.started_at),
    finished_at: row.finished_at === null ? null : iso(row.finished_at),
  }));
}
