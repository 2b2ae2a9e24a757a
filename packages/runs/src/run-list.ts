import { sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import type { Run } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { RUN_COLUMNS, toRun } from './run-store.ts';
import type { RunRow } from './run-store.ts';
import type { RunFilter } from './types.ts';

/** Each given field of the filter narrows the list. */
function conditionsOf(filter: RunFilter): SQL {
  const { status, statuses, recipe, agent, search, parent, from, to, grade } = filter;
  const conditions: SQL[] = [sql`true`];
  if (status) conditions.push(sql`status = ${status}`);
  if (statuses && statuses.length > 0) {
    const list = statuses.map((one) => sql`${one}`);
    conditions.push(sql`status IN (${sql.join(list, sql`, `)})`);
  }
  if (recipe) conditions.push(sql`(recipe_slug = ${recipe} OR recipe_id::text = ${recipe})`);
  if (agent)
    conditions.push(
      sql`EXISTS (SELECT 1 FROM run_steps WHERE run_steps.run_id = runs.id AND run_steps.agent = ${agent})`,
    );
  if (search) {
    const pattern = `%${search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    conditions.push(sql`title ILIKE ${pattern}`);
  }
  if (filter.trigger) conditions.push(triggeredBy(filter.trigger));
  if (parent) conditions.push(sql`parent_run_id = ${parent}::uuid`);
  if (from) conditions.push(sql`created_at >= ${from}::timestamptz`);
  if (to) conditions.push(sql`created_at < ${to}::timestamptz`);
  if (grade) conditions.push(sql`quality_grade = ${grade}`);
  return sql.join(conditions, sql` AND `);
}

/** Parts of runs count as such, whatever started their parent. */
function triggeredBy(trigger: NonNullable<RunFilter['trigger']>): SQL {
  if (trigger === 'sub_run') return sql`parent_run_id IS NOT NULL`;
  const kind = trigger === 'person' ? sql`trigger_kind IS NULL` : sql`trigger_kind = ${trigger}`;
  return sql`parent_run_id IS NULL AND ${kind}`;
}

/** Runs of the workspace, newest first unless `sort` says otherwise. Served by runs_by_time. */
export async function listRuns(
  tx: Tx,
  filter: RunFilter,
): Promise<{ items: Run[]; nextCursor: string | null; total: number }> {
  const where = conditionsOf(filter);
  const ascending = filter.sort === 'created_at';
  const totals = await tx.execute(sql`SELECT count(*)::int AS total FROM runs WHERE ${where}`);
  const after = filter.cursor ? decodeCursor(filter.cursor) : null;
  const beyond = ascending ? sql`>` : sql`<`;
  // Milliseconds on both sides: the cursor carries a JavaScript time.
  const page = after
    ? sql`AND (date_trunc('milliseconds', created_at), id) ${beyond} (${after.at}::timestamptz, ${after.id}::uuid)`
    : sql``;
  const order = ascending ? sql`created_at, id` : sql`created_at DESC, id DESC`;
  const result = await tx.execute(
    sql`SELECT ${RUN_COLUMNS} FROM runs WHERE ${where} ${page} ORDER BY ${order} LIMIT ${filter.limit + 1}`,
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
