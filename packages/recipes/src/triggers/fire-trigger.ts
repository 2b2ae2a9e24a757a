import type { Tx } from '@automatos/database';
import { PlatformError, isJsonObject, newId } from '@automatos/kernel';
import type { JsonObject, WorkspaceId } from '@automatos/kernel';
import { evaluateRooted, renderRooted } from '../references/rooted.ts';
import { attempt, errorData } from './start-recipe.ts';
import type { EmitTriggerEvent, StartRecipe } from './start-recipe.ts';
import { claimDelivery, settleDelivery } from './trigger-store.ts';
import type { ListedTrigger } from './trigger-store.ts';

/** Triggers by run events that may stand one behind another. */
export const CHAIN_MAX = 10;

export interface FireTriggerDeps {
  startRecipe: StartRecipe;
  emit: EmitTriggerEvent;
}

/** Something genuine that came in for a trigger. */
export interface Fact {
  /** Unique per trigger: the same again starts nothing. */
  deliveryId: string;
  at: Date;
  /** Triggers by run events up to and with this one. */
  depth: number;
  /** What templates and conditions see; what it throws is the delivery's failure. */
  roots: () => JsonObject;
}

export interface FactOutcome {
  outcome: 'started' | 'filtered' | 'duplicate' | 'failed';
  runId: string | null;
  /** With `failed`. */
  thrown?: unknown;
  /** With `started`: to be called after the commit. */
  announce?: () => void;
}

/**
 * Starts the trigger's recipe for a fact, in the caller's transaction: the delivery's row, the run and the event are one.
 * A delivery that failed may come again; any other repetition is a duplicate and tells the first one's run.
 */
export async function fireTrigger(
  deps: FireTriggerDeps,
  { tx, trigger }: { tx: Tx; trigger: ListedTrigger },
  fact: Fact,
): Promise<FactOutcome> {
  const workspaceId = trigger.workspaceId as WorkspaceId;
  const { row, fresh } = await claimDelivery(tx, {
    id: newId<'delivery'>(fact.at.getTime()),
    workspaceId,
    triggerId: trigger.id,
    deliveryId: fact.deliveryId,
    receivedAt: fact.at,
    outcome: 'failed',
    runId: null,
    error: null,
  });
  if (!fresh && row.outcome !== 'failed') return { outcome: 'duplicate', runId: row.runId };
  const done = await attempt(tx, () => start(deps, { tx, trigger, key: row.id }, fact));
  const started = done.ok ? done.value : null;
  const outcome = !done.ok ? 'failed' : started === null ? 'filtered' : 'started';
  const runId = started?.run.id ?? null;
  const error = done.ok ? null : done.error;
  await settleDelivery(tx, row.id, { outcome, runId, error });
  await deps.emit(tx, workspaceId, {
    type: 'trigger.fired',
    subject: `trigger:${trigger.id}`,
    data: {
      trigger_id: trigger.id,
      recipe_slug: trigger.recipeSlug,
      outcome,
      ...(runId === null ? {} : { run_id: runId }),
      ...(error === null ? {} : { error: errorData(error) }),
    },
  });
  return {
    outcome,
    runId,
    ...(done.ok ? {} : { thrown: done.thrown }),
    ...(started === null ? {} : { announce: started.announce }),
  };
}

/** Null when the trigger's condition is false. */
async function start(
  deps: FireTriggerDeps,
  { tx, trigger, key }: { tx: Tx; trigger: ListedTrigger; key: string },
  fact: Fact,
) {
  if (fact.depth > CHAIN_MAX) throw chainTooDeep();
  const roots = fact.roots();
  const { when, inputs: template } = trigger.spec;
  if (when !== undefined && !evaluateRooted(when, roots)) return null;
  const inputs = renderRooted(template, roots);
  if (!isJsonObject(inputs)) throw inputsInvalid();
  return deps.startRecipe(tx, {
    workspaceId: trigger.workspaceId as WorkspaceId,
    recipeId: trigger.recipeId,
    inputs,
    trigger: { kind: trigger.type, id: trigger.id, name: trigger.name, depth: fact.depth },
    idempotencyKey: `trigger:${trigger.id}:${key}`,
    by: { kind: 'system', id: `trigger:${trigger.id}`, name: `Trigger "${trigger.name}"` },
  });
}

function chainTooDeep(): PlatformError {
  return new PlatformError({
    code: 'triggers.chain.too_deep',
    kind: 'limit-reached',
    message: `More than ${CHAIN_MAX} triggers by run events stand one behind another; the next run was not started. Let the trigger name the recipe it waits for, or give it a condition.`,
  });
}

function inputsInvalid(): PlatformError {
  return new PlatformError({
    code: 'triggers.inputs.invalid',
    kind: 'invalid-input',
    message: 'The inputs of the trigger are no object.',
  });
}
