import type { JsonObject } from '@automatos/kernel';
import type { RunContext, RunKind } from '@automatos/runs';
import { flattenSteps } from '../definition/flatten.ts';
import { renderValue } from '../references/render.ts';
import { createSchemaCompiler } from '../validation/schema-compiler.ts';
import { buildGraph } from '../validation/step-graph.ts';
import { readPlan } from './plan.ts';
import { createScope, scopeFor } from './recipe-run.ts';
import type { RecipeKindDeps, RecipeRun } from './recipe-run.ts';
import { createRunClock } from './run-clock.ts';
import { runSteps } from './run-steps.ts';
import { createSlots } from './slots.ts';
import { runTimeout } from './step-errors.ts';

/**
 * Carries out recipes as durable runs. The outputs of the run are the recipe's `outputs`; an error of a step that its
 * `on_error` does not allow ends the run `failed`, and so does the recipe's total time limit.
 */
export function createRecipeKind(deps: RecipeKindDeps): RunKind {
  const schemas = createSchemaCompiler();
  return { kind: 'recipe', execute: (context) => executeRecipe({ deps, schemas }, context) };
}

async function executeRecipe(
  { deps, schemas }: Pick<RecipeRun, 'deps' | 'schemas'>,
  context: RunContext,
): Promise<JsonObject> {
  const plan = readPlan(context.plan);
  const { execution, outputs } = plan.definition;
  const startedMs = await context.now('recipe:started');
  const steps = flattenSteps(plan.definition);
  const clock = createRunClock({
    clock: deps.clock,
    endsAtMs: startedMs + execution.total_timeout_ms,
    error: () => runTimeout(execution.total_timeout_ms),
    until: context.signal,
  });
  const run: RecipeRun = {
    deps,
    schemas,
    context,
    plan,
    inputs: context.inputs,
    steps,
    graph: buildGraph(steps),
    clock,
    slots: createSlots(execution.parallel_limit),
    startedAt: new Date(startedMs).toISOString(),
    results: new Map(),
    gone: new Set(),
  };
  try {
    await runSteps(run, createScope(clock.signal));
    const scope = scopeFor(run, null);
    return renderValue(outputs, scope) as JsonObject;
  } finally {
    clock.stop();
  }
}
