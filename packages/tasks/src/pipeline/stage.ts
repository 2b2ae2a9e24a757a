import type { ErrorInfo, TaskStage } from '@automatos/contracts';
import { cutText, isPlatformError } from '@automatos/kernel';
import type { JsonObject, JsonValue, PlatformError } from '@automatos/kernel';
import { createUsageTally } from '@automatos/recipes';
import type { UsageTally } from '@automatos/recipes';
import type { RunContext } from '@automatos/runs';
import { observedContext } from './observed-context.ts';
import { STAGE_NAMES, stageBefore } from './task-plan.ts';
import type { TaskRun } from './task-run.ts';

const PREVIEW_CHARACTERS = 2_000;

/** What a stage works with. */
export interface StageSite {
  run: TaskRun;
  stage: TaskStage;
  attempt: number;
  /** Counts what the stage uses. */
  context: RunContext;
}

/** What a stage leaves: its value for the stages after it, and what is shown of it. */
export interface StageEnd<T> {
  value: T;
  output: JsonObject;
  /** One or two sentences. */
  preview: string;
}

/**
 * Carries out one stage and tells it: begin, end, time, tokens and cost. An error ends the task; the stage then shows as
 * failed. The same stage may run again under the next attempt.
 */
export async function runStage<T>(
  run: TaskRun,
  at: { stage: TaskStage; attempt: number },
  body: (site: StageSite) => Promise<StageEnd<T>>,
): Promise<T> {
  const { stage, attempt } = at;
  await run.context.gate();
  const tally = createUsageTally(() => undefined);
  const context = observedContext(run.context, { tally, replay: run.replay });
  const begunMs = await context.now(`${stage}/${attempt}/begin`);
  run.context.emit({
    type: 'step.started',
    key: `step:${stage}:started:${attempt}`,
    stepId: stage,
    data: { name: STAGE_NAMES[stage], type: 'stage', attempt, depends_on: stageBefore(stage) },
  });
  try {
    const { value, output, preview } = await body({ run, stage, attempt, context });
    const durationMs = (await context.now(`${stage}/${attempt}/end`)) - begunMs;
    emitCompleted(run.context, { ...at, durationMs, tally, output, preview });
    return value;
  } catch (error) {
    if (!isPlatformError(error) || run.context.signal.aborted) throw error;
    const durationMs = (await context.now(`${stage}/${attempt}/end`)) - begunMs;
    emitFailed(run.context, { ...at, durationMs, tally, error });
    throw error;
  }
}

interface End {
  stage: TaskStage;
  attempt: number;
  durationMs: number;
  tally: UsageTally;
}

function emitCompleted(
  context: RunContext,
  end: End & { output: JsonObject; preview: string },
): void {
  context.emit({
    type: 'step.completed',
    key: `step:${end.stage}:completed:${end.attempt}`,
    stepId: end.stage,
    data: {
      duration_ms: Math.round(end.durationMs),
      output_preview: cutText(end.preview, PREVIEW_CHARACTERS),
      usage: end.tally.usage(),
    },
    attachment: { output: end.output },
  });
}

function emitFailed(context: RunContext, end: End & { error: PlatformError }): void {
  const partial = end.error.details?.['partial'];
  context.emit({
    type: 'step.failed',
    key: `step:${end.stage}:failed:${end.attempt}`,
    stepId: end.stage,
    data: {
      error: errorInfo(end.error),
      duration_ms: Math.round(end.durationMs),
      attempts: end.attempt,
      usage: end.tally.usage(),
    },
    ...(partial === undefined ? {} : { attachment: { output: partial as JsonValue } }),
  });
}

export function errorInfo({ code, kind, message, retryable, errors }: PlatformError): ErrorInfo {
  return { code, kind, message, retryable, ...(errors === undefined ? {} : { errors }) };
}

/** Plain data as JSON. */
export function asJson(value: unknown): JsonValue {
  return value as JsonValue;
}
