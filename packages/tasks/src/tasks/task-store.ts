import type { RunStatus, Task } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { decodeCursor, encodeCursor } from '@automatos/database';
import type { JsonObject } from '@automatos/kernel';
import { eq, sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import { z } from 'zod';
import type { TaskOutcome } from '../pipeline/task-run.ts';
import { tasks } from './task-tables.ts';

export type NewTask = typeof tasks.$inferInsert;
export type TaskRow = typeof tasks.$inferSelect;

/** Once for each id: what is there stays. */
export async function insertTask(tx: Tx, row: NewTask): Promise<void> {
  await tx.insert(tasks).values(row).onConflictDoNothing();
}

export async function findTaskRow(tx: Tx, id: string): Promise<TaskRow | undefined> {
  const [row] = await tx.select().from(tasks).where(eq(tasks.id, id));
  return row;
}

export async function storeOutcome(
  tx: Tx,
  id: string,
  of: { outcome: TaskOutcome; at: Date },
): Promise<void> {
  await tx
    .update(tasks)
    .set({ ...of.outcome, storedAt: of.at })
    .where(eq(tasks.id, id));
}

export interface TaskFilter {
  limit: number;
  cursor?: string | undefined;
  status?: RunStatus | undefined;
  outcome?: 'complete' | 'partial' | undefined;
  search?: string | undefined;
  agent?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

const cursorSchema = z.object({ id: z.uuid() });

/** Tasks with how their runs stand. */
const VIEW = sql`
  SELECT t.id, r.title, t.goal, t.target, t.pattern, r.status, t.outcome, t.agents_used, t.units_total, t.units_failed,
    r.findings_total, r.quality_score, r.quality_grade, r.error, t.retry_of, r.created_by_name AS created_by,
    r.model_calls, r.tool_calls, r.input_tokens::float8 AS input_tokens, r.output_tokens::float8 AS output_tokens,
    r.cached_input_tokens::float8 AS cached_input_tokens, r.reasoning_tokens::float8 AS reasoning_tokens,
    CASE WHEN r.unpriced_calls > 0 THEN NULL ELSE r.cost_micros::float8 END AS cost_micros, r.estimated,
    r.created_at, r.started_at, r.finished_at
  FROM tasks t JOIN runs r ON r.id = t.id`;

/** One page, newest first; ids are in order of time, index `tasks_by_time`. */
export async function listTasks(
  tx: Tx,
  filter: TaskFilter,
): Promise<{ items: Task[]; nextCursor: string | null; total: number }> {
  const where = conditionsOf(filter);
  const after =
    filter.cursor === undefined
      ? null
      : decodeCursor(filter.cursor, cursorSchema, 'tasks.list.cursor_invalid');
  const page = after === null ? sql`` : sql`AND t.id < ${after.id}::uuid`;
  const found = await tx.execute(
    sql`${VIEW} WHERE ${where} ${page} ORDER BY t.id DESC LIMIT ${filter.limit + 1}`,
  );
  const totals = await tx.execute(
    sql`SELECT count(*)::int AS total FROM tasks t JOIN runs r ON r.id = t.id WHERE ${where}`,
  );
  const rows = found.rows as unknown as ViewRow[];
  const items = rows.slice(0, filter.limit).map(toTask);
  const last = items.at(-1);
  return {
    items,
    nextCursor: rows.length > filter.limit && last ? encodeCursor({ id: last.id }) : null,
    total: (totals.rows[0] as { total: number }).total,
  };
}

export async function findTask(tx: Tx, id: string): Promise<Task | undefined> {
  const found = await tx.execute(sql`${VIEW} WHERE t.id = ${id}::uuid`);
  const [row] = found.rows as unknown as ViewRow[];
  return row === undefined ? undefined : toTask(row);
}

/** Titles of tasks under way that may be done by the agent alone, or by it and few others. */
export async function tasksUsingAgent(
  tx: Tx,
  agent: { id: string; slug: string },
): Promise<string[]> {
  const names = (name: string) => sql`t.agents @> ${JSON.stringify([name])}::jsonb`;
  const { rows } = await tx.execute(sql`
    SELECT r.title FROM tasks t JOIN runs r ON r.id = t.id
    WHERE r.status NOT IN ('completed','failed','cancelled') AND (${names(agent.slug)} OR ${names(agent.id)})
    ORDER BY t.id`);
  return (rows as unknown as { title: string }[]).map(({ title }) => title);
}

function conditionsOf(filter: TaskFilter): SQL {
  const conditions: SQL[] = [sql`true`];
  if (filter.status) conditions.push(sql`r.status = ${filter.status}`);
  if (filter.outcome) conditions.push(sql`t.outcome = ${filter.outcome}`);
  if (filter.agent) conditions.push(sql`t.agents_used ? ${filter.agent}`);
  if (filter.from) conditions.push(sql`t.created_at >= ${filter.from}::timestamptz`);
  if (filter.to) conditions.push(sql`t.created_at < ${filter.to}::timestamptz`);
  if (filter.search) {
    const pattern = `%${filter.search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    conditions.push(sql`(r.title ILIKE ${pattern} OR t.goal ILIKE ${pattern})`);
  }
  return sql.join(conditions, sql` AND `);
}

interface ViewRow {
  id: string;
  title: string;
  goal: string;
  target: string | null;
  pattern: string | null;
  status: RunStatus;
  outcome: 'complete' | 'partial' | null;
  agents_used: string[];
  units_total: number;
  units_failed: number;
  findings_total: number;
  quality_score: number | null;
  quality_grade: string | null;
  error: JsonObject | null;
  retry_of: string | null;
  created_by: string;
  model_calls: number;
  tool_calls: number;
  input_tokens: number;
  output_tokens: number;
  cached_input_tokens: number;
  reasoning_tokens: number;
  cost_micros: number | null;
  estimated: boolean;
  created_at: Date | string;
  started_at: Date | string | null;
  finished_at: Date | string | null;
}

function toTask(row: ViewRow): Task {
  const { model_calls, tool_calls, input_tokens, output_tokens, ...rest } = row;
  const { cached_input_tokens, reasoning_tokens, cost_micros, estimated, ...shown } = rest;
  return {
    ...shown,
    error: row.error as Task['error'],
    usage: {
      model_calls,
      tool_calls,
      input_tokens,
      output_tokens,
      cached_input_tokens,
      reasoning_tokens,
      cost_micros,
      estimated,
    },
    created_at: toTime(row.created_at),
    started_at: row.started_at === null ? null : toTime(row.started_at),
    finished_at: row.finished_at === null ? null : toTime(row.finished_at),
  };
}

const toTime = (at: Date | string) => new Date(at).toISOString();
