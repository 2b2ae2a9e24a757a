import type { LeafStep } from '@automatos/contracts';
import { deserializeError, isJsonObject, PlatformError } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { RunContext } from '@automatos/runs';
import type { ToolOutcome } from '@automatos/tools';
import type { DraftStep } from '../definition/parse-recipe.ts';
import { renderText, renderValue } from '../references/render.ts';
import type { StepResult } from '../references/render.ts';
import { markdownToHtml } from './markdown-html.ts';
import { scopeFor } from './recipe-run.ts';
import type { RecipeRun } from './recipe-run.ts';
import { emitToolEnded, emitToolStarted, toolError } from './step-events.ts';
import { limitReached } from './step-errors.ts';

const PROGRESS_EVERY_MS = 200;

/** Where one attempt runs. */
export interface AttemptSite {
  run: RecipeRun;
  draft: DraftStep;
  /** Guarded: its calls end with the step. */
  context: RunContext;
  attempt: number;
}

/** One attempt of one step. Everything that calls out goes through the context; failures are PlatformErrors. */
export function attemptStep(site: AttemptSite, step: LeafStep): Promise<StepResult> {
  if (step.type === 'tool') return attemptTool(site, step);
  if (step.type === 'document') return attemptDocument(site, step);
  return attemptAgent(site, step);
}

async function attemptAgent(
  { run, draft, context, attempt }: AttemptSite,
  step: Extract<LeafStep, { agent: string }>,
): Promise<StepResult> {
  const frozen = run.plan.agents[step.agent];
  if (frozen === undefined) {
    throw new PlatformError({
      code: 'recipes.plan.agent_missing',
      kind: 'internal',
      message: `The plan of this run holds no agent "${step.agent}". Start the recipe again.`,
    });
  }
  const scope = scopeFor(run, draft);
  const shown = step.inputs === undefined ? run.inputs : renderValue(step.inputs, scope);
  const turn = await run.deps.agents.runTurn(context, {
    stepId: draft.stepId,
    attempt,
    agent: frozen.agent,
    personaPrompt: frozen.persona_prompt,
    prompt: renderText(step.prompt_template, scope),
    inputs: isJsonObject(shown) ? shown : {},
    ...(step.tools === undefined ? {} : { toolNames: step.tools }),
    ...(step.output_schema === undefined ? {} : { outputSchema: step.output_schema }),
    // Time limits act inside the calls (see the guarded context); between them a replay could not repeat them.
    signal: context.signal,
  });
  const value: JsonObject = {
    text: turn.text,
    object: turn.object ?? null,
    findings: turn.findings as unknown as JsonValue,
    findings_total: turn.findings_total,
    tools: turn.tools as unknown as JsonObject,
    usage: turn.usage,
    offline: turn.offline,
    provider: turn.provider,
    model: turn.model,
  };
  if (turn.status === 'limit_reached') {
    throw limitReached(draft.stepId, turn.limit ?? 'this turn', value);
  }
  if (step.output_schema !== undefined) {
    const output = { schema: step.output_schema, value: value['object'] ?? null, retryable: true };
    assertOutput(run, draft.stepId, output);
  }
  const main = step.output_schema === undefined ? turn.text : (value['object'] ?? null);
  return { value, main };
}

async function attemptTool(
  { run, draft, context, attempt }: AttemptSite,
  step: Extract<LeafStep, { type: 'tool' }>,
): Promise<StepResult> {
  const input = renderValue(step.input, scopeFor(run, draft));
  const call = { callId: `${draft.stepId}/${attempt}/0/0`, tool: step.tool, stepId: draft.stepId };
  const outcome = (await context.step(`tool:${call.callId}`, async (live) => {
    emitToolStarted(context, call, { executionId: live.executionId, input });
    const result = await run.deps.executor.execute({
      tool: step.tool,
      input,
      callId: call.callId,
      idempotencyKey: live.idempotencyKey,
      workspaceId: context.workspaceId,
      runId: context.runId,
      stepId: draft.stepId,
      // Whoever wrote the recipe named the tool; what it may do is bounded by what it declares.
      grants: 'all',
      signal: live.signal,
      ...(step.timeout_ms === undefined ? {} : { timeoutMs: step.timeout_ms }),
      onProgress: progressEmitter(run, context, { call, executionId: live.executionId }),
    });
    return result as unknown as JsonObject;
  })) as unknown as ToolOutcome;
  emitToolEnded(context, call, outcome);
  if (outcome.status !== 'success') throw deserializeError(toolError(outcome));
  if (step.output_schema !== undefined) {
    const output = { schema: step.output_schema, value: outcome.output, retryable: false };
    assertOutput(run, draft.stepId, output);
  }
  const value: JsonObject = {
    output: outcome.output,
    summary: outcome.summary,
    findings: outcome.findings as unknown as JsonValue,
    findings_total: outcome.findingsTotal,
  };
  return { value, main: outcome.output };
}

function progressEmitter(
  run: RecipeRun,
  context: RunContext,
  {
    call,
    executionId,
  }: { call: { callId: string; tool: string; stepId: string }; executionId: string },
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

async function attemptDocument(
  { run, draft, context }: AttemptSite,
  step: Extract<LeafStep, { type: 'document' }>,
): Promise<StepResult> {
  const scope = scopeFor(run, draft);
  const title = renderText(step.title, scope).replaceAll(/\s+/g, ' ').trim();
  const markdown = renderText(step.template, scope);
  const html = step.format === 'html';
  const content = html ? markdownToHtml(title, markdown) : markdown;
  const saved = await context.saveArtifact({
    name: draft.stepId,
    stepId: draft.stepId,
    title,
    format: step.format,
    contentType: `text/${step.format}; charset=utf-8`,
    content,
  });
  const value = { artifact_id: saved.id, title, format: step.format, content };
  return { value, main: content };
}

function assertOutput(
  run: RecipeRun,
  stepId: string,
  output: { schema: JsonObject; value: JsonValue; retryable: boolean },
): void {
  const errors = run.schemas.compile(output.schema)(output.value);
  const first = errors[0];
  if (first === undefined) return;
  throw new PlatformError({
    code: 'recipes.step.output_invalid',
    kind: 'upstream-failed',
    message: `The output of step "${stepId}" does not fit its output_schema: ${first.pointer} ${first.message}.`,
    errors,
    // A model may do better the next time, a tool gives the same again.
    retryable: output.retryable,
  });
}
