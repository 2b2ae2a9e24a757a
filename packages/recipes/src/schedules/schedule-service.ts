import type { Schedule, ScheduleSpec } from '@automatos/contracts';
import { toPage } from '@automatos/database';
import type { Database, Tx } from '@automatos/database';
import { isUuid, newId } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { z } from 'zod';
import { decodeCursor } from '../recipes/paging.ts';
import { mustFind } from '../recipes/recipe-access.ts';
import { itemInvalid, itemNotFound, standsInRecipe, under } from '../triggers/trigger-errors.ts';
import { checkScheduleSpec, dueTimes } from './due-times.ts';
import { forgetQueued } from './fire-schedule.ts';
import {
  deleteSchedules,
  findSchedule,
  insertSchedule,
  listFires,
  listSchedules,
  placeOf,
  updateSchedule,
  wakeSchedulers,
} from './schedule-store.ts';
import type { FireRow, ListedSchedule, ScheduleRow } from './schedule-store.ts';

export interface ScheduleServiceDeps {
  database: Pick<Database, 'workspace'>;
  clock: Pick<Clock, 'now'>;
}

interface Page {
  limit: number;
  cursor?: string | undefined;
}

/** Use cases of schedules. Those that stand in a recipe answer `triggers.schedule.in_recipe` to changes. */
export interface ScheduleService {
  /** By next due time; `recipe` is a slug or an id. */
  list(
    workspaceId: WorkspaceId,
    filter: Page & { recipe?: string | undefined },
  ): Promise<{ items: Schedule[]; nextCursor: string | null }>;
  /** Throws `triggers.schedule.invalid` for one that can never be due. */
  create(
    workspaceId: WorkspaceId,
    schedule: { recipe: string; spec: ScheduleSpec },
  ): Promise<Schedule>;
  /** The next due time is reckoned anew; what waits for the run before is dropped. */
  update(workspaceId: WorkspaceId, id: string, spec: ScheduleSpec): Promise<Schedule>;
  remove(workspaceId: WorkspaceId, id: string): Promise<void>;
  /** Newest first. */
  fires(
    workspaceId: WorkspaceId,
    id: string,
    page: Page,
  ): Promise<{ items: ScheduleFire[]; nextCursor: string | null }>;
  preview(request: { spec: ScheduleSpec; count: number; from?: string | undefined }): {
    items: { due_at: string; local: string }[];
    timezone: string;
  };
}

export interface ScheduleFire {
  due_at: string;
  fired_at: string;
  outcome: FireRow['outcome'];
  run_id: string | null;
  error: FireRow['error'];
}

const placeSchema = z.strictObject({ due: z.iso.datetime(), id: z.uuid() });
const fireCursorSchema = z.strictObject({ due: z.iso.datetime() });

export function createScheduleService(deps: ScheduleServiceDeps): ScheduleService {
  const { database, clock } = deps;
  return {
    list: (workspaceId, { limit, cursor, recipe }) =>
      database.workspace(workspaceId, async (tx) => {
        const after = cursor === undefined ? undefined : decodeCursor(placeSchema, cursor);
        const page = toPage(await listSchedules(tx, { limit, recipe, after }), limit, placeOf);
        return { items: page.rows.map(toSchedule), nextCursor: page.nextCursor };
      }),
    create: (workspaceId, { recipe, spec }) =>
      database.workspace(workspaceId, async (tx) => {
        const now = new Date(clock.now());
        const { id: recipeId } = await mustFind(tx, recipe);
        const id = newId<'schedule'>(now.getTime());
        const place = { id, workspaceId, recipeId };
        await insertSchedule(tx, {
          ...newSchedule(place, spec, now),
          name: spec.name ?? 'Schedule',
          source: 'api',
          position: null,
          nextDueAt: firstDue(spec, { anchor: now, now, mustBeDue: true }),
        });
        return toSchedule(await mustFindSchedule(tx, id));
      }),
    update: (workspaceId, id, spec) =>
      database.workspace(workspaceId, async (tx) => {
        const row = await mustBeOwn(tx, id);
        const now = new Date(clock.now());
        await updateSchedule(tx, id, {
          spec,
          name: spec.name ?? row.name,
          enabled: spec.enabled,
          nextDueAt: firstDue(spec, { anchor: row.anchorAt, now, mustBeDue: true }),
          updatedAt: now,
        });
        await forgetQueued(tx, id);
        await wakeSchedulers(tx, id);
        return toSchedule(await mustFindSchedule(tx, id));
      }),
    remove: (workspaceId, id) =>
      database.workspace(workspaceId, async (tx) => {
        await mustBeOwn(tx, id);
        await deleteSchedules(tx, [id]);
      }),
    fires: (workspaceId, id, { limit, cursor }) =>
      database.workspace(workspaceId, async (tx) => {
        await mustFindSchedule(tx, id);
        const before =
          cursor === undefined ? undefined : new Date(decodeCursor(fireCursorSchema, cursor).due);
        const rows = await listFires(tx, id, { limit, before });
        const page = toPage(rows, limit, ({ dueAt }) => ({ due: dueAt.toISOString() }));
        return { items: page.rows.map(toFire), nextCursor: page.nextCursor };
      }),
    preview: ({ spec, count, from }) => preview(spec, from ?? clock.now(), count),
  };
}

