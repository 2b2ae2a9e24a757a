import { deserializeError, serializeError } from '@automatos/kernel';
import type { PlatformError } from '@automatos/kernel';
import type { DraftStep } from '../../definition/draft-step.ts';
import { createStepTimer } from '../clocks/run-clock.ts';
import { createScope, instanceId } from '../frame.ts';
import type { Frame, RecipeRun, StepScope, StepSite } from '../recipe-run.ts';
import { groupTimeout, known, stepAborted, stepTimeout } from '../step-errors.ts';

/** Runs steps one after the other; those after a failure are skipped. The frame's scope holds what went wrong. */
export async function runSequence(
  run: RecipeRun,
  steps: readonly DraftStep[],
  frame: Frame,
): Promise<void> {
  for (const step of steps) {
    const id = instanceId(step.stepId, frame.path);
    await settle(frame.scope, id, () => run.walk.step(run, step, frame));
  }
}

/** The first failure of a scope stops what is under way in it; the scope's owner throws it. */
export async function settle(
  scope: StepScope,
  stepId: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    const error = known(thrown);
    // What was stopped by the first failure is not a failure of its own.
    if (scope.failure === null || scope.failure.error.code === 'recipes.step.aborted') {
      scope.failure = { stepId, error };
    }
    scope.abort(stepAborted(scope.failure.stepId));
  }
}

/** Scope of a container: ends with the one around, and by the container's own time limit. */
export function containerScope({ run, draft, frame, id }: StepSite): StepScope {
  const timeoutMs = timeoutOf(draft);
  if (timeoutMs === undefined) return createScope(frame.scope);
  const error = () => groupTimeout(id, timeoutMs);
  const timer = { clock: run.deps.clock, timeoutMs, error, until: run.context.signal };
  return createScope(frame.scope, [createStepTimer(timer)]);
}

/** Throws what ended the container's scope, saying which step it comes from. */
export function assertSound({ run, draft, id }: StepSite, { failure }: StepScope): void {
  if (failure === null) return;
  const { error } = failure;
  // For its steps the container's time limit comes from outside; for the container it is a failure of its own.
  if (error.code === 'recipes.group.timeout' && error.details?.['group'] === id) {
    throw stepTimeout(id, timeoutOf(draft) ?? 0);
  }
  throw nameStep(run, failure);
}

function timeoutOf({ step }: DraftStep): number | undefined {
  return step !== null && 'timeout_ms' in step ? step.timeout_ms : undefined;
}

/** The error that ends a run says once which step it comes from: the innermost. */
export function nameStep(
  run: RecipeRun,
  { stepId, error }: NonNullable<StepScope['failure']>,
): PlatformError {
  if (run.named.has(error) || error.code === 'recipes.run.timeout') return error;
  const said = error.message.includes(`"${stepId}"`);
  const named = said
    ? error
    : deserializeError({ ...serializeError(error), message: `Step "${stepId}": ${error.message}` });
  run.named.add(named);
  return named;
}
