import type { LeafStep, Usage } from '@automatos/contracts';
import { backoffMs } from '@automatos/kernel';
import { isAgentStep } from '../../definition/step-kinds.ts';
import { createUsageTally } from '../budget/usage-tally.ts';
import type { UsageTally } from '../budget/usage-tally.ts';
import { guardedContext } from '../clocks/guarded-context.ts';
import type { Guard } from '../clocks/guarded-context.ts';
import { createStepTimer } from '../clocks/run-clock.ts';
import type { StepSite } from '../recipe-run.ts';
import { belowThreshold, scoreStep } from '../scoring/score-step.ts';
import type { Progress, StepEnd } from '../step-end.ts';
import { comesFromOutside, known, stepTimeout } from '../step-errors.ts';
import { emitRetrying, emitStarted } from '../step-events.ts';
import { attemptAgent } from './agent.ts';
import { runApproval } from './approval.ts';
import type { AttemptResult, AttemptSite } from './attempt.ts';
import { attemptCode } from './code.ts';
import { attemptDocument } from './document.ts';
import { agentPlace } from './place.ts';
import { attemptSubRun } from './sub-run.ts';
import { attemptTool } from './tool.ts';
import { runWait } from './wait.ts';

/** Longest wait that an upstream may ask for before the next attempt. */
const RETRY_AFTER_MS_MAX = 3_600_000;

/** Does one step that holds no others: attempts, time limit, quality. `used` hears what its calls took, also of a failure. */
export async function runLeaf(
  site: StepSite,
  progress: Progress,
  used: (usage: Usage) => void,
): Promise<StepEnd> {
  const { run, frame, draft } = site;
  const step = draft.step as LeafStep;
  // Who waits for the world takes no place from those that work.
  if (step.type === 'approval') return runApproval(site, step, progress);
  if (step.type === 'wait') return runWait(site, step, progress);
  const tally = createUsageTally(({ type, data }) => {
    const { tool, call_id: inputHash } = data;
    run.log.toolCalled({ tool, inputHash, ok: type === 'tool.completed' });
  });
  const release = await frame.slots.take();
  try {
    const { failure } = frame.scope;
    if (failure !== null) {
      return { kind: 'skipped', reason: `"${failure.stepId}" failed and stopped the rest.` };
    }
    const result = await goodResult(site, step, { progress, tally });
    const { value, main, name } = result;
    const tool = step.type === 'tool' ? step.tool : null;
    run.log.resultLeft({ name, type: draft.type ?? 'agent', tool, value });
    const subRun = progress.subRunId === undefined ? {} : { subRunId: progress.subRunId };
    return { kind: 'done', usage: tally.usage(), value, main, ...subRun };
  } finally {
    used(tally.usage());
    release();
  }
}

interface Doing {
  progress: Progress;
  tally: UsageTally;
}

/** A result that reaches the step's quality, after as many repairs as the recipe allows. */
async function goodResult(site: StepSite, step: LeafStep, doing: Doing): Promise<AttemptResult> {
  const { max_repairs } = site.run.plan.definition.execution;
  // The same template gives the same document again.
  const repairs = isAgentStep(step) ? max_repairs : 0;
  let defects: readonly string[] = [];
  for (let repair = 0; ; repair += 1) {
    const result = await withRetries(site, step, { ...doing, defects });
    const scored = await scoreStep({ site, step, result, ...doing });
    if (scored === null || scored.passed !== false) return result;
    const error = belowThreshold(site.id, scored.report);
    if (repair >= repairs) throw error;
    ({ defects } = scored);
    emitRetrying(site, { attempt: doing.progress.attempts, delayMs: 0, error });
  }
}

async function withRetries(
  site: StepSite,
  step: LeafStep,
  doing: Doing & { defects: readonly string[] },
): Promise<AttemptResult> {
  const { progress } = doing;
  const policy = retryPolicy(site, step);
  for (let failures = 1; ; failures += 1) {
    progress.attempts += 1;
    try {
      return await attemptStep(site, step, doing);
    } catch (thrown) {
      const error = known(thrown);
      progress.errors.push({ code: error.code, retryable: error.retryable });
      const again = error.retryable && !comesFromOutside(error) && failures < policy.attempts;
      if (!again) throw error;
      const asked = Math.min(error.retryAfterMs ?? 0, RETRY_AFTER_MS_MAX);
      const delayMs = Math.max(backoffMs(policy, failures + 1), asked);
      emitRetrying(site, { attempt: progress.attempts, delayMs, error });
      if (delayMs > 0) await pause(site, `retry:${site.id}:${progress.attempts}`, delayMs);
    }
  }
}

/** The wait before a retry belongs to no attempt: only the end of the scope or of the run cuts it short. */
function pause({ run, frame }: StepSite, name: string, ms: number): Promise<void> {
  const { clock: runClock, replay } = run;
  const guard = { signal: frame.scope.signal, runClock, timers: [], replay };
  return guardedContext(frame.context, guard).sleep(name, ms);
}

async function attemptStep(
  site: StepSite,
  step: LeafStep,
  { progress, tally, defects }: Doing & { defects: readonly string[] },
): Promise<AttemptResult> {
  const attempt = progress.attempts;
  const place = agentPlace(site, step, attempt);
  try {
    await place.beforehand();
    await site.run.context.gate();
    emitStarted(site, attempt);
    const guard = { ...guardOf(site, step, progress), before: place.take };
    const context = guardedContext(tally.counting(site.frame.context), guard);
    return await attemptOf({ ...site, context, attempt, defects, tally, progress }, step);
  } finally {
    await place.giveBack();
  }
}

/** Everything that calls out goes through the site's context; failures are PlatformErrors. */
function attemptOf(site: AttemptSite, step: LeafStep): Promise<AttemptResult> {
  switch (step.type) {
    case 'tool':
      return attemptTool(site, step);
    case 'document':
      return attemptDocument(site, step);
    case 'recipe':
      return attemptSubRun(site, step);
    case 'code':
      return attemptCode(site, step);
    case 'approval':
    case 'wait':
      throw new Error(`a step of type ${step.type} makes no attempts`);
    default:
      return attemptAgent(site, step);
  }
}

/** A sub-run has limits of its own; the step's own limit, when it has one, is held by {@link attemptSubRun}. */
function guardOf({ run, frame, id }: StepSite, step: LeafStep, progress: Progress): Guard {
  const { clock: runClock, replay } = run;
  const { signal } = frame.scope;
  if (step.type === 'recipe') {
    progress.timeoutMs = step.timeout_ms ?? null;
    return { signal, runClock, replay, timers: [] };
  }
  const own = 'timeout_ms' in step ? step.timeout_ms : undefined;
  const timeoutMs = own ?? run.plan.definition.execution.timeout_per_step_ms;
  progress.timeoutMs = timeoutMs;
  const error = () => stepTimeout(id, timeoutMs);
  const timer = { clock: run.deps.clock, timeoutMs, error, until: run.context.signal };
  return { signal, runClock, replay, timers: [createStepTimer(timer), ...frame.scope.timers] };
}

function retryPolicy({ run }: StepSite, step: LeafStep) {
  const { max_retries, retry_delay_ms } = run.plan.definition.execution;
  const own = 'retry' in step ? step.retry : undefined;
  return own === undefined
    ? { attempts: 1 + max_retries, delayMs: retry_delay_ms, factor: 2, delayMsMax: 60_000 }
    : {
        attempts: own.max_attempts,
        delayMs: own.delay_ms,
        factor: own.factor,
        delayMsMax: own.delay_ms_max,
      };
}
