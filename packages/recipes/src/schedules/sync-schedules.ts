import type { RecipeDefinition, ScheduleSpec } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { canonicalJson, newId } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { matchByName } from '../triggers/match-by-name.ts';
import { forgetQueued } from './fire-schedule.ts';
import { firstDue, newSchedule } from './schedule-service.ts';
import {
  deleteSchedules,
  insertSchedule,
  schedulesOfRecipe,
  updateSchedule,
  wakeSchedulers,
} from './schedule-store.ts';
import type { ScheduleRow } from './schedule-store.ts';

/**
 * Brings the schedules that stand in a recipe in line with it. They are recognised by their name, those without one by
 * their place, and keep id and due times as long as nothing about them changes.
 */
export async function syncSchedules(
  tx: Tx,
  recipe: { workspaceId: WorkspaceId; id: string },
  { schedule, now }: { schedule: RecipeDefinition['schedule']; now: Date },
): Promise<void> {
  const wanted = schedule === undefined ? [] : Array.isArray(schedule) ? schedule : [schedule];
  const rows = await schedulesOfRecipe(tx, recipe.id);
  const { pairs, left } = matchByName(rows, wanted, {
    ofRow: (row) => row.spec.name,
    ofWanted: (spec) => spec.name,
  });
  await deleteSchedules(
    tx,
    left.map(({ id }) => id),
  );
  for (const [position, { row, wanted: spec }] of pairs.entries()) {
    if (row === undefined) await insertSchedule(tx, newRow(recipe, { spec, position, now }));
    else await change(tx, row, { spec, position, now });
  }
}

interface Wanted {
  spec: ScheduleSpec;
  position: number;
  now: Date;
}

function newRow(
  recipe: { workspaceId: WorkspaceId; id: string },
  { spec, position, now }: Wanted,
): ScheduleRow {
  const place = { workspaceId: recipe.workspaceId, recipeId: recipe.id };
  return {
    ...newSchedule({ id: newId<'schedule'>(now.getTime()), ...place }, spec, now),
    name: nameOf(spec, position),
    source: 'recipe',
    position,
    nextDueAt: firstDue(spec, { anchor: now, now, mustBeDue: false }),
  };
}

async function change(tx: Tx, row: ScheduleRow, { spec, position, now }: Wanted): Promise<void> {
  const isSame = canonicalJson(row.spec) === canonicalJson(spec);
  if (isSame && row.position === position) return;
  if (isSame) return updateSchedule(tx, row.id, { position, name: nameOf(spec, position) });
  await updateSchedule(tx, row.id, {
    spec,
    position,
    name: nameOf(spec, position),
    enabled: spec.enabled,
    nextDueAt: firstDue(spec, { anchor: row.anchorAt, now, mustBeDue: false }),
    updatedAt: now,
  });
  await forgetQueued(tx, row.id);
  await wakeSchedulers(tx, row.id);
}

function nameOf(spec: ScheduleSpec, position: number): string {
  return spec.name ?? `Schedule ${position + 1}`;
}
