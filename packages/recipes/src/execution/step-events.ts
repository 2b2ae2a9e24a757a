import type { ErrorInfo, QualityReport, Usage } from '@automatos/contracts';
import { cutText } from '@automatos/kernel';
import type { JsonValue, PlatformError, SerializedError } from '@automatos/kernel';
import type { RunContext } from '@automatos/runs';
import type { ToolOutcome } from '@automatos/tools';
import { toText } from '../references/value-text.ts';
import type { StepSite } from './recipe-run.ts';

const PREVIEW_CHARACTERS = 2000;
const INPUT_CHARACTERS = 8000;
const REASON_CHARACTERS = 2000;
/** Findings inside one event; all of them go to the findings of the run. */
const EVENT_FINDINGS = 20;

export function emitStarted(site: StepSite, attempt: number): void {
  const { run, draft, frame, id } = site;
  const { step, type } = draft;
  run.context.emit({
    type: 'step.started',
    key: `step:${id}:started:${attempt}`,
    stepId: id,
    data: {
      name: step?.name ?? draft.stepId,
      type: type ?? 'agent',
      ...(step !== null && 'agent' in step ? { agent: step.agent } : {}),
      ...(step?.type === 'tool' ? { tool: step.tool } : {}),
      attempt,
      depends_on: frame.container === null ? [...run.graph.dependencies(draft.stepId)] : [],
      ...(frame.container === null ? {} : { parent: frame.container }),
    },
  });
}

export function emitCompleted(
  { run, id }: StepSite,
  end: {
    durationMs: number;
    usage: Usage;
    value: JsonValue;
    main: JsonValue;
    subRunId?: string | undefined;
    reusedFrom?: string;
  },
): void {
  run.context.emit({
    type: 'step.completed',
    key: `step:${id}:completed`,
    stepId: id,
    data: {
      duration_ms: Math.round(end.durationMs),
      output_preview: cutText(toText(end.main), PREVIEW_CHARACTERS),
      usage: end.usage,
      ...(end.subRunId === undefined ? {} : { sub_run_id: end.subRunId }),
      ...(end.reusedFrom === undefined ? {} : { reused_from: end.reusedFrom }),
    },
    attachment: { output: end.value },
  });
}

export function emitFailed(
  { run, id }: StepSite,
  end: {
    durationMs: number;
    attempts: number;
    error: PlatformError;
    /** What sub-runs of the step used. */
    subRun: { runId: string; usage: Usage } | null;
  },
): void {
  run.context.emit({
    type: 'step.failed',
    key: `step:${id}:failed`,
    stepId: id,
    data: {
      error: errorInfo(end.error),
      duration_ms: Math.round(end.durationMs),
      attempts: end.attempts,
      ...(end.subRun === null ? {} : { usage: end.subRun.usage, sub_run_id: end.subRun.runId }),
    },
    ...partialOf(end.error),
  });
}

/** What there was until a limit ended the step is kept with it. */
function partialOf(error: PlatformError): { attachment?: { output: JsonValue } } {
  const partial = error.details?.['partial'];
  return partial === undefined ? {} : { attachment: { output: partial as JsonValue } };
}

export function emitSkipped({ run, id }: Pick<StepSite, 'run' | 'id'>, reason: string): void {
  run.context.emit({
    type: 'step.skipped',
    key: `step:${id}:skipped`,
    stepId: id,
    data: { reason: cutText(reason, REASON_CHARACTERS) },
  });
}

export function emitRetrying(
  { run, id }: StepSite,
  retry: { attempt: number; delayMs: number; error: PlatformError },
): void {
  run.context.emit({
    type: 'step.retrying',
    key: `step:${id}:retrying:${retry.attempt}`,
    stepId: id,
    data: { attempt: retry.attempt, delay_ms: retry.delayMs, error: errorInfo(retry.error) },
  });
}

/** A score of the run, or with a step id of that step; `key` tells several of one step apart. */
export function emitScored(
  context: RunContext,
  score: { key: string; stepId: string | null; report: QualityReport },
): void {
  const { report, stepId } = score;
  context.emit({
    type: 'quality.scored',
    key: `quality:${score.key}`,
    ...(stepId === null ? {} : { stepId }),
    data: {
      score: report.score,
      grade: report.grade,
      ...(report.threshold === null ? {} : { threshold: report.threshold }),
      ...(report.passed === null ? {} : { passed: report.passed }),
      dimensions: Object.fromEntries(report.content.map(({ name, score }) => [name, score])),
    },
    attachment: { quality: report },
  });
}

export function errorInfo(error: PlatformError | SerializedError): ErrorInfo {
  const { code, kind, message, retryable, errors } = error;
  return { code, kind, message, retryable, ...(errors === undefined ? {} : { errors }) };
}

export interface ToolCallNames {
  callId: string;
  tool: string;
  stepId: string;
}

export function emitToolStarted(
  context: RunContext,
  call: ToolCallNames,
  live: { executionId: string; input: JsonValue },
): void {
  const text = JSON.stringify(live.input);
  const input = text.length > INPUT_CHARACTERS ? cutText(text, INPUT_CHARACTERS) : live.input;
  context.emit({
    type: 'tool.started',
    key: `tool:${call.callId}:started:${live.executionId}`,
    stepId: call.stepId,
    data: { call_id: call.callId, tool: call.tool, input },
  });
}

export function emitToolEnded(
  context: RunContext,
  call: ToolCallNames,
  outcome: ToolOutcome,
): void {
  const { callId, tool, stepId } = call;
  const common = { call_id: callId, tool, duration_ms: Math.round(outcome.durationMs) };
  if (outcome.status !== 'success') {
    const error = errorInfo(toolError(outcome));
    context.emit({
      type: 'tool.failed',
      key: `tool:${callId}:failed`,
      stepId,
      data: { ...common, status: outcome.status, error },
    });
    return;
  }
  context.emit({
    type: 'tool.completed',
    key: `tool:${callId}:completed`,
    stepId,
    data: {
      ...common,
      summary: outcome.summary,
      findings_total: outcome.findingsTotal,
      findings: outcome.findings.slice(0, EVENT_FINDINGS),
      output_preview: cutText(toText(outcome.output), PREVIEW_CHARACTERS),
      truncated: outcome.truncated,
      tainted: outcome.tainted,
    },
    ...(outcome.findings.length === 0 ? {} : { attachment: { findings: outcome.findings } }),
  });
}

/** Why a tool call did not succeed; an outcome without a reason gets one that says so. */
export function toolError(outcome: ToolOutcome): SerializedError {
  return (
    outcome.error ?? {
      code: 'recipes.tool.failed',
      kind: 'upstream-failed',
      message: outcome.summary,
      retryable: false,
    }
  );
}
