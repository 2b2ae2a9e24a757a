import { NO_USAGE } from '@automatos/contracts';
import { deserializeError, serializeError } from '@automatos/kernel';
import type { JsonObject, PlatformError } from '@automatos/kernel';
import type { DraftStep } from '../definition/parse-recipe.ts';
import { createScope } from './recipe-run.ts';
import type { RecipeRun, StepScope } from './recipe-run.ts';
import { createStepTimer } from './run-clock.ts';
import type { StepTimer } from './run-clock.ts';
import { applyPolicy, runLeaf } from './run-leaf.ts';
import { emitCompleted, emitFailed, emitSkipped, emitStarted } from './step-events.ts';
import { groupTimeout, known, stepAborted, stepTimeout } from './step-errors.ts';

/**
 * Runs all steps in the order of the graph. Throws the error of the step that ended the run.
 *
 * Steps that may run side by side each have their own lane, numbered by their place in the document, so that a replay
 * finds their calls whatever the order they end in. A sequence runs on the run's own line.
 */
export async function runSteps(run: RecipeRun, scope: StepScope): Promise<void> {
  if (run.graph.mode === 'sequence') {
    for (const step of run.graph.top) await settle(scope, step, () => runTop(run, step, scope));
  } else await runGraph(run, scope);
  const { failure } = scope;
  if (failure === null) return;
  // The error of a group names the step inside it already.
  const group = run.graph.top.find((step) => step.stepId === failure.stepId)?.type === 'parallel';
  throw group ? failure.error : withStep(failure);
}

async function runGraph(run: RecipeRun, scope: StepScope): Promise<void> {
  const ends = new Map<string, Promise<void>>();
  const endOf = (step: DraftStep): Promise<void> => {
    const under = ends.get(step.stepId);
    if (under !== undefined) return under;
    const before = run.graph.dependencies(step.stepId).flatMap((id) => {
      const found = run.graph.top.find((candidate) => candidate.stepId === id);
      return found === undefined ? [] : [endOf(found)];
    });
    const end = Promise.all(before).then(() => settle(scope, step, () => runTop(run, step, scope)));
    ends.set(step.stepId, end);
    return end;
  };
  await Promise.all(run.graph.top.map(endOf));
}

/** The first failure of a scope stops what is under way in it; the scope's owner throws it. */
async function settle(scope: StepScope, step: DraftStep, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    const error = known(thrown);
    // What was stopped by the first failure is not a failure of its own.
    if (scope.failure === null || scope.failure.error.code === 'recipes.step.aborted') {
      scope.failure = { stepId: step.stepId, error };
    }
    scope.abort(stepAborted(scope.failure.stepId));
  }
}

async function runTop(run: RecipeRun, step: DraftStep, scope: StepScope): Promise<void> {
  const reason = skipReason(run, step, scope);
  if (reason !== null) return skip(run, step, reason);
  if (step.type === 'parallel') return runGroup(run, step, scope);
  if (run.graph.mode === 'sequence') return runLeaf(run, step, { context: run.context, scope });
  return runInLane(run, step, scope);
}

/** Takes a place among the steps that run at once, then runs in the step's own lane. */
async function runInLane(run: RecipeRun, step: DraftStep, scope: StepScope): Promise<void> {
  const release = await run.slots.take();
  try {
    const reason = skipReason(run, step, scope);
    if (reason !== null) return skip(run, step, reason);
    await run.context.lane(step.index, (context) => runLeaf(run, step, { context, scope }));
  } finally {
    release();
  }
}

function skipReason(run: RecipeRun, step: DraftStep, scope: StepScope): string | null {
  if (scope.failure !== null) return `"${scope.failure.stepId}" failed and stopped the rest.`;
  if (run.graph.mode === 'sequence' || step.parent !== null) return null;
  const gone = run.graph.dependencies(step.stepId).find((id) => run.gone.has(id));
  return gone === undefined ? null : `It depends on "${gone}", which left no result.`;
}

function skip(run: RecipeRun, step: DraftStep, reason: string): void {
  run.gone.add(step.stepId);
  for (const one of [step, ...run.graph.children(step.stepId)]) emitSkipped(run, one, reason);
}

/** Runs the steps of a group side by side; its result holds theirs by output key. */
async function runGroup(run: RecipeRun, group: DraftStep, outer: StepScope): Promise<void> {
  const startedMs = run.deps.clock.now();
  emitStarted(run, group, 1);
  const scope = createScope(outer.signal, groupTimers(run, group));
  const children = run.graph.children(group.stepId);
  await Promise.all(
    children.map((child) => settle(scope, child, () => runInLane(run, child, scope))),
  );
  const durationMs = Math.max(0, run.deps.clock.now() - startedMs);
  if (scope.failure !== null) return failGroup(run, group, { failure: scope.failure, durationMs });
  const part = (name: 'value' | 'main'): JsonObject =>
    Object.fromEntries(
      children.flatMap((child) => {
        const result = run.results.get(child.outputKey);
        return result === undefined ? [] : [[child.outputKey, result[name]]];
      }),
    );
  const result = { value: part('value'), main: part('main') };
  run.results.set(group.outputKey, result);
  // The calls are counted at the steps of the group; adding them here would count them twice.
  emitCompleted(run, group, { durationMs, usage: NO_USAGE, ...result });
}

function failGroup(
  run: RecipeRun,
  group: DraftStep,
  end: { failure: NonNullable<StepScope['failure']>; durationMs: number },
): void {
  // For its steps the group's time limit comes from outside; for the group it is a failure of its own.
  const late = end.failure.error.code === 'recipes.group.timeout';
  const error = late
    ? stepTimeout(group.stepId, group.step?.timeout_ms ?? 0)
    : withStep(end.failure);
  emitFailed(run, group, { durationMs: end.durationMs, attempts: 1, error });
  applyPolicy(run, group, error);
}

function groupTimers(run: RecipeRun, group: DraftStep): StepTimer[] {
  const timeoutMs = group.step?.timeout_ms;
  if (timeoutMs === undefined) return [];
  const error = () => groupTimeout(group.stepId, timeoutMs);
  return [createStepTimer({ clock: run.deps.clock, timeoutMs, error, until: run.context.signal })];
}

/** The error that ends a run says which step it comes from. */
function withStep({ stepId, error }: NonNullable<StepScope['failure']>): PlatformError {
  if (error.code === 'recipes.run.timeout') return error;
  return deserializeError({
    ...serializeError(error),
    message: `Step "${stepId}": ${error.message}`,
  });
}
