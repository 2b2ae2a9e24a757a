import type { Clock } from '@automatos/kernel';
import type { SyncFromDefinition } from '../recipes/recipe-events.ts';
import { syncSchedules } from '../schedules/sync-schedules.ts';
import { syncTriggers } from './sync-triggers.ts';

/** Keeps schedules and triggers in line with the recipes they stand in; handed to the recipe service. */
export function createSyncFromDefinition({
  clock,
}: {
  clock: Pick<Clock, 'now'>;
}): SyncFromDefinition {
  return async (tx, { workspaceId, recipe, definition }) => {
    const place = { workspaceId, id: recipe.id };
    const now = new Date(clock.now());
    await syncSchedules(tx, place, { schedule: definition?.schedule, now });
    await syncTriggers(tx, place, { triggers: definition?.triggers ?? [], now });
  };
}
