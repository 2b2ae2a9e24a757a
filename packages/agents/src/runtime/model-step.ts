import { NO_USAGE } from '@automatos/contracts';
import { isPlatformError, roundUpMicros, serializeError, tokenCost } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import type {
  FallbackNotice,
  ModelCall,
  ModelRef,
  ResolvedModel,
  ToolSpec,
} from '@automatos/providers';
import type { RunContext, StepAttempt } from '@automatos/runs';
import type { ModelMessage } from 'ai';
import { agentLabels } from './agent-labels.ts';
import { withDeadline } from './deadline.ts';
import { createDeltaBuffer } from './delta-buffer.ts';
import type { DeltaBuffer } from './delta-buffer.ts';
import { outputAllowance } from './limits.ts';
import {
  contextWindowOf,
  refOf,
  spent,
  toAnswer,
  toCutOff,
  toMismatch,
} from './model-step-result.ts';
import type { Granted, ModelStepResult, Seen } from './model-step-result.ts';
import type { AgentRuntimeDeps, TurnRequest } from './runtime-types.ts';

/** Everything one model call needs, decided before its step starts. */
export interface ModelPlan {
  callId: string;
  turn: number;
  /** Null: the platform's default is looked up inside the step. */
  ref: ModelRef | null;
  messages: ModelMessage[];
  tools: ToolSpec[];
  /** Upper estimate of what is sent. */
  inputTokens: number;
  tokensLeft: number;
  moneyLeft: number | null;
  timeLeftMs: number;
}

/** Asked for even when the upper estimate of the input fills the window: it is an estimate from above. */
const ANSWER_TOKENS_MIN = 1_024;

const DEADLINE_MARGIN_MS = 5_000;

/** What the agent may write, as far as the model can: vendors refuse calls whose output bound does not fit the window. */
function wantedOutput(configured: number, inputTokens: number, resolved: ResolvedModel): number {
  const room = Math.max(ANSWER_TOKENS_MIN, contextWindowOf(resolved) - inputTokens);
  return Math.min(configured, resolved.model.outputLimit ?? configured, room);
}

/** Makes one model call as one recorded step, streaming its text as events. */
export function runModelStep(
  deps: AgentRuntimeDeps,
  turn: { context: RunContext; request: TurnRequest; onRun: () => void },
  plan: ModelPlan,
): Promise<ModelStepResult> {
  const { context, request } = turn;
  const body = async (attempt: StepAttempt): Promise<JsonObject> => {
    turn.onRun();
    const ref = plan.ref ?? (await deps.providers.defaultRef(context.workspaceId));
    const resolved = deps.providers.resolve(ref, context.workspaceId);
    const result = await callWithinLimits(deps, { context, request, attempt, plan, resolved });
    countUsage(deps, request, result);
    return result as unknown as JsonObject;
  };
  const step = context.step(`llm:${plan.callId}`, body, { signal: request.signal });
  return step.then(
    (value) => {
      const result = value as unknown as ModelStepResult;
      request.budget?.settle(plan.callId, result.usage);
      return result;
    },
    (error: unknown) => {
      request.budget?.settle(plan.callId, NO_USAGE);
      throw error;
    },
  );
}

interface CallSite {
  context: RunContext;
  request: TurnRequest;
  attempt: StepAttempt;
  plan: ModelPlan;
  resolved: ResolvedModel;
}

async function callWithinLimits(deps: AgentRuntimeDeps, site: CallSite): Promise<ModelStepResult> {
  const { request, plan, resolved } = site;
  const allowance = outputAllowance({
    wanted: wantedOutput(request.agent.model.max_tokens, plan.inputTokens, resolved),
    inputTokens: plan.inputTokens,
    tokensLeft: plan.tokensLeft,
    moneyLeft: plan.moneyLeft,
    price: resolved.model.price,
    model: `${resolved.provider.id} ${resolved.model.id}`,
  });
  if ('limit' in allowance) {
    const nothing = spent(resolved, { usage: NO_USAGE, durationMs: 0, text: '' });
    return { kind: 'limit', limit: allowance.limit, called: false, ...nothing };
  }
  const granted = await withinBudget(site, allowance);
  const deltas = startStream(deps, site);
  const startedAt = deps.clock.now();
  let speaking: ModelRef = refOf(resolved);
  const seen = (): Seen => ({
    speaking: deps.providers.resolve(speaking, site.context.workspaceId),
    inputTokens: plan.inputTokens,
    text: deltas.text(),
    durationMs: deps.clock.now() - startedAt,
  });
  try {
    const call = await requestAnswer(deps, site, {
      maxOutputTokens: granted.maxOutputTokens,
      ...costBound(site, granted.maxOutputTokens),
      onDelta: deltas.push,
      onDiscard: (notice) => {
        speaking = notice.to;
        tellFallback(site, notice, deltas.discard());
      },
    });
    return call.late ? toCutOff(resolved, seen()) : toAnswer(resolved, call.value, granted);
  } catch (error) {
    if (!isPlatformError(error) || error.code !== 'providers.answer.schema_mismatch') throw error;
    return toMismatch(resolved, serializeError(error), seen());
  } finally {
    deltas.close();
  }
}

