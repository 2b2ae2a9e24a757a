import { bindRoutes, runRoutes } from '@automatos/contracts';
import type { BoundRoute, RecipeDefinition, Run } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { isPlatformError } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import type { Providers } from '@automatos/providers';
import type { Runs, StartRun } from '@automatos/runs';
import type { ToolRegistry, WorkspaceRoots } from '@automatos/tools';
import { flattenSteps } from '../definition/flatten.ts';
import { declaredSteps, readPlan, toPlan } from '../execution/plan.ts';
import type { FrozenAgent, PlannedRecipe, RecipePlan } from '../execution/plan.ts';
import { createSchemaCompiler } from '../validation/schema-compiler.ts';
import type { SchemaCompiler } from '../validation/schema-compiler.ts';
import {
  modelUnknown,
  notARecipe,
  nothingLeft,
  planUnreadable,
  runActive,
  stepNotReached,
  stepsDiffer,
  stepUnknown,
} from './fork-errors.ts';
import { scopeOf } from './recipe-routes.ts';
import type { RecipeScope } from './recipe-service.ts';
import { checkedInputs, runnableRecipe } from './recipe-starts.ts';
import { earlierRun, isSettled, keptRows } from './reusable-steps.ts';
import type { EarlierRun } from './reusable-steps.ts';

export interface RunControlDeps {
  database: Pick<Database, 'workspace'>;
  runs: Pick<Runs, 'get' | 'steps' | 'plan' | 'start'>;
  registry: Pick<ToolRegistry, 'get'>;
  roots: Pick<WorkspaceRoots, 'resolveInside'>;
  providers: Pick<Providers, 'resolve'>;
}

export interface ForkRequest {
  runId: string;
  /** Step of the first level. */
  fromStep: string;
  /** Replace the inputs of the same name. */
  inputs?: JsonObject | undefined;
  /** For all agents from there on. */
  model?: { provider: string; model: string } | undefined;
  version: 'same' | 'current';
  title?: string | undefined;
  idempotencyKey?: string | undefined;
}

/** New runs that go on from earlier ones; what those spent stays theirs. */
export interface RecipeRunControl {
  /** From the first step that did not complete, of a run that failed or was cancelled. */
  retry(
    scope: RecipeScope,
    request: { runId: string; idempotencyKey?: string | undefined },
  ): Promise<Run>;
  /** From any step of the first level, also of a run under way: the finished steps before it keep their results. */
  fork(scope: RecipeScope, request: ForkRequest): Promise<Run>;
}

type Deps = RunControlDeps & { schemas: SchemaCompiler };

/** Retry and fork of runs of recipes. */
export function createRecipeRunControl(given: RunControlDeps): RecipeRunControl {
  const deps: Deps = { ...given, schemas: createSchemaCompiler() };
  return {
    retry: (scope, request) => retry(deps, scope, request),
    fork: (scope, request) => fork(deps, scope, request),
  };
}

/** Handlers of `/api/runs/{id}/retry` and `/fork`. */
export function createRunForkRoutes({ control }: { control: RecipeRunControl }): BoundRoute[] {
  const routes = { retry: runRoutes.retry, fork: runRoutes.fork };
  return bindRoutes(routes, {
    retry: async (call) => ({
      body: await control.retry(scopeOf(call), {
        runId: call.params.run_id,
        idempotencyKey: call.headers['idempotency-key'],
      }),
    }),
    fork: async (call) => {
      const { from_step: fromStep, ...body } = call.body;
      return {
        body: await control.fork(scopeOf(call), {
          ...body,
          fromStep,
          runId: call.params.run_id,
          idempotencyKey: call.headers['idempotency-key'],
        }),
      };
    },
  });
}

async function retry(
  deps: Deps,
  scope: RecipeScope,
  { runId, idempotencyKey }: { runId: string; idempotencyKey?: string | undefined },
): Promise<Run> {
  const { run, plan } = await readRun(deps, scope, runId);
  if (run.status === 'completed') throw nothingLeft(run);
  if (run.status !== 'failed' && run.status !== 'cancelled') throw runActive(run);
  const { definition } = plan;
  const earlier = earlierRun(definition, await deps.runs.steps(scope.workspaceId, runId));
  const from = earlier.graph.top.find(({ step }) => step !== null && !isSettled(step, earlier));
  if (from === undefined) throw nothingLeft(run);
  return deps.runs.start(scope.workspaceId, {
    ...onFrom(run, plan),
    inputs: await checkedInputs(deps, definition, run.inputs),
    reuse: { runId, fromStepId: from.stepId, stepIds: keptRows(earlier, new Set()) },
    by: scope.by,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  });
}

async function fork(deps: Deps, scope: RecipeScope, request: ForkRequest): Promise<Run> {
  const { runId, fromStep, model, title, idempotencyKey } = request;
  if (model !== undefined) checkModel(deps, scope, model);
  const { run, plan: stored } = await readRun(deps, scope, runId);
  const { plan, recipe } =
    request.version === 'same'
      ? { plan: stored, recipe: undefined }
      : await currentPlan(deps, scope, { run, stored, fromStep });
  const { definition } = plan;
  assertTopStep(definition, fromStep);
  const earlier = earlierRun(definition, await deps.runs.steps(scope.workspaceId, runId));
  assertReached(earlier, fromStep);
  return deps.runs.start(scope.workspaceId, {
    ...onFrom(run, model === undefined ? plan : withModel(plan, model)),
    ...(recipe === undefined ? {} : { recipe }),
    ...(title === undefined ? {} : { title }),
    inputs: await checkedInputs(deps, definition, { ...run.inputs, ...request.inputs }),
    reuse: {
      runId,
      fromStepId: fromStep,
      stepIds: keptRows(earlier, stepsFrom(earlier, fromStep)),
    },
    by: scope.by,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  });
}

