import type { ErrorInfo } from '@automatos/contracts';
import { notify } from '@automatos/database';
import type { Tx } from '@automatos/database';
import type { WorkspaceId } from '@automatos/kernel';
import { and, desc, eq, getTableColumns, inArray, lt, sql } from 'drizzle-orm';
import { recipes } from '../recipes/recipe-tables.ts';
import { scheduleFires, schedules } from './schedule-tables.ts';

export type ScheduleRow = typeof schedules.$inferSelect;
export type FireRow = typeof scheduleFires.$inferSelect;
/** A schedule with the slug of its recipe, deleted or not. */
export type ListedSchedule = ScheduleRow & { recipeSlug: string };

/** Wakes the schedulers of all processes. */
export const SCHEDULES_CHANNEL = 'automatos_schedules';

const listed = { ...getTableColumns(schedules), recipeSlug: recipes.slug };

const NEVER = '9999-12-31T00:00:00.000Z';
const dueOrNever = sql`coalesce(${schedules.nextDueAt}, ${NEVER}::timestamptz)`;

/** The place of a row in the list, as its cursor carries it. */
export function placeOf(row: ScheduleRow): { due: string; id: string } {
  return { due: row.nextDueAt?.toISOString() ?? NEVER, id: row.id };
}

/** By next due time, those without one last; one row more than `limit` when there is a next page. */
export async function listSchedules(
  tx: Tx,
  filter: {
    limit: number;
    recipe?: string | undefined;
    after?: { due: string; id: string } | undefined;
  },
): Promise<ListedSchedule[]> {
  const { recipe, after } = filter;
  return tx
    .select(listed)
    .from(schedules)
    .innerJoin(recipes, eq(recipes.id, schedules.recipeId))
    .where(
      and(
        recipe === undefined
          ? undefined
          : sql`(${recipes.slug} = ${recipe} OR ${recipes.id}::text = ${recipe})`,
        after === undefined
          ? undefined
          : sql`(${dueOrNever}, ${schedules.id}) > (${after.due}::timestamptz, ${after.id}::uuid)`,
      ),
    )
    .orderBy(dueOrNever, schedules.id)
    .limit(filter.limit + 1);
}

export async function findSchedule(
  tx: Tx,
  id: string,
  options: { lock?: boolean } = {},
): Promise<ListedSchedule | undefined> {
  const query = tx
    .select(listed)
    .from(schedules)
    .innerJoin(recipes, eq(recipes.id, schedules.recipeId))
    .where(eq(schedules.id, id));
  const [row] = options.lock === true ? await query.for('update', { of: schedules }) : await query;
  return row;
}

/** The schedule, held until the transaction ends; nothing when another process holds it or it is not enabled. */
export async function takeSchedule(tx: Tx, id: string): Promise<ListedSchedule | undefined> {
  const [row] = await tx
    .select(listed)
    .from(schedules)
    .innerJoin(recipes, eq(recipes.id, schedules.recipeId))
    .where(and(eq(schedules.id, id), schedules.enabled))
    .for('update', { of: schedules, skipLocked: true });
  return row;
}

export async function insertSchedule(tx: Tx, row: ScheduleRow): Promise<void> {
  await tx.insert(schedules).values(row);
  await notify(tx, SCHEDULES_CHANNEL, row.id);
}

export async function updateSchedule(
  tx: Tx,
  id: string,
  change: Partial<ScheduleRow>,
): Promise<void> {
  await tx.update(schedules).set(change).where(eq(schedules.id, id));
}

/** After a change by a person: schedulers look again. */
export async function wakeSchedulers(tx: Tx, id: string): Promise<void> {
  await notify(tx, SCHEDULES_CHANNEL, id);
}

export async function deleteSchedules(tx: Tx, ids: string[]): Promise<void> {
  if (ids.length > 0) await tx.delete(schedules).where(inArray(schedules.id, ids));
}

/** Those that stand in the recipe, in its order. */
export async function schedulesOfRecipe(tx: Tx, recipeId: string): Promise<ScheduleRow[]> {
  return tx
    .select()
    .from(schedules)
    .where(and(eq(schedules.recipeId, recipeId), eq(schedules.source, 'recipe')))
    .orderBy(schedules.position)
    .for('update');
}

/** Newest first; one row more than `limit` when there is a next page. */
export async function listFires(
  tx: Tx,
  scheduleId: string,
  page: { limit: number; before?: Date | undefined },
): Promise<FireRow[]> {
  return tx
    .select()
    .from(scheduleFires)
    .where(
      and(
        eq(scheduleFires.scheduleId, scheduleId),
        page.before === undefined ? undefined : lt(scheduleFires.dueAt, page.before),
      ),
    )
    .orderBy(desc(scheduleFires.dueAt))
    .limit(page.limit + 1);
}

