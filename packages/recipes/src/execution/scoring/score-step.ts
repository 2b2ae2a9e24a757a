import type { LeafStep, QualityReport } from '@automatos/contracts';
import { PlatformError } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import { isAgentStep } from '../../definition/step-kinds.ts';
import { qualityProblems } from '../../quality/report.ts';
import { contentOfResult, evidenceOf, templateSections } from '../../quality/result-evidence.ts';
import type { StepQualityInput } from '../../quality/types.ts';
import type { UsageTally } from '../budget/usage-tally.ts';
import { guardedContext } from '../clocks/guarded-context.ts';
import type { StepSite } from '../recipe-run.ts';
import type { AttemptResult } from '../leaves/attempt.ts';
import type { Progress } from '../step-end.ts';
import { emitScored } from '../step-events.ts';
import { recordedReport } from './judge.ts';

interface ToScore {
  site: StepSite;
  step: LeafStep;
  result: AttemptResult;
  progress: Progress;
  tally: UsageTally;
}

/** What a result is worth; null for steps that ask for no quality. The report is recorded, so that a replay has the same. */
export async function scoreStep({
  site,
  step,
  result,
  progress,
  tally,
}: ToScore): Promise<{ report: QualityReport; passed: boolean | null; defects: string[] } | null> {
  const threshold = 'quality_threshold' in step ? step.quality_threshold : undefined;
  if (threshold === undefined) return null;
  const { run, frame, id } = site;
  const attempt = progress.attempts;
  const { clock: runClock, replay } = run;
  const guard = { signal: frame.scope.signal, runClock, timers: frame.scope.timers, replay };
  const context = guardedContext(tally.counting(frame.context), guard);
  const input: Omit<StepQualityInput, 'scoredAt' | 'judge'> = {
    stepId: id,
    outputType: run.plan.definition.output_type,
    threshold,
    ...askedOf(step, result),
    content: contentOfResult('', result.value),
    evidence: evidenceFor(site, result),
  };
  const scoring = { run, context, stepId: id, attempt, ledger: frame.ledger, threshold };
  const report = await recordedReport(scoring, (by) =>
    run.deps.quality.scoreStep({ ...input, ...by }),
  );
  emitScored(run.context, { key: `${id}/${attempt}`, stepId: id, report });
  return { report, passed: report.passed, defects: qualityProblems(report) };
}

/** What an agent writes is held against its own tools; a document against all that was found before. */
function evidenceFor({ run, draft }: StepSite, { value }: AttemptResult) {
  return draft.type === 'document' ? evidenceOf(run.log.results) : evidenceOf([{ value }]);
}

function askedOf(
  step: LeafStep,
  { request, inputs }: AttemptResult,
): Pick<StepQualityInput, 'request' | 'inputs' | 'outputSchema' | 'sections'> {
  if (step.type === 'document') {
    return { request, inputs, sections: templateSections(step.template) };
  }
  const schema: JsonObject | undefined = isAgentStep(step) ? step.output_schema : undefined;
  return { request, inputs, ...(schema === undefined ? {} : { outputSchema: schema }) };
}

/** `stepId` null = the run. */
export function belowThreshold(
  stepId: string | null,
  report: QualityReport,
  outputs?: JsonObject,
): PlatformError {
  const what = stepId === null ? 'The result of the run' : `The result of step "${stepId}"`;
  const [worst] = qualityProblems(report, 1);
  return new PlatformError({
    code: 'recipes.quality.below_threshold',
    kind: 'upstream-failed',
    retryable: false,
    message: `${what} has a quality of ${report.score ?? 0}, below its quality_threshold of ${report.threshold ?? 0}.${worst === undefined ? '' : ` Worst: ${worst}`}`,
    ...(outputs === undefined ? {} : { details: { outputs } }),
  });
}
