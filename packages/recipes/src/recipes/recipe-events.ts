import type { EventData, EventType, RecipeDefinition } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import type { WorkspaceId } from '@automatos/kernel';
import type { Actor } from '@automatos/runs';

export type RecipeEventType = Extract<EventType, `recipe.${string}`>;

/** Stores an event in the transaction of the change, so that neither exists without the other. Filled by the composition. */
export type EmitRecipeEvent = <Type extends RecipeEventType>(
  tx: Tx,
  workspaceId: WorkspaceId,
  event: { type: Type; subject: string; data: EventData<Type> },
) => Promise<void>;

/**
 * Brings the schedules and triggers that stand in a recipe in line with its newest version, in the transaction that saves
 * it; `definition` is null when the recipe was deleted.
 */
export type SyncFromDefinition = (
  tx: Tx,
  change: {
    workspaceId: WorkspaceId;
    recipe: { id: string; slug: string };
    definition: RecipeDefinition | null;
    by: Actor;
  },
) => Promise<void>;
