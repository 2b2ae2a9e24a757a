import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { RunContext, RunKind } from '@automatos/runs';
import { flattenSteps } from '../definition/flatten.ts';
import { renderDocument } from '../documents/render-document.ts';
import { createQualityScorer } from '../quality/quality-scorer.ts';
import { renderValue } from '../references/render.ts';
import type { Scope } from '../references/render.ts';
import { createSchemaCompiler } from '../validation/schema-compiler.ts';
import { buildGraph } from '../validation/step-graph.ts';
import { createLedger } from './budget/ledger.ts';
import { createReplay } from './clocks/replay.ts';
import { createRunClock } from './clocks/run-clock.ts';
import { createSlots } from './clocks/slots.ts';
import { runTopLevel } from './containers/top-level.ts';
import { createScope, scopeFor } from './frame.ts';
import type { Frame, RecipeKindDeps, RecipeRun } from './recipe-run.ts';
import { readPlan } from './plan.ts';
import type { RecipePlan } from './plan.ts';
import { createRunLog } from './run-log.ts';
import { WALK } from './run-step.ts';
import { scoreRun } from './scoring/score-run.ts';
import { known, runTimeout } from './step-errors.ts';

type GivenDeps = Omit<RecipeKindDeps, 'renderDocument' | 'quality'> &
  Partial<Pick<RecipeKindDeps, 'renderDocument' | 'quality'>>;

/**
 * Carries out recipes as durable runs. The outputs of the run are the recipe's `outputs`; an error of a step that its
 * `on_error` does not allow ends the run `failed`, and so do the recipe's total time limit, its budget and its
 * `quality_threshold`. Documents and quality are this package's own unless given.
 */
export function createRecipeKind(given: GivenDeps): RunKind {
  const schemas = createSchemaCompiler();
  const deps = { renderDocument, quality: createQualityScorer({ schemas }), ...given };
  return { kind: 'recipe', execute: (context) => executeRecipe({ deps, schemas }, context) };
}

async function executeRecipe(
  { deps, schemas }: Pick<RecipeRun, 'deps' | 'schemas'>,
  context: RunContext,
): Promise<JsonObject> {
  const plan = readPlan(context.plan);
  const { execution } = plan.definition;
  const replay = createReplay(deps.clock);
  const startedMs = await beginning(deps, context, replay);
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
    graph: buildGraph(steps, execution.mode),
    clock,
    replay,
    startedAt: new Date(startedMs).toISOString(),
    log: createRunLog(),
    gone: new Set(),
    refused: new Set(),
    named: new WeakSet(),
    names: new Map(),
    walk: WALK,
  };
  const frame = outermost(run);
  try {
    await runTopLevel(run, frame);
    const outputs = outputsOf(run, frame);
    await scoreRun(run, frame, outputs);
    return outputs;
  } finally {
    clock.stop();
  }
}

/** The recorded start of the run. Whether its call is made here tells a new run from one that is taken up again. */
async function beginning(
  { clock }: RecipeKindDeps,
  context: RunContext,
  replay: RecipeRun['replay'],
): Promise<number> {
  return context.step('now:recipe:started', () => {
    replay.began();
    return Promise.resolve(clock.now());
  });
}

function outermost(run: RecipeRun): Frame {
  const results: Frame['results'] = new Map();
  return {
    path: [],
    container: null,
    results,
    own: results,
    findings: new Map(),
    locals: new Map(),
    context: run.context,
    scope: createScope({ signal: run.clock.signal, timers: [] }),
    slots: createSlots(run.plan.definition.execution.parallel_limit),
    ledger: ledgerOf(run.plan, run.replay),
  };
}

function ledgerOf({ definition, budget_left }: RecipePlan, replay: RecipeRun['replay']) {
  const { budget } = definition;
  const none = createLedger(() => replay.settled());
  const own = budget === undefined ? none : none.within(budget, 'the run');
  return budget_left === undefined ? own : own.within(budget_left, 'the run that started this one');
}

/** The recipe's outputs. In a dry run, those that need what was left out are null. */
function outputsOf(run: RecipeRun, frame: Frame): JsonObject {
  const scope = scopeFor(run, frame, { reader: null });
  const { outputs } = run.plan.definition;
  return Object.fromEntries(
    Object.entries(outputs).map(([name, text]) => [name, outputOf(run, text, scope)]),
  );
}

function outputOf(run: RecipeRun, text: string, scope: Scope): JsonValue {
  try {
    return renderValue(text, scope);
  } catch (thrown) {
    const error = known(thrown);
    const leftOut = run.context.dryRun && run.refused.size > 0;
    if (leftOut && error.code === 'recipes.reference.missing') return null;
    throw error;
  }
}