async function readRun(
  deps: Deps,
  { workspaceId }: RecipeScope,
  runId: string,
): Promise<{ run: Run; plan: RecipePlan }> {
  const run = await deps.runs.get(workspaceId, runId);
  if (run.kind !== 'recipe' || run.recipe_id === null) throw notARecipe(run);
  const { plan } = await deps.runs.plan(workspaceId, runId);
  try {
    // What the budgets of a run around this one had left is not for a run that stands alone.
    const { budget_left: _left, ...own } = readPlan(plan);
    return { run, plan: own };
  } catch (error) {
    if (isPlatformError(error)) throw planUnreadable(run, error);
    throw error;
  }
}

/** What a new run has in common with the one it goes on from. */
function onFrom(run: Run, plan: RecipePlan): Omit<StartRun, 'inputs' | 'by'> {
  const limit = plan.definition.execution.max_concurrent_runs;
  return {
    kind: 'recipe',
    title: run.title,
    plan: toPlan(plan),
    recipe: {
      id: run.recipe_id ?? '',
      slug: run.recipe_slug ?? plan.definition.slug,
      version: plan.recipe_version,
    },
    steps: declaredSteps(plan.definition),
    priority: run.priority,
    ...(limit === undefined ? {} : { recipeLimit: limit }),
    ...(run.dry_run ? { dryRun: true } : {}),
  };
}

/** The plan of the newest version; the steps before `fromStep` must be those that ran. */
async function currentPlan(
  deps: Deps,
  { workspaceId }: RecipeScope,
  { run, stored, fromStep }: { run: Run; stored: RecipePlan; fromStep: string },
): Promise<{ plan: RecipePlan; recipe: NonNullable<StartRun['recipe']> }> {
  const { row, version, definition, frozen } = await deps.database.workspace(workspaceId, (tx) =>
    runnableRecipe(deps, tx, { ref: run.recipe_id ?? '' }),
  );
  const before = assertTopStep(definition, fromStep);
  const ran = shapesOf(stored.definition.steps.slice(0, before));
  const wanted = shapesOf(definition.steps.slice(0, before));
  const at = wanted.findIndex((shape, index) => shape !== ran[index]);
  if (at !== -1 || ran.length !== wanted.length) {
    const place = at === -1 ? wanted.length : at;
    throw stepsDiffer({ fromStep, version, ran: ran[place], wanted: wanted[place] });
  }
  return {
    plan: { definition, recipe_version: version, ...frozen },
    recipe: { id: row.id, slug: row.slug, version },
  };
}

/** Ids and types of steps, those inside included: results of the same ones can be taken over. */
function shapesOf(steps: RecipeDefinition['steps']): string[] {
  return flattenSteps({ steps }).map(({ stepId, type, parent }) =>
    [stepId, type, ...(parent === null ? [] : [`in ${parent}`])].join(' '),
  );
}

/** Its index on the first level. */
function assertTopStep(definition: RecipeDefinition, stepId: string): number {
  const index = definition.steps.findIndex((step) => step.step_id === stepId);
  if (index !== -1) return index;
  const steps = flattenSteps(definition);
  let outer = steps.find((step) => step.stepId === stepId);
  const inside = outer !== undefined;
  while (outer !== undefined && outer.parent !== null) {
    const { parent } = outer;
    outer = steps.find((step) => step.stepId === parent);
  }
  const top = definition.steps.map((step) => step.step_id);
  throw stepUnknown(stepId, { top, outer: inside ? (outer?.stepId ?? null) : null });
}

/** What `stepId` needs must be there. */
function assertReached(earlier: EarlierRun, stepId: string): void {
  const before = earlier.graph.ancestors(stepId);
  const missing = earlier.graph.top.find(
    ({ stepId: id, step }) => before.has(id) && step !== null && !isSettled(step, earlier),
  );
  if (missing !== undefined) throw stepNotReached(stepId, missing.stepId);
}

/** The step and those written after it. What needs one of them follows by itself. */
function stepsFrom({ graph }: EarlierRun, stepId: string): Set<string> {
  const ids = graph.top.map((step) => step.stepId);
  return new Set(ids.slice(ids.indexOf(stepId)));
}

function checkModel(
  deps: Deps,
  { workspaceId }: RecipeScope,
  model: NonNullable<ForkRequest['model']>,
): void {
  try {
    deps.providers.resolve(model, workspaceId);
  } catch (error) {
    if (isPlatformError(error) && error.kind === 'invalid-input') throw modelUnknown(error);
    throw error;
  }
}

type Agents = Record<string, FrozenAgent>;
type Recipes = Record<string, PlannedRecipe>;

/** The plan with another model for its agents, those of the recipes that it starts included. */
function withModel(plan: RecipePlan, model: NonNullable<ForkRequest['model']>): RecipePlan {
  const agentsOf = (agents: Agents): Agents =>
    mapValues(agents, ({ agent, ...rest }) => ({
      ...rest,
      agent: { ...agent, model: { ...agent.model, ...model } },
    }));
  const recipesOf = (recipes: Recipes): Recipes =>
    mapValues(recipes, (planned) => ({
      ...planned,
      agents: agentsOf(planned.agents),
      recipes: recipesOf(planned.recipes),
    }));
  return { ...plan, agents: agentsOf(plan.agents), recipes: recipesOf(plan.recipes) };
}

function mapValues<T>(values: Record<string, T>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
