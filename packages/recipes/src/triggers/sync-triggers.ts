import type { RecipeDefinition, TriggerSpec } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { canonicalJson, newId } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { matchByName } from './match-by-name.ts';
import { deleteTriggers, insertTrigger, triggersOfRecipe, updateTrigger } from './trigger-store.ts';
import type { TriggerRow } from './trigger-store.ts';

/**
 * Brings the triggers that stand in a recipe in line with it. They are recognised by type and name, and keep id, address
 * and secret as long as both stay.
 */
export async function syncTriggers(
  tx: Tx,
  recipe: { workspaceId: WorkspaceId; id: string },
  { triggers, now }: { triggers: RecipeDefinition['triggers']; now: Date },
): Promise<void> {
  const nameOf = ({ type, name }: TriggerSpec) => `${type}:${name}`;
  const { pairs, left } = matchByName(await triggersOfRecipe(tx, recipe.id), triggers, {
    ofRow: (row) => nameOf(row.spec),
    ofWanted: nameOf,
  });
  await deleteTriggers(tx, left);
  for (const [position, { row, wanted: spec }] of pairs.entries()) {
    if (row === undefined) {
      await insertTrigger(tx, newTrigger({ ...recipe, source: 'recipe', position }, spec, now));
    } else if (row.position !== position || canonicalJson(row.spec) !== canonicalJson(spec)) {
      await updateTrigger(tx, row, { ...columnsOf(spec), position, updatedAt: now });
    }
  }
}

/** Columns that repeat what the spec says. */
export function columnsOf(
  spec: TriggerSpec,
): Pick<TriggerRow, 'spec' | 'name' | 'type' | 'enabled' | 'watches'> {
  const watches = spec.type === 'run_event' ? (spec.recipe ?? null) : null;
  return { spec, name: spec.name, type: spec.type, enabled: spec.enabled, watches };
}

export function newTrigger(
  place: Pick<TriggerRow, 'source' | 'position'> & { workspaceId: WorkspaceId; id: string },
  spec: TriggerSpec,
  now: Date,
): TriggerRow {
  return {
    id: newId<'trigger'>(now.getTime()),
    workspaceId: place.workspaceId,
    recipeId: place.id,
    source: place.source,
    position: place.position,
    ...columnsOf(spec),
    secretVersion: 1,
    createdAt: now,
    updatedAt: now,
  };
}
