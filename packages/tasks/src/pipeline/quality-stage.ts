import { addUsage, NO_USAGE } from '@automatos/contracts';
import type { QualityReport, Usage } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';
import { evidenceOf, qualityEventData, qualityProblems, recordedReport } from '@automatos/recipes';
import type { Assignment } from '../selection/select-agents.ts';
import { taskError } from '../task-error.ts';
import type { Aggregate } from './aggregation-stage.ts';
import { decideRefinement, tellRefinement } from './refinement.ts';
import type { Refinement } from './refinement.ts';
import { asJson } from './stage.ts';
import type { StageEnd, StageSite } from './stage.ts';
import type { UnitResult } from './task-run.ts';

const PROBLEMS_TOLD = 8;

export interface QualityInput {
  aggregate: Aggregate;
  results: readonly UnitResult[];
  assignments: readonly Assignment[];
  /** Of the whole task so far, and of this attempt alone. */
  spent: Usage;
  lastAttempt: Usage;
}

export interface Verdict {
  report: QualityReport;
  refinement: Refinement;
}

/**
 * Measures the result in five dimensions, keeps the score with the history of its units, and decides whether it goes back.
 * Throws `tasks.quality.below_threshold` when it misses the task's threshold and does not go back.
 */
export async function qualityStage(
  site: StageSite,
  input: QualityInput,
): Promise<StageEnd<Verdict>> {
  const { run, context, stage, attempt } = site;
  const { task } = run.plan;
  const report = await measure(site, input);
  tell(site, report);
  if (report.score !== null) {
    const quality = report.score;
    await context.step(`${stage}/${attempt}/keep`, async () => {
      const of = { runId: context.runId, attempt, quality };
      return { units: await run.deps.memory.recordQuality(context.workspaceId, of) };
    });
  }
  const problems = qualityProblems(report, PROBLEMS_TOLD);
  const refinement = decideRefinement({
    ...input,
    report,
    problems,
    attempt,
    threshold: task.quality_threshold,
    maxRefinements: task.max_refinements,
    budget: task.budget,
  });
  tellRefinement(site, refinement);
  if (!refinement.again && report.passed === false) throw below(report, input);
  return {
    value: { report, refinement },
    output: { quality: asJson(report), problems, refinement: asJson(refinement) },
    preview: `Quality ${report.score === null ? 'not measurable' : report.score.toFixed(2)}${report.grade === null ? '' : ` (${report.grade})`}. ${refinement.reason}`,
  };
}

function measure(site: StageSite, { aggregate, results }: QualityInput): Promise<QualityReport> {
  const { run, context, stage, attempt } = site;
  const { task } = run.plan;
  const { deps } = run;
  const threshold = task.quality_threshold;
  return recordedReport(
    {
      run: {
        deps: { agents: deps.agents, clock: deps.clock, judgeModel: deps.model },
        startedAt: new Date(run.startedMs).toISOString(),
      },
      context,
      stepId: stage,
      attempt,
      ledger: run.ledger,
      threshold,
    },
    (by) =>
      deps.quality.scoreRun({
        ...by,
        outputType: 'report',
        threshold: threshold ?? null,
        request: task.goal,
        inputs: {
          ...(task.target === undefined ? {} : { target: task.target }),
          ...task.parameters,
        },
        contents: [{ name: '', text: aggregate.report, format: 'markdown', object: null }],
        outputs: { summary: aggregate.summary },
        evidence: evidenceOf(results.map((result) => ({ value: evidenceValue(result) }))),
        operation: operationOf(site, results, by.scoredAt),
      }),
  );
}

function evidenceValue(result: UnitResult): JsonObject {
  return {
    findings: asJson(result.findings),
    findings_total: result.findingsTotal,
    tools: asJson(result.tools),
  };
}

function operationOf({ run }: StageSite, results: readonly UnitResult[], scoredAt: string) {
  const { budget } = run.plan.task;
  return {
    steps: results.map((result) => ({
      stepId: result.unitId,
      status: result.status,
      attempts: result.attempt,
      durationMs: result.durationMs,
      timeoutMs: null,
      errors:
        result.error === null
          ? []
          : [{ code: result.error.code, retryable: result.error.retryable ?? false }],
    })),
    toolCalls: [],
    durationMs: Math.max(0, Date.parse(scoredAt) - run.startedMs),
    totalTimeoutMs: TOTAL_TIME_MS,
    usage: sumOf(results),
    budget:
      budget === undefined
        ? null
        : { maxCostMicros: budget.max_cost_micros ?? null, maxTokens: budget.max_tokens ?? null },
    recoveries: run.replay.fresh ? 0 : 1,
  };
}

/** What a task of many agents may take before it counts as slow; tasks have no time limit of their own. */
const TOTAL_TIME_MS = 600_000;

function sumOf(results: readonly UnitResult[]): Usage {
  return results.map(({ usage }) => usage).reduce((a, b) => addUsage(a, b), NO_USAGE);
}

function tell({ context, stage, attempt }: StageSite, report: QualityReport): void {
  for (const stepId of [stage, undefined]) {
    context.emit({
      type: 'quality.scored',
      key: `quality:${stepId ?? 'run'}:${attempt}`,
      ...(stepId === undefined ? {} : { stepId }),
      data: qualityEventData(report),
      attachment: { quality: report },
    });
  }
}

function below(report: QualityReport, { aggregate }: QualityInput) {
  const [worst] = qualityProblems(report, 1);
  return taskError('tasks.quality.below_threshold', {
    kind: 'upstream-failed',
    retryable: false,
    message: `The result has a quality of ${(report.score ?? 0).toFixed(2)}, below the task's quality_threshold of ${report.threshold ?? 0}.${worst === undefined ? '' : ` Worst: ${worst}`}`,
    details: {
      partial: { quality: report },
      outputs: {
        status: 'failed',
        summary: aggregate.summary,
        response: aggregate.report,
        findings_total: aggregate.findingsTotal,
        quality: asJson(report),
      },
    },
  });
}
