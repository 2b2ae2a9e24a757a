import type { Budget } from '@automatos/contracts';
import { NO_USAGE } from '@automatos/contracts';
import { PlatformError } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { StartRun, SubRunOutcome } from '@automatos/runs';
import type { StepOf } from '../../definition/step-kinds.ts';
import { renderValue } from '../../references/render.ts';
import { createStepTimer } from '../clocks/run-clock.ts';
import { scopeAt } from '../frame.ts';
import { declaredSteps, plannedRecipeKey, toPlan } from '../plan.ts';
import type { PlannedRecipe } from '../plan.ts';
import { planLacks, stepTimeout } from '../step-errors.ts';
import { assertOutput } from './attempt.ts';
import type { AttemptResult, AttemptSite } from './attempt.ts';
import { waiting } from './waiting.ts';

/** Runs another recipe as a run of its own, with what is left of the budgets around. */
export async function attemptSubRun(
  site: AttemptSite,
  step: StepOf<'recipe'>,
): Promise<AttemptResult> {
  const { run, id } = site;
  const planned = run.plan.recipes[plannedRecipeKey(step)];
  if (planned === undefined) throw planLacks('recipe', plannedRecipeKey(step));
  const given = renderValue(step.inputs, scopeAt(site)) as JsonObject;
  const inputs = run.schemas.checkInputs(planned.definition.inputs, given);
  const outcome = await runWithin(site, step, { planned, inputs });
  site.tally.add(outcome.usage);
  site.progress.subRunId = outcome.runId;
  if (outcome.status !== 'completed') throw failed(id, planned, outcome);
  const outputs = outcome.outputs ?? {};
  if (step.output_schema !== undefined) {
    assertOutput(run, id, { schema: step.output_schema, value: outputs, retryable: false });
  }
  const value: JsonObject = {
    run_id: outcome.runId,
    status: outcome.status,
    outputs,
    usage: outcome.usage as unknown as JsonValue,
    findings_total: outcome.findingsTotal,
  };
  return { value, main: outputs, name: step.name ?? id, request: planned.definition.name, inputs };
}

interface Child {
  planned: PlannedRecipe;
  inputs: JsonObject;
}

async function runWithin(
  site: AttemptSite,
  step: StepOf<'recipe'>,
  child: Child,
): Promise<SubRunOutcome> {
  const { run, frame, id, attempt, context } = site;
  const { ledger } = frame;
  const key = `${id}/${attempt}`;
  const rest = await reserveRest(site, key);
  try {
    const { result } = await waiting(site, `subrun:${key}`, async (fromMs) => {
      const timer = timerOf(site, step, fromMs);
      timer?.start();
      try {
        const signal = timer === null ? context.signal : timer.signal;
        return await context.subRun(
          { key, stepId: id, start: startOf(site, child, rest) },
          { signal },
        );
      } finally {
        timer?.end();
      }
    });
    ledger.settle(key, result.usage);
    return result;
  } catch (error) {
    ledger.settle(key, NO_USAGE);
    throw error;
  } finally {
    run.replay.answered();
  }
}

/** Decided inside of a recorded call, and held again on a replay. */
async function reserveRest({ frame, context }: AttemptSite, key: string): Promise<Budget | null> {
  const { ledger } = frame;
  if (!ledger.bounded) return null;
  const rest = (await context.step(`budget:${key}`, async ({ signal }) => {
    return (await ledger.reserveRest(key, signal)) as JsonObject | null;
  })) as Budget | null;
  if (rest !== null) ledger.hold(key, rest);
  return rest;
}

/** A time limit of the step counts all of the sub-run's time, from its recorded start. */
function timerOf({ run, id }: AttemptSite, step: StepOf<'recipe'>, fromMs: number) {
  const { timeout_ms: limit } = step;
  if (limit === undefined) return null;
  const timeoutMs = Math.max(0, fromMs + limit - run.deps.clock.now());
  const error = () => stepTimeout(id, limit);
  return createStepTimer({ clock: run.deps.clock, timeoutMs, error, until: run.context.signal });
}

function startOf(
  { run, context }: AttemptSite,
  { planned, inputs }: Child,
  rest: Budget | null,
): Omit<StartRun, 'parent' | 'idempotencyKey'> {
  const { definition, recipe, agents, recipes } = planned;
  const { max_concurrent_runs: recipeLimit, priority } = definition.execution;
  return {
    kind: 'recipe',
    title: definition.name,
    plan: toPlan({
      definition,
      recipe_version: recipe.version,
      agents,
      recipes,
      ...(rest === null ? {} : { budget_left: rest }),
    }),
    inputs,
    recipe,
    steps: declaredSteps(definition),
    by: { kind: 'system', id: context.runId, name: `recipe ${run.plan.definition.slug}` },
    priority,
    dryRun: context.dryRun,
    ...(recipeLimit === undefined ? {} : { recipeLimit }),
  };
}

function failed(stepId: string, { recipe }: PlannedRecipe, outcome: SubRunOutcome): PlatformError {
  const { runId, status, error } = outcome;
  const why = error === null ? `was ${status}` : `failed: ${error.message}`;
  return new PlatformError({
    code: 'recipes.sub_run.failed',
    kind: 'upstream-failed',
    retryable: error?.retryable ?? false,
    message: `Run ${runId} of recipe "${recipe.slug}" in step "${stepId}" ${why}`,
    details: {
      run_id: runId,
      error,
      partial: { run_id: runId, status, findings_total: outcome.findingsTotal },
    },
  });
}
