import type { ErrorInfo, Usage } from '@automatos/contracts';
import { cutText } from '@automatos/kernel';
import type { JsonValue, PlatformError, SerializedError } from '@automatos/kernel';
import type { RunContext } from '@automatos/runs';
import type { ToolOutcome } from '@automatos/tools';
import type { DraftStep } from '../definition/parse-recipe.ts';
import { toText } from '../references/value-text.ts';
import type { RecipeRun } from './recipe-run.ts';

const PREVIEW_CHARACTERS = 2000;
const INPUT_CHARACTERS = 8000;
/** Findings inside one event; all of them go to the findings of the run. */
const EVENT_FINDINGS = 20;

export function emitStarted(run: RecipeRun, draft: DraftStep, attempt: number): void {
  const { step, stepId, parent, type } = draft;
  run.context.emit({
    type: 'step.started',
    key: `step:${stepId}:started:${attempt}`,
    stepId,
    data: {
      name: step?.name ?? stepId,
      type: type ?? 'agent',
      ...(step !== null && 'agent' in step ? { agent: step.agent } : {}),
      ...(step?.type === 'tool' ? { tool: step.tool } : {}),
      attempt,
      depends_on: parent === null ? [...run.graph.dependencies(stepId)] : [],
      ...(parent === null ? {} : { parent }),
    },
  });
}

export function emitCompleted(
  run: RecipeRun,
  draft: DraftStep,
  end: { durationMs: number; usage: Usage; value: JsonValue; main: JsonValue },
): void {
  run.context.emit({
    type: 'step.completed',
    key: `step:${draft.stepId}:completed`,
    stepId: draft.stepId,
    data: {
      duration_ms: Math.round(end.durationMs),
      output_preview: cutText(toText(end.main), PREVIEW_CHARACTERS),
      usage: end.usage,
    },
    attachment: { output: end.value },
  });
}

export function emitFailed(
  run: RecipeRun,
  draft: DraftStep,
  end: { durationMs: number; attempts: number; error: PlatformError },
): void {
  run.context.emit({
    type: 'step.failed',
    key: `step:${draft.stepId}:failed`,
    stepId: draft.stepId,
    data: {
      error: errorInfo(end.error),
      duration_ms: Math.round(end.durationMs),
      attempts: end.attempts,
    },
    ...partialOf(end.error),
  });
}

/** What an agent had until it reached a limit is kept with the failed step. */
function partialOf(error: PlatformError): { attachment?: { output: JsonValue } } {
  const partial = error.details?.['partial'];
  return partial === undefined ? {} : { attachment: { output: partial as JsonValue } };
}

export function emitSkipped(run: RecipeRun, draft: DraftStep, reason: string): void {
  run.context.emit({
    type: 'step.skipped',
    key: `step:${draft.stepId}:skipped`,
    stepId: draft.stepId,
    data: { reason },
  });
}

export function emitRetrying(
  run: RecipeRun,
  draft: DraftStep,
  retry: { attempt: number; delayMs: number; error: PlatformError },
): void {
  run.context.emit({
    type: 'step.retrying',
    key: `step:${draft.stepId}:retrying:${retry.attempt}`,
    stepId: draft.stepId,
    data: { attempt: retry.attempt, delay_ms: retry.delayMs, error: errorInfo(retry.error) },
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
