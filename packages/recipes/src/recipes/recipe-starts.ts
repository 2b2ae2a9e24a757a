import type { Priority, RecipeDefinition, Run } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import type { JsonObject, WorkspaceId } from '@automatos/kernel';
import type { Actor, Runs, StartRun } from '@automatos/runs';
import type { ToolRegistry, WorkspaceRoots } from '@automatos/tools';
import { declaredSteps, toPlan } from '../execution/plan.ts';
import { inputsInvalid } from '../validation/schema-compiler.ts';
import type { SchemaCompiler } from '../validation/schema-compiler.ts';
import { checkPlaces } from './check-places.ts';
import { definitionOf, mustFind, mustFindVersion } from './recipe-access.ts';
import { notRunnable } from './recipe-errors.ts';
import { freeze } from './recipe-plans.ts';
import type { Frozen } from './recipe-plans.ts';
import type { RecipeRow } from './recipe-store.ts';

export interface StartDeps {
  database: Pick<Database, 'workspace'>;
  registry: Pick<ToolRegistry, 'get'>;
  runs: Pick<Runs, 'start' | 'startIn'>;
  /** Where inputs of `format: folder` and `format: file` must lie. */
  roots: Pick<WorkspaceRoots, 'resolveInside'>;
  schemas: SchemaCompiler;
}

/** What a start may say; all of it is optional but the inputs that the recipe requires. */
export interface StartOptions {
  inputs: JsonObject;
  title?: string | undefined;
  /** Default: what the recipe says. */
  priority?: Priority | undefined;
  /** Default: the current version. */
  version?: number | undefined;
  dryRun?: boolean | undefined;
  idempotencyKey?: string | undefined;
}

/** A start by a clock or an event. */
export interface TriggeredStart extends StartOptions {
  workspaceId: WorkspaceId;
  /** Id or slug. */
  recipeId: string;
  trigger: NonNullable<StartRun['trigger']>;
  by: Actor;
}

/** A version with all that it names, ready to run. */
export interface RunnableRecipe {
  row: Pick<RecipeRow, 'id' | 'slug' | 'name'>;
  version: number;
  definition: RecipeDefinition;
  frozen: Omit<Frozen, 'problems'>;
}

/** Starts a run in a transaction of its own. */
export async function execute(
  deps: StartDeps,
  scope: { workspaceId: WorkspaceId; by: Actor },
  start: StartOptions & { ref: string },
): Promise<Run> {
  const runnable = await deps.database.workspace(scope.workspaceId, (tx) =>
    runnableRecipe(deps, tx, start),
  );
  return deps.runs.start(scope.workspaceId, {
    ...(await toStart(deps, runnable, start)),
    by: scope.by,
  });
}

/** Starts a run in a transaction of the caller; call `announce` after its commit. */
export async function startRecipe(
  deps: StartDeps,
  tx: Tx,
  start: TriggeredStart,
): Promise<{ run: Run; announce: () => void }> {
  const runnable = await runnableRecipe(deps, tx, { ref: start.recipeId, version: start.version });
  return deps.runs.startIn(tx, start.workspaceId, {
    ...(await toStart(deps, runnable, start)),
    by: start.by,
    trigger: start.trigger,
  });
}

/** Throws `recipes.recipe.not_runnable` with everything that is missing. */
export async function runnableRecipe(
  deps: Pick<StartDeps, 'registry'>,
  tx: Tx,
  { ref, version }: { ref: string; version?: number | undefined },
): Promise<RunnableRecipe> {
  const row = await mustFind(tx, ref);
  const found = await mustFindVersion(tx, row, version);
  const definition = definitionOf(found);
  const { problems, ...frozen } = await freeze({ tx, registry: deps.registry }, row, definition);
  if (problems.length > 0) throw notRunnable(row.slug, problems);
  return { row, version: found.version, definition, frozen };
}

async function toStart(
  deps: Pick<StartDeps, 'schemas' | 'roots'>,
  { row, version, definition, frozen }: RunnableRecipe,
  start: StartOptions,
): Promise<Omit<StartRun, 'by'>> {
  const { title, priority, dryRun, idempotencyKey } = start;
  const limit = definition.execution.max_concurrent_runs;
  return {
    kind: 'recipe',
    title: title ?? row.name,
    plan: toPlan({ definition, recipe_version: version, ...frozen }),
    inputs: await checkedInputs(deps, definition, start.inputs),
    recipe: { id: row.id, slug: row.slug, version },
    steps: declaredSteps(definition),
    priority: priority ?? definition.execution.priority,
    ...(limit === undefined ? {} : { recipeLimit: limit }),
    ...(dryRun === true ? { dryRun } : {}),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
}

/** The inputs with defaults. Throws `recipes.inputs.invalid`, also for a folder or file outside the allowed folders. */
export async function checkedInputs(
  deps: Pick<StartDeps, 'schemas' | 'roots'>,
  definition: Pick<RecipeDefinition, 'inputs'>,
  given: JsonObject,
): Promise<JsonObject> {
  const inputs = deps.schemas.checkInputs(definition.inputs, given);
  const misplaced = await checkPlaces(definition.inputs, inputs, deps.roots);
  if (misplaced.length > 0) throw inputsInvalid(misplaced);
  return inputs;
}
