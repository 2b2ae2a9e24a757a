import type { QualityReport, Usage } from '@automatos/contracts';
import type { TaskEstimate } from '@automatos/contracts';
import { formatMicros } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import type { Aggregate } from './aggregation-stage.ts';
import { summaryOf } from './execution-stage.ts';
import { asJson } from './stage.ts';
import type { StageEnd, StageSite } from './stage.ts';
import type { TaskOutcome, UnitResult } from './task-run.ts';

const FINDINGS_KEPT = 200;

export interface ResponseInput {
  aggregate: Aggregate;
  results: readonly UnitResult[];
  outcome: TaskOutcome;
  report: QualityReport;
  usage: Usage;
  attempts: number;
  refinements: readonly { attempt: number; reason: string }[];
}

/** The answer: report, evidence, agents, quality, cost, time, and how far the estimate was off. */
export async function responseStage(
  site: StageSite,
  input: ResponseInput,
): Promise<StageEnd<JsonObject>> {
  const { context, stage, run } = site;
  const durationMs = Math.round((await context.now(`${stage}/duration`)) - run.startedMs);
  const predictionError = errorOf(input.outcome.estimate, {
    durationMs,
    costMicros: input.usage.cost_micros,
    quality: input.report.score,
  });
  const response = `${input.aggregate.report}\n\n${figures(input, durationMs)}\n`;
  const { id } = await context.saveArtifact({
    name: 'response',
    stepId: stage,
    title: 'Response',
    format: 'markdown',
    contentType: 'text/markdown',
    content: response,
  });
  const { aggregate, outcome, report } = input;
  const outputs: JsonObject = {
    status: outcome.outcome,
    summary: aggregate.summary,
    summary_by: aggregate.summaryBy,
    response,
    response_artifact_id: id,
    evidence: asJson(aggregate.findings.slice(0, FINDINGS_KEPT)),
    findings_merged: aggregate.findings.length,
    findings_total: aggregate.findingsTotal,
    conflicts: asJson(aggregate.conflicts),
    agents_used: outcome.agentsUsed,
    units: asJson(input.results.map(summaryOf)),
    failed_units: input.results
      .filter(({ status }) => status !== 'completed')
      .map(({ unitId }) => unitId),
    quality: {
      score: report.score,
      grade: report.grade,
      threshold: report.threshold,
      passed: report.passed,
      dimensions: Object.fromEntries(report.content.map(({ name, score }) => [name, score])),
    },
    attempts: input.attempts,
    refinements: asJson(input.refinements),
    usage: input.usage,
    cost_micros: input.usage.cost_micros,
    duration_ms: durationMs,
    estimate: asJson(outcome.estimate),
    prediction_error: predictionError,
    offline: input.results.every(({ status, offline }) => status !== 'completed' || offline),
  };
  return {
    value: outputs,
    output: { response, response_artifact_id: id, prediction_error: predictionError },
    preview: aggregate.summary,
  };
}

/** Actual less estimated, where both are known; null when nothing was estimated. */
function errorOf(
  estimate: TaskEstimate,
  actual: { durationMs: number; costMicros: number | null; quality: number | null },
): JsonObject | null {
  const { duration_ms: duration, cost_micros: cost, quality } = estimate;
  if (duration === null && cost === null && quality === null) return null;
  return {
    duration_ms: duration === null ? null : actual.durationMs - duration,
    cost_micros: cost === null || actual.costMicros === null ? null : actual.costMicros - cost,
    quality: quality === null || actual.quality === null ? null : actual.quality - quality,
  };
}

function figures(
  { outcome, report, usage, attempts, refinements }: ResponseInput,
  durationMs: number,
): string {
  const quality =
    report.score === null
      ? 'not measurable'
      : `${report.score.toFixed(2)} (${report.grade ?? '–'})`;
  const cost = usage.cost_micros === null ? 'not known' : formatMicros(usage.cost_micros);
  const lines = [
    `- Outcome: ${outcome.outcome === 'partial' ? `partial, ${outcome.unitsFailed} of ${outcome.unitsTotal} parts were not done` : 'complete'}`,
    `- Agents: ${outcome.agentsUsed.join(', ')}`,
    `- Quality: ${quality}`,
    `- Time: ${(durationMs / 1_000).toFixed(1)} s; cost: ${cost}; ${usage.model_calls} model calls, ${usage.tool_calls} tool calls`,
    `- Estimate: ${outcome.estimate.note}`,
    ...(attempts > 1
      ? [`- Attempts: ${attempts}. ${refinements.map(({ reason }) => reason).join(' ')}`]
      : []),
  ];
  return `## About this result\n\n${lines.join('\n')}`;
}