/** Where money is limited, what stands in must not cost more than what was reckoned with. */
function costBound(
  { request, plan, resolved }: CallSite,
  maxOutputTokens: number,
): Pick<ModelCall, 'maxCostMicros'> {
  if (plan.moneyLeft === null && request.budget === undefined) return {};
  const { inputMicros, outputMicros } = resolved.model.price;
  if (inputMicros === null || outputMicros === null) return {};
  return {
    maxCostMicros: roundUpMicros([
      tokenCost(plan.inputTokens, inputMicros),
      tokenCost(maxOutputTokens, outputMicros),
    ]),
  };
}

/** Tells that the next candidate begins anew: the deltas before count no more. */
function tellFallback(
  { context, request, attempt, plan }: CallSite,
  { from, to, error: { code, kind, message, retryable } }: FallbackNotice,
  discardedChars: number,
): void {
  const name = ({ provider, model }: ModelRef) => `${provider}/${model}`;
  context.emit({
    type: 'llm.fallback',
    key: `llm:${plan.callId}:fallback:${attempt.executionId}:${name(from)}`,
    stepId: request.stepId,
    data: {
      call_id: plan.callId,
      from: name(from),
      to: name(to),
      error: { code, kind, message, retryable },
      discarded_chars: discardedChars,
    },
  });
}

/** What the agent's own limits allow, as far as the budget around the turn does. */
async function withinBudget(
  { request, plan, resolved, attempt }: CallSite,
  own: Granted,
): Promise<Granted> {
  if (request.budget === undefined) return own;
  const estimate = {
    inputTokens: plan.inputTokens,
    outputTokens: own.maxOutputTokens,
    price: resolved.model.price,
    model: `${resolved.provider.id} ${resolved.model.id}`,
  };
  const { outputTokens, bound } = await request.budget.reserveModel(
    plan.callId,
    estimate,
    attempt.signal,
  );
  if (outputTokens >= own.maxOutputTokens) return own;
  const cut = { maxOutputTokens: outputTokens, cutBy: 'budget' as const };
  return bound === undefined ? cut : { ...cut, bound };
}

/** Tells that the call begins; what is pushed into the buffer goes out as deltas. */
function startStream(deps: AgentRuntimeDeps, site: CallSite): DeltaBuffer {
  const { context, plan, resolved } = site;
  const { slug } = site.request.agent;
  const { stepId } = site.request;
  const { executionId } = site.attempt;
  const model = { provider: resolved.provider.id, model: resolved.model.id };
  context.emit({
    type: 'llm.started',
    key: `llm:${plan.callId}:started:${executionId}`,
    stepId,
    data: { call_id: plan.callId, ...model, agent: slug, turn: plan.turn },
  });
  return createDeltaBuffer(deps.clock, (text, index) => {
    const key = `llm:${plan.callId}:delta:${executionId}:${index}`;
    context.emit({ type: 'llm.delta', key, stepId, data: { call_id: plan.callId, text } });
  });
}

function requestAnswer(
  deps: AgentRuntimeDeps,
  { context, request, attempt, plan, resolved }: CallSite,
  answer: Pick<ModelCall, 'onDelta' | 'onDiscard' | 'maxOutputTokens' | 'maxCostMicros'>,
) {
  const outer = AbortSignal.any([attempt.signal, context.signal, request.signal]);
  return withDeadline({ clock: deps.clock, ms: plan.timeLeftMs, outer }, (signal) =>
    deps.providers.call({
      ...callSettings(request),
      ...answer,
      workspaceId: context.workspaceId,
      ref: refOf(resolved),
      fallbacks: request.agent.model.fallbacks ?? [],
      owner: {
        callId: `${context.runId}/${plan.callId}`,
        runId: context.runId,
        agent: request.agent.slug,
        source: request.source ?? 'run',
      },
      messages: plan.messages,
      tools: plan.tools,
      inputTokens: plan.inputTokens,
      signal,
      idempotencyKey: attempt.idempotencyKey,
      // Ours ends the call first and keeps what was streamed; the provider's own limit would make an error of it.
      timeouts: { totalMs: plan.timeLeftMs + DEADLINE_MARGIN_MS },
    }),
  );
}

function callSettings(request: TurnRequest) {
  const { model } = request.agent;
  return {
    temperature: model.temperature,
    topP: model.top_p,
    frequencyPenalty: model.frequency_penalty,
    presencePenalty: model.presence_penalty,
    ...(request.outputSchema === undefined ? {} : { responseSchema: request.outputSchema }),
  };
}

/** Counted inside the step, so that a replay does not count it again. */
function countUsage(
  deps: AgentRuntimeDeps,
  request: TurnRequest,
  { usage }: ModelStepResult,
): void {
  const { agent_id } = agentLabels(request.agent);
  const plain = usage.input_tokens - usage.cached_input_tokens;
  if (plain > 0)
    deps.metrics.count('amas_agent_tokens_total', { agent_id, direction: 'input' }, plain);
  if (usage.cached_input_tokens > 0)
    deps.metrics.count(
      'amas_agent_tokens_total',
      { agent_id, direction: 'cached' },
      usage.cached_input_tokens,
    );
  if (usage.output_tokens > 0)
    deps.metrics.count(
      'amas_agent_tokens_total',
      { agent_id, direction: 'output' },
      usage.output_tokens,
    );
  if (usage.cost_micros !== null && usage.cost_micros > 0)
    deps.metrics.count('amas_agent_cost_usd_total', { agent_id }, usage.cost_micros / 1_000_000);
}
