import { RUNS_NEEDED, quantile, shareInterval } from '../intervals.ts';
import { candidateId, percent, seconds, withStep } from '../candidate.ts';
import type { Candidate } from '../candidate.ts';
import { currentDefinition, known, samplesOfSame } from '../history.ts';
import type { History, StepSample } from '../history.ts';
import type { DraftStep } from '../../definition/draft-step.ts';
import { flattenSteps } from '../../definition/flatten.ts';
import { isContainer } from '../../definition/step-kinds.ts';

/** From this share of a limit on, the slowest runs come near to being cut off. */
const NEAR = 0.8;
/** A limit this many times above the slowest runs lets a step hang for nothing. */
const FAR = 20;
const STEP_LIMIT_MAX_MS = 86_400_000;
const RUN_LIMIT_MAX_MS = 604_800_000;
/** Attempts that retrying is raised to. */
const ATTEMPTS_WANTED = 3;

/** Time limits that cut steps off or nearly do, that are far too long, and the limit of the whole run. */
export function timeoutCandidates(history: History): Candidate[] {
  const leaves = flattenSteps(currentDefinition(history)).filter(({ step }) => mayTimeOut(step));
  const steps = leaves.flatMap((draft) => stepTimeout(history, draft) ?? []);
  return [...steps, ...(runTimeout(history) ?? [])];
}

function mayTimeOut(step: DraftStep['step']): boolean {
  return step !== null && !isContainer(step) && step.type !== 'approval' && step.type !== 'wait';
}

function stepTimeout(history: History, draft: DraftStep): Candidate[] | null {
  const definition = currentDefinition(history);
  const samples = samplesOfSame(history, draft);
  if (samples.length < RUNS_NEEDED || draft.step === null) return null;
  const own = 'timeout_ms' in draft.step ? draft.step.timeout_ms : undefined;
  const limit = own ?? definition.execution.timeout_per_step_ms;
  const timedOut = samples.filter((sample) => sample.timedOut > 0).length;
  const p95 = quantile(known(samples.map(({ attemptMs }) => attemptMs)), 0.95);
  const slowest =
    p95 === null ? 'no attempt ended in time' : `95 % of attempts took at most ${seconds(p95)}`;
  const evidence = [
    `${samples.length} runs of this step as it is now: ${slowest}, with a limit of ${seconds(limit)}.`,
    `${timedOut} of them ran into the limit.`,
  ];
  const wanted = wantedLimit({ limit, p95, timedOut, own: own !== undefined });
  if (wanted === null || wanted === limit) return null;
  const title =
    wanted > limit
      ? `Give "${draft.stepId}" ${seconds(wanted)} in place of ${seconds(limit)}`
      : `Stop "${draft.stepId}" after ${seconds(wanted)} in place of ${seconds(limit)}`;
  return [
    {
      id: candidateId('timeout', draft, wanted > limit),
      kind: 'timeout',
      stepId: draft.stepId,
      title,
      evidence,
      definition: raisedTotal(
        withStep(definition, draft, (step) => (step['timeout_ms'] = wanted)),
        wanted,
      ),
    },
  ];
}

function wantedLimit(at: {
  limit: number;
  p95: number | null;
  timedOut: number;
  own: boolean;
}): number | null {
  const { limit, p95, timedOut, own } = at;
  if (timedOut >= 2) return roundUp(Math.min(STEP_LIMIT_MAX_MS, 2 * Math.max(limit, p95 ?? 0)));
  if (p95 === null || timedOut > 0) return null;
  if (p95 >= limit * NEAR) return roundUp(Math.min(STEP_LIMIT_MAX_MS, p95 * 2.5));
  // The common limit is generous on purpose; one that was set for this step was meant to fit it.
  if (own && limit > FAR * Math.max(p95, 1000)) return roundUp(Math.max(p95 * 5, 10_000));
  return null;
}

