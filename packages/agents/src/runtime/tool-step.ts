import { NO_USAGE } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';
import type { ModelToolCall } from '@automatos/providers';
import type { RunContext, StepAttempt } from '@automatos/runs';
import type { ToolGrant, ToolOutcome } from '@automatos/tools';
import { needsConsent } from '@automatos/tools';
import { raceAbort } from './abort.ts';
import { boundedJson, previewOf } from './bounded-json.ts';
import type { AgentRuntimeDeps, TurnRequest } from './runtime-types.ts';

const INPUT_CHARS = 8_000;
const PREVIEW_CHARS = 2_000;
/** Findings inside the event; all of them go to the findings of the run. */
const EVENT_FINDINGS = 20;
const PROGRESS_EVERY_MS = 200;

export interface ToolPlan {
  callId: string;
  call: ModelToolCall;
  grants: ToolGrant[];
  timeoutMs: number;
  /** The conversation holds text of strangers. */
  readForeignText: boolean;
  /** Who consented to the call, once somebody was asked. */
  approvedBy?: string;
}

interface Site {
  context: RunContext;
  request: TurnRequest;
  onRun: () => void;
}

/** Starts one tool call as one recorded step. The step is numbered before this returns, so callers decide the order. */
export function runToolStep(
  deps: AgentRuntimeDeps,
  site: Site,
  plan: ToolPlan,
): Promise<ToolOutcome> {
  const { context, request } = site;
  const { approvedBy } = plan;
  const body = async (attempt: StepAttempt): Promise<JsonObject> => {
    site.onRun();
    await request.budget?.reserveTool(plan.callId, attempt.signal);
    // A call that waits for a person has not started.
    let told = false;
    const tell = () => {
      if (!told) emitToolStarted(site, plan, attempt.executionId);
      told = true;
    };
    const signal = AbortSignal.any([attempt.signal, context.signal, request.signal]);
    const work = deps.executor.execute({
      tool: plan.call.name,
      input: plan.call.input,
      callId: plan.callId,
      idempotencyKey: attempt.idempotencyKey,
      workspaceId: context.workspaceId,
      runId: context.runId,
      stepId: request.stepId,
      agent: request.agent.slug,
      grants: plan.grants,
      ...(request.allowedCapabilities === undefined
        ? {}
        : { allowedCapabilities: request.allowedCapabilities }),
      signal,
      timeoutMs: plan.timeoutMs,
      ...(plan.readForeignText ? { readForeignText: true } : {}),
      ...(approvedBy === undefined ? {} : { approvedBy }),
      onAdmitted: tell,
      onProgress: progressEmitter(deps, site, { plan, executionId: attempt.executionId }),
    });
    const outcome = await raceAbort(work, signal);
    if (!needsConsent(outcome)) tell();
    return outcome as unknown as JsonObject;
  };
  const name = `tool:${plan.callId}${approvedBy === undefined ? '' : '/approved'}`;
  return context.step(name, body, { signal: request.signal }).then(
    (value) => {
      request.budget?.settle(plan.callId, { ...NO_USAGE, tool_calls: 1 });
      return value as unknown as ToolOutcome;
    },
    (error: unknown) => {
      request.budget?.settle(plan.callId, NO_USAGE);
      throw error;
    },
  );
}

export function emitToolStarted(
  { context, request }: Pick<Site, 'context' | 'request'>,
  plan: Pick<ToolPlan, 'callId' | 'call'>,
  executionId: string,
): void {
  context.emit({
    type: 'tool.started',
    key: `tool:${plan.callId}:started:${executionId}`,
    stepId: request.stepId,
    data: {
      call_id: plan.callId,
      tool: plan.call.name,
      agent: request.agent.slug,
      input: boundedJson(plan.call.input, INPUT_CHARS),
    },
  });
}

function progressEmitter(
  deps: AgentRuntimeDeps,
  { context, request }: Site,
  { plan, executionId }: { plan: ToolPlan; executionId: string },
) {
  let count = 0;
  let last = Number.NEGATIVE_INFINITY;
  return (message: string, ratio?: number): void => {
    const now = deps.clock.now();
    if (now - last < PROGRESS_EVERY_MS) return;
    last = now;
    const bounded =
      ratio === undefined || !Number.isFinite(ratio)
        ? {}
        : { ratio: Math.min(1, Math.max(0, ratio)) };
    context.emit({
      type: 'step.progress',
      key: `tool:${plan.callId}:progress:${executionId}:${count++}`,
      stepId: request.stepId,
      data: { message: `${plan.call.name}: ${message.slice(0, 500)}`, ...bounded },
    });
  };
}

/** Stores the end of a tool call; made in the body of the run, so that a replay stores what a crash lost. */
export function emitToolEnded(
  { context, request }: Pick<Site, 'context' | 'request'>,
  plan: Pick<ToolPlan, 'callId' | 'call'>,
  outcome: ToolOutcome,
): void {
  const common = {
    call_id: plan.callId,
    tool: plan.call.name,
    agent: request.agent.slug,
    duration_ms: Math.round(outcome.durationMs),
  };
  if (outcome.status !== 'success') {
    const error = outcome.error ?? {
      code: 'tools.run.failed',
      kind: 'internal' as const,
      message: outcome.summary,
      retryable: false,
    };
    context.emit({
      type: 'tool.failed',
      key: `tool:${plan.callId}:failed`,
      stepId: request.stepId,
      data: {
        ...common,
        status: outcome.status,
        error: {
          code: error.code,
          kind: error.kind,
          message: error.message,
          retryable: error.retryable,
          ...(error.errors === undefined ? {} : { errors: error.errors }),
        },
      },
    });
    return;
  }
  context.emit({
    type: 'tool.completed',
    key: `tool:${plan.callId}:completed`,
    stepId: request.stepId,
    data: {
      ...common,
      summary: outcome.summary,
      findings_total: outcome.findingsTotal,
      findings: outcome.findings.slice(0, EVENT_FINDINGS),
      output_preview: previewOf(outcome.output, PREVIEW_CHARS),
      truncated: outcome.truncated,
      tainted: outcome.tainted,
    },
    ...(outcome.findings.length === 0 ? {} : { attachment: { findings: outcome.findings } }),
  });
}