/** False when this due time has a row already: it was handled. */
export async function insertFire(tx: Tx, fire: FireRow): Promise<boolean> {
  const written = await tx
    .insert(scheduleFires)
    .values(fire)
    .onConflictDoNothing()
    .returning({ id: scheduleFires.scheduleId });
  return written.length > 0;
}

export async function updateFire(
  tx: Tx,
  key: Pick<FireRow, 'scheduleId' | 'dueAt'>,
  change: Partial<FireRow>,
): Promise<void> {
  await tx
    .update(scheduleFires)
    .set(change)
    .where(and(eq(scheduleFires.scheduleId, key.scheduleId), eq(scheduleFires.dueAt, key.dueAt)));
}

/** Due times that wait for the run before, oldest first; index `schedule_fires_queued`. */
export async function queuedFires(tx: Tx, scheduleId: string): Promise<FireRow[]> {
  return tx
    .select()
    .from(scheduleFires)
    .where(and(eq(scheduleFires.scheduleId, scheduleId), eq(scheduleFires.outcome, 'queued')))
    .orderBy(scheduleFires.dueAt);
}

/** What waits will not start any more, because the schedule was changed or another policy came first. */
export async function dropQueued(tx: Tx, scheduleId: string, error: ErrorInfo): Promise<void> {
  await tx
    .update(scheduleFires)
    .set({ outcome: 'skipped_overlap', error })
    .where(and(eq(scheduleFires.scheduleId, scheduleId), eq(scheduleFires.outcome, 'queued')));
}

/** Runs of the schedule that are not over; index `runs_open_by_trigger`. */
export async function openRuns(tx: Tx, scheduleId: string): Promise<string[]> {
  const found = await tx.execute<{ id: string }>(sql`
    SELECT id FROM runs WHERE trigger_id = ${scheduleId} AND status NOT IN ('completed','failed','cancelled')`);
  return found.rows.map(({ id }) => id);
}

export interface Candidate extends Record<string, unknown> {
  id: string;
  workspace_id: WorkspaceId;
  /** Whether a due time came, or what waits for the run before may start. */
  due: boolean;
}

/** Schedules with something to do, as the owner sees them; indexes `schedules_due` and `schedule_fires_queued`. */
export async function findCandidates(tx: Tx, now: Date, limit: number): Promise<Candidate[]> {
  const found = await tx.execute<Candidate>(sql`
    (SELECT id, workspace_id, true AS due FROM schedules
     WHERE enabled AND next_due_at <= ${now.toISOString()}::timestamptz ORDER BY next_due_at LIMIT ${limit})
    UNION ALL
    (SELECT DISTINCT s.id, s.workspace_id, false FROM schedule_fires f JOIN schedules s ON s.id = f.schedule_id
     WHERE f.outcome = 'queued' AND s.enabled AND NOT EXISTS (
       SELECT FROM runs r WHERE r.trigger_id = f.schedule_id::text AND r.status NOT IN ('completed','failed','cancelled'))
     LIMIT ${limit})`);
  return found.rows;
}

/** When something is due next, and whether anything waits for the run before. */
export async function readHorizon(tx: Tx): Promise<{ nextDue: Date | null; waiting: boolean }> {
  const found = await tx.execute<{ next_due: Date | string | null; waiting: boolean }>(sql`
    SELECT (SELECT min(next_due_at) FROM schedules WHERE enabled AND next_due_at IS NOT NULL) AS next_due,
      EXISTS (SELECT FROM schedule_fires WHERE outcome = 'queued') AS waiting`);
  const row = found.rows[0];
  const nextDue = row?.next_due ?? null;
  return { nextDue: nextDue === null ? null : new Date(nextDue), waiting: row?.waiting ?? false };
}

/** Keeps the newest rows of each schedule; what is queued stays. */
export async function pruneFires(tx: Tx, keep: number): Promise<void> {
  await tx.execute(sql`
    DELETE FROM schedule_fires f USING (
      SELECT schedule_id, due_at, row_number() OVER (PARTITION BY schedule_id ORDER BY due_at DESC) AS place FROM schedule_fires
    ) old WHERE f.schedule_id = old.schedule_id AND f.due_at = old.due_at AND old.place > ${keep} AND f.outcome <> 'queued'`);
}