/** What is the same of every new schedule. */
export function newSchedule(
  place: Pick<ScheduleRow, 'id' | 'workspaceId' | 'recipeId'>,
  spec: ScheduleSpec,
  now: Date,
) {
  const fresh = { lastDueAt: null, lastOutcome: null, createdAt: now, updatedAt: now };
  return { ...place, ...fresh, spec, enabled: spec.enabled, anchorAt: now };
}

/**
 * The next due time of a new or changed schedule; null when it is switched off. With `mustBeDue` one that is never due
 * again throws `triggers.schedule.invalid`.
 */
export function firstDue(
  spec: ScheduleSpec,
  options: { anchor: Date; now: Date; mustBeDue: boolean },
): Date | null {
  const problems = checkScheduleSpec(spec);
  if (problems.length > 0) throw itemInvalid('schedule', under('/spec', problems));
  if (!spec.enabled) return null;
  const next = dueTimes(spec, options.anchor.getTime()).next(options.now.getTime());
  if (next !== null) return new Date(next);
  if (!options.mustBeDue) return null;
  const pointer = 'at' in spec ? '/spec/at' : '/spec';
  throw itemInvalid('schedule', [{ pointer, message: 'has passed already' }]);
}

function preview(spec: ScheduleSpec, from: string | number, count: number) {
  const problems = checkScheduleSpec(spec);
  if (problems.length > 0) throw itemInvalid('schedule', under('/spec', problems));
  const start = new Date(from).getTime();
  const times = dueTimes(spec, start);
  const items: { due_at: string; local: string }[] = [];
  let due = times.next(start);
  while (due !== null && items.length < count) {
    items.push({ due_at: new Date(due).toISOString(), local: times.local(due) });
    due = times.next(due);
  }
  return { items, timezone: times.timezone };
}

async function mustFindSchedule(
  tx: Tx,
  id: string,
  options: { lock?: boolean } = {},
): Promise<ListedSchedule> {
  const row = isUuid(id) ? await findSchedule(tx, id, options) : undefined;
  if (row === undefined) throw itemNotFound('schedule', id);
  return row;
}

async function mustBeOwn(tx: Tx, id: string): Promise<ListedSchedule> {
  const row = await mustFindSchedule(tx, id, { lock: true });
  if (row.source === 'recipe') throw standsInRecipe('schedule', row.recipeSlug);
  return row;
}

function toSchedule(row: ListedSchedule): Schedule {
  return {
    id: row.id,
    recipe_id: row.recipeId,
    recipe_slug: row.recipeSlug,
    name: row.name,
    spec: row.spec,
    source: row.source,
    enabled: row.enabled,
    next_due_at: row.nextDueAt?.toISOString() ?? null,
    last_due_at: row.lastDueAt?.toISOString() ?? null,
    last_outcome: row.lastOutcome,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

function toFire(row: FireRow): ScheduleFire {
  return {
    due_at: row.dueAt.toISOString(),
    fired_at: row.firedAt.toISOString(),
    outcome: row.outcome,
    run_id: row.runId,
    error: row.error,
  };
}