/** The next of 1, 1.5, 2, 3, 5, 7.5 times a power of ten, so that advice does not move with every run. */
function roundUp(ms: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, ms)));
  const step = [1, 1.5, 2, 3, 5, 7.5, 10].find((factor) => factor * power >= ms) ?? 10;
  return Math.min(STEP_LIMIT_MAX_MS, Math.round(step * power));
}

/** A step cannot take longer than its run. */
function raisedTotal(definition: Candidate['definition'], limit: number): Candidate['definition'] {
  const { execution } = definition;
  if (execution.total_timeout_ms >= limit) return definition;
  const total = Math.min(RUN_LIMIT_MAX_MS, roundUp(limit * 1.5));
  return { ...definition, execution: { ...execution, total_timeout_ms: total } };
}

function runTimeout(history: History): Candidate[] | null {
  const definition = currentDefinition(history);
  const { execution } = definition;
  const limit = execution.total_timeout_ms;
  const runs = history.runs.filter(
    ({ version }) => history.definitions.get(version)?.execution.total_timeout_ms === limit,
  );
  if (runs.length < RUNS_NEEDED) return null;
  const timedOut = runs.filter(({ errorCode }) => errorCode === 'recipes.run.timeout').length;
  const completed = runs.filter((run) => run.completed);
  const p95 = quantile(known(completed.map(({ durationMs }) => durationMs)), 0.95);
  const near = p95 !== null && completed.length >= RUNS_NEEDED && p95 >= limit * NEAR;
  if (timedOut < 2 && !near) return null;
  const wanted = Math.min(RUN_LIMIT_MAX_MS, roundUp(Math.max(limit * 1.5, (p95 ?? 0) * 2)));
  if (wanted <= limit) return null;
  const slowest =
    p95 === null ? 'none completed' : `95 % of those that completed took at most ${seconds(p95)}`;
  return [
    {
      id: candidateId('timeout', null, { total: limit }),
      kind: 'timeout',
      stepId: null,
      title: `Give the whole run ${seconds(wanted)} in place of ${seconds(limit)}`,
      evidence: [
        `${runs.length} runs with a limit of ${seconds(limit)}: ${slowest}.`,
        `${timedOut} of them ran into the limit.`,
      ],
      definition: { ...definition, execution: { ...execution, total_timeout_ms: wanted } },
    },
  ];
}

/** Steps that fail for good with errors that another attempt may mend, and are not tried three times yet. */
export function retryCandidates(history: History): Candidate[] {
  const definition = currentDefinition(history);
  return flattenSteps(definition).flatMap((draft) => {
    if (!mayTimeOut(draft.step) || draft.step === null) return [];
    const own = 'retry' in draft.step ? draft.step.retry : undefined;
    const attempts = own?.max_attempts ?? 1 + definition.execution.max_retries;
    const samples = samplesOfSame(history, draft);
    const failed = samples.filter(({ transient }) => transient > 0).length;
    const rate = shareInterval(failed, samples.length);
    if (attempts >= ATTEMPTS_WANTED || failed < 2 || rate === null) return [];
    return [
      {
        id: candidateId('retry', draft, definition.execution.max_retries),
        kind: 'retry' as const,
        stepId: draft.stepId,
        title: `Try "${draft.stepId}" up to ${ATTEMPTS_WANTED} times`,
        evidence: [
          `${failed} of ${samples.length} runs of this step (${percent(rate.low)} to ${percent(rate.high)}) failed with an error that another attempt may mend.`,
          `It is tried ${attempts === 1 ? 'once' : `${attempts} times`} now.${recovered(samples)}`,
        ],
        definition: withStep(definition, draft, (step) => {
          const delays = own ?? {
            delay_ms: definition.execution.retry_delay_ms,
            factor: 2,
            delay_ms_max: 60_000,
          };
          step['retry'] = { ...delays, max_attempts: ATTEMPTS_WANTED };
        }),
      },
    ];
  });
}

function recovered(samples: readonly StepSample[]): string {
  const mended = samples.filter(({ retried, failed }) => retried > 0 && failed === 0).length;
  return mended === 0 ? '' : ` ${mended} runs were mended by a further attempt.`;
}
