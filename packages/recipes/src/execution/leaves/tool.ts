import { NO_USAGE } from '@automatos/contracts';
import { deserializeError } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { StepAttempt } from '@automatos/runs';
import { askConsent, keepArtifacts, needsConsent, refusedOutcome } from '@automatos/tools';
import type { Capability, KeptOutcome, ToolOutcome } from '@automatos/tools';
import type { StepOf } from '../../definition/step-kinds.ts';
import { renderValue } from '../../references/render.ts';
import { scopeAt } from '../frame.ts';
import { dryRunRefused } from '../step-errors.ts';
import { emitToolEnded, emitToolStarted, toolError } from '../step-events.ts';
import type { ToolCallNames } from '../step-events.ts';
import { assertOutput } from './attempt.ts';
import { waiting } from './waiting.ts';
import type { AttemptResult, AttemptSite } from './attempt.ts';

/** What tools may do in a dry run: look, and compute. */
export const DRY_RUN_CAPABILITIES: readonly Capability[] = ['read', 'code'];
const PROGRESS_EVERY_MS = 200;

/** Which tool, and how long it may take when the step says so. */
type Called = Pick<StepOf<'tool'>, 'tool' | 'timeout_ms'>;

export async function attemptTool(site: AttemptSite, step: StepOf<'tool'>): Promise<AttemptResult> {
  const { run, id } = site;
  const input = renderValue(step.input, scopeAt(site)) as JsonObject;
  const { outcome, artifacts, pointer } = await useTool(site, step, input);
  if (step.output_schema !== undefined) {
    const output = { schema: step.output_schema, value: outcome.output, retryable: false };
    assertOutput(run, id, output);
  }
  const value: JsonObject = {
    output: outcome.output,
    summary: outcome.summary,
    findings: outcome.findings as unknown as JsonValue,
    findings_total: outcome.findingsTotal,
    ...(artifacts.length === 0 ? {} : { artifacts: artifacts as unknown as JsonValue }),
    ...(pointer === null ? {} : { full_output: pointer }),
  };
  return { value, main: outcome.output, name: step.name ?? id, request: step.tool, inputs: input };
}

/** One call of a tool with its events and documents. Throws what the tool failed with. */
export async function useTool(
  site: AttemptSite,
  step: Called,
  input: JsonObject,
): Promise<KeptOutcome> {
  const { run, id, context } = site;
  const call = { callId: `${id}/${site.attempt}/0/0`, tool: step.tool, stepId: id };
  const outcome = await callWithConsent(site, step, { call, input });
  emitToolEnded(context, call, outcome);
  if (run.context.dryRun && outcome.error?.code === 'tools.capability.not_allowed') {
    throw dryRunRefused(id, outcome.error.message);
  }
  if (outcome.status !== 'success') throw deserializeError(toolError(outcome));
  return keepArtifacts(context, call, outcome);
}

/** Asks a person where the workspace wants that; the wait does not count as time of the run. */
async function callWithConsent(
  site: AttemptSite,
  step: Called,
  made: { call: ToolCallNames; input: JsonObject },
): Promise<ToolOutcome> {
  const { call, input } = made;
  const { context } = site;
  const outcome = await callTool(site, step, made);
  if (!needsConsent(outcome)) return outcome;
  const question = {
    key: call.callId,
    stepId: call.stepId,
    tool: call.tool,
    input,
    reason: outcome.summary,
  };
  const ask = () =>
    askConsent({ dryRun: site.run.context.dryRun, approval: context.approval }, question);
  const { result: decided } = await waiting(site, `approval:tool:${call.callId}`, ask);
  if (decided.by === null) return refusedOutcome(call.tool, decided.comment);
  return callTool(site, step, { ...made, approvedBy: decided.by });
}

async function callTool(
  site: AttemptSite,
  step: Called,
  { call, input, approvedBy }: { call: ToolCallNames; input: JsonObject; approvedBy?: string },
): Promise<ToolOutcome> {
  const { run, frame, context } = site;
  const { ledger } = frame;
  const body = async (live: StepAttempt): Promise<JsonObject> => {
    await ledger.reserveTool(call.callId, live.signal);
    // A call that waits for a person has not started.
    let told = false;
    const tell = () => {
      if (!told) emitToolStarted(context, call, { executionId: live.executionId, input });
      told = true;
    };
    const result = await run.deps.executor.execute({
      tool: step.tool,
      input,
      callId: call.callId,
      idempotencyKey: live.idempotencyKey,
      workspaceId: context.workspaceId,
      runId: context.runId,
      stepId: call.stepId,
      // Whoever wrote the recipe named the tool; what it may do is bounded by what it declares.
      grants: 'all',
      ...(run.context.dryRun ? { allowedCapabilities: [...DRY_RUN_CAPABILITIES] } : {}),
      signal: live.signal,
      ...(step.timeout_ms === undefined ? {} : { timeoutMs: step.timeout_ms }),
      ...(approvedBy === undefined ? {} : { approvedBy }),
      onAdmitted: tell,
      onProgress: progressEmitter(site, call, live.executionId),
    });
    if (!needsConsent(result)) tell();
    return result as unknown as JsonObject;
  };
  try {
    const name = `tool:${call.callId}${approvedBy === undefined ? '' : '/approved'}`;
    const outcome = await context.step(name, body);
    ledger.settle(call.callId, { ...NO_USAGE, tool_calls: 1 });
    return outcome as unknown as ToolOutcome;
  } catch (error) {
    ledger.settle(call.callId, NO_USAGE);
    throw error;
  }
}

function progressEmitter(
  { run, context }: AttemptSite,
  call: ToolCallNames,
  executionId: string,
): (message: string, ratio?: number) => void {
  let count = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  return (message, ratio) => {
    const nowMs = run.deps.clock.now();
    if (nowMs - lastMs < PROGRESS_EVERY_MS) return;
    lastMs = nowMs;
    const known = ratio !== undefined && Number.isFinite(ratio);
    context.emit({
      type: 'step.progress',
      key: `tool:${call.callId}:progress:${executionId}:${count++}`,
      stepId: call.stepId,
      data: {
        message: `${call.tool}: ${message.slice(0, 500)}`,
        ...(known ? { ratio: Math.min(1, Math.max(0, ratio)) } : {}),
      },
    });
  };
}
