import type { LeafStep } from '@automatos/contracts';
import { backoffMs } from '@automatos/kernel';
import type { PlatformError } from '@automatos/kernel';
import type { RunContext } from '@automatos/runs';
import type { DraftStep } from '../definition/parse-recipe.ts';
import type { StepResult } from '../references/render.ts';
import { attemptStep } from './attempt-step.ts';
import { guardedContext } from './guarded-context.ts';
import type { RecipeRun, StepScope } from './recipe-run.ts';
import { createStepTimer } from './run-clock.ts';
import { createUsageTally } from './usage-tally.ts';
import { emitCompleted, emitFailed, emitRetrying, emitStarted } from './step-events.ts';
import { comesFromOutside, known, stepTimeout } from './step-errors.ts';

/** Longest wait that an upstream may ask for before the next attempt. */
const RETRY_AFTER_MS_MAX = 3_600_000;

/** Runs one step to its end: attempts, time limit, failure policy. Throws when the failure ends the scope. */
export async function runLeaf(
  run: RecipeRun,
  draft: DraftStep,
  at: { context: RunContext; scope: StepScope },
): Promise<void> {
  const step = draft.step as LeafStep;
  const startedMs = run.deps.clock.now();
  const durationMs = () => Math.max(0, run.deps.clock.now() - startedMs);
  const tally = createUsageTally();
  const context = tally.counting(at.context);
  let attempt = 0;
  try {
    const onAttempt = () => (attempt += 1);
    const result = await withRetries(run, draft, { context, scope: at.scope, step, onAttempt });
    run.results.set(draft.outputKey, result);
    emitCompleted(run, draft, { durationMs: durationMs(), usage: tally.usage(), ...result });
  } catch (thrown) {
    const error = known(thrown);
    emitFailed(run, draft, { durationMs: durationMs(), attempts: attempt, error });
    applyPolicy(run, draft, error);
  }
}

/** `skip` and `continue_with` end the failure here; otherwise, and for ends from outside, it goes on. */
export function applyPolicy(run: RecipeRun, draft: DraftStep, error: PlatformError): void {
  const { step } = draft;
  if (comesFromOutside(error)) throw error;
  if (step?.on_error === 'skip') {
    run.gone.add(draft.stepId);
    return;
  }
  if (step?.on_error === 'continue_with' && step.fallback !== undefined) {
    run.results.set(draft.outputKey, { value: step.fallback, main: step.fallback });
    return;
  }
  throw error;
}

async function withRetries(
  run: RecipeRun,
  draft: DraftStep,
  at: { context: RunContext; scope: StepScope; step: LeafStep; onAttempt: () => number },
): Promise<StepResult> {
  const policy = retryPolicy(run, at.step);
  for (;;) {
    const attempt = at.onAttempt();
    emitStarted(run, draft, attempt);
    const context = attemptContext(run, draft, at);
    try {
      return await attemptStep({ run, draft, context, attempt }, at.step);
    } catch (thrown) {
      const error = known(thrown);
      const again = error.retryable && !comesFromOutside(error) && attempt < policy.attempts;
      if (!again) throw error;
      const asked = Math.min(error.retryAfterMs ?? 0, RETRY_AFTER_MS_MAX);
      const delayMs = Math.max(backoffMs(policy, attempt + 1), asked);
      emitRetrying(run, draft, { attempt, delayMs, error });
      if (delayMs > 0)
        await sleepInScope(run, at, { name: `retry:${draft.stepId}:${attempt}`, ms: delayMs });
    }
  }
}

/** The wait before a retry belongs to no attempt: only the end of the scope or of the run cuts it short. */
function sleepInScope(
  run: RecipeRun,
  { context, scope }: { context: RunContext; scope: StepScope },
  wait: { name: string; ms: number },
): Promise<void> {
  const guarded = guardedContext(context, {
    signal: scope.signal,
    runClock: run.clock,
    timers: [],
  });
  return guarded.sleep(wait.name, wait.ms);
}

function attemptContext(
  run: RecipeRun,
  draft: DraftStep,
  { context, scope, step }: { context: RunContext; scope: StepScope; step: LeafStep },
): RunContext {
  const timeoutMs = step.timeout_ms ?? run.plan.definition.execution.timeout_per_step_ms;
  const timer = createStepTimer({
    clock: run.deps.clock,
    timeoutMs,
    error: () => stepTimeout(draft.stepId, timeoutMs),
    until: context.signal,
  });
  return guardedContext(context, {
    signal: scope.signal,
    runClock: run.clock,
    timers: [timer, ...scope.timers],
  });
}

function retryPolicy(run: RecipeRun, step: LeafStep) {
  const { max_retries, retry_delay_ms } = run.plan.definition.execution;
  const own = step.retry;
  return own === undefined
    ? { attempts: 1 + max_retries, delayMs: retry_delay_ms, factor: 2, delayMsMax: 60_000 }
    : {
        attempts: own.max_attempts,
        delayMs: own.delay_ms,
        factor: own.factor,
        delayMsMax: own.delay_ms_max,
      };
}
