import { NO_USAGE } from '@automatos/contracts';
import type { Usage } from '@automatos/contracts';
import { cutText } from '@automatos/kernel';
import type { PlatformError } from '@automatos/kernel';
import { evaluateCondition } from '../references/evaluate-condition.ts';
import { runBranch } from './containers/branch.ts';
import { runForEach, runMap } from './containers/map.ts';
import { runLoop } from './containers/loop.ts';
import { runParallel } from './containers/parallel.ts';
import { findingsOf, keepResult, scopeAt, siteOf } from './frame.ts';
import type { StepSite, Walk } from './recipe-run.ts';
import { askGate } from './leaves/approval.ts';
import { runLeaf } from './leaves/run-leaf.ts';
import { reuseStep } from './reuse.ts';
import { skipInside, skipStep } from './skip.ts';
import type { Progress, StepEnd } from './step-end.ts';
import { comesFromOutside, known } from './step-errors.ts';
import { emitCompleted, emitFailed } from './step-events.ts';

const CONDITION_SHOWN = 200;

/** Runs steps, one at a time; how they follow each other is the matter of {@link runSequence} and the containers. */
export const WALK: Walk = {
  async step(run, draft, frame) {
    const site = siteOf(run, draft, frame);
    const { failure } = frame.scope;
    if (failure !== null) {
      return skipStep(site, `"${failure.stepId}" failed and stopped the rest.`);
    }
    if (reuseStep(site)) return;
    await perform(site, { work: workOf, onError: true });
  },
  async once(site) {
    await perform(site, { work: doOnce, onError: false });
    const result = site.frame.own.get(site.draft.outputKey);
    if (result === undefined) return { kind: 'skipped', reason: 'It left no result.' };
    return { kind: 'done', usage: NO_USAGE, ...result };
  },
};

type Work = (site: StepSite, progress: Progress, used: (usage: Usage) => void) => Promise<StepEnd>;

/** Carries out the work of a step and tells how it ended. Rejects when its failure goes beyond the step. */
async function perform(
  site: StepSite,
  { work, onError }: { work: Work; onError: boolean },
): Promise<void> {
  const { run, draft, frame } = site;
  const startedMs = run.deps.clock.now();
  const durationMs = () => Math.max(0, run.deps.clock.now() - startedMs);
  const progress: Progress = { attempts: 0, errors: [], timeoutMs: null };
  let usage: Usage = NO_USAGE;
  const note = (status: 'completed' | 'failed' | 'skipped') => {
    const { attempts, errors, timeoutMs } = progress;
    const operation = { stepId: site.id, status, attempts, durationMs: durationMs(), timeoutMs };
    run.log.stepEnded({ ...operation, errors }, usage);
  };
  try {
    const end = await work(site, progress, (used) => void (usage = used));
    if (end.kind === 'skipped') {
      skipStep(site, end.reason);
      return note('skipped');
    }
    keepResult(site, end, end.findings ?? findingsOf(end.value));
    const subRunId = end.subRunId;
    emitCompleted(site, { durationMs: durationMs(), usage: end.usage, subRunId, ...resultOf(end) });
    note('completed');
  } catch (thrown) {
    const error = known(thrown);
    const reason = leftOutOfDryRun(site, error);
    if (reason !== null) {
      run.refused.add(draft.stepId);
      skipStep(site, reason);
      return note('skipped');
    }
    const { attempts, subRunId: runId } = progress;
    const subRun = runId === undefined ? null : { runId, usage };
    emitFailed(site, { durationMs: durationMs(), attempts, subRun, error });
    note('failed');
    // What failed before it began leaves the steps inside undone.
    if (attempts === 0)
      skipInside(run, { draft, path: frame.path, reason: `"${site.id}" failed.` });
    if (!onError || !allowsError(site, error)) throw error;
    if (frame.container === null && draft.step?.on_error === 'skip') run.gone.add(draft.stepId);
  }
}

function resultOf({ value, main }: StepEnd & { kind: 'done' }) {
  return { value, main };
}

/** `skip` and `continue_with` end a failure here; ends from outside of the step go on. */
function allowsError({ draft, frame }: StepSite, error: PlatformError): boolean {
  const { step } = draft;
  if (comesFromOutside(error)) return false;
  if (step?.on_error === 'skip') return true;
  if (step?.on_error !== 'continue_with' || step.fallback === undefined) return false;
  keepResult({ draft, frame }, { value: step.fallback, main: step.fallback });
  return true;
}

/** Why a dry run leaves the step out: it was refused, or it needs what a refused one would have given. */
function leftOutOfDryRun({ run }: StepSite, error: PlatformError): string | null {
  if (!run.context.dryRun) return null;
  if (error.code === 'recipes.dry_run.refused') return error.message;
  if (error.code !== 'recipes.reference.missing' || run.refused.size === 0) return null;
  return `It needs what the dry run left out: ${error.message}`;
}

/** Everything a step does: its condition, its approval, its budget, and its work once or for each item. */
const workOf: Work = async (site, progress, used) => {
  const { step } = site.draft;
  const when = step?.when;
  if (when !== undefined && !evaluateCondition(when, scopeAt(site, 'outside'))) {
    return {
      kind: 'skipped',
      reason: `Its condition is not true: ${cutText(when, CONDITION_SHOWN)}`,
    };
  }
  if (step?.approval !== undefined) await askGate(site, step.approval);
  const own = withBudget(site);
  if (step !== null && 'for_each' in step && step.for_each !== undefined) {
    return runForEach(own, step.for_each, progress);
  }
  return doOnce(own, progress, used);
};

const doOnce: Work = (site, progress, used) => {
  const { step } = site.draft;
  switch (step?.type) {
    case 'parallel':
      return runParallel(site, progress);
    case 'map':
      return runMap(site, step, progress);
    case 'branch':
      return runBranch(site, step, progress);
    case 'loop':
      return runLoop(site, step, progress);
    default:
      return runLeaf(site, progress, used);
  }
};

/** A budget of the step holds for all that is done in it, items and steps inside included. */
function withBudget(site: StepSite): StepSite {
  const { frame, draft, id } = site;
  const { step } = draft;
  if (step === null || !('budget' in step) || step.budget === undefined) return site;
  const ledger = frame.ledger.within(step.budget, `step "${id}"`);
  return { ...site, frame: { ...frame, ledger } };
}
