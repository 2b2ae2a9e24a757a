import { NO_USAGE } from '@automatos/contracts';
import type { CallRoute, Usage } from '@automatos/contracts';
import { isPlatformError, roundUpMicros, serializeError, tokenCost } from '@automatos/kernel';
import type { JsonObject, JsonValue, SerializedError } from '@automatos/kernel';
import { estimateTokens } from '@automatos/providers';
import type {
  FallbackNotice,
  ModelCall,
  ModelRef,
  ModelResult,
  ModelToolCall,
  ModelUsage,
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
import type { AgentRuntimeDeps, TurnLimit, TurnRequest } from './runtime-types.ts';

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

interface Spent {
  /** Who really answered, or was speaking when the call ended. */
  provider: string;
  model: string;
  /** What the call was meant for: the next call begins there again. Absent in records of earlier versions. */
  asked?: { provider: string; model: string };
  /** Of the model that was asked for. */
  contextWindow: number;
  offline: boolean;
  usage: Usage;
  durationMs: number;
  text: string;
  /** Absent: no cache was asked. */
  cache?: CallRoute['cache'];
}

/** Recorded result of a model call. */
export type ModelStepResult =
  | ({
      kind: 'answer';
      object?: JsonValue;
      toolCalls: ModelToolCall[];
      message: JsonObject;
      finishReason: ModelResult['finishReason'];
      cutBy?: 'tokens' | 'money' | 'budget';
      /** With `budget`: its bound. */
      bound?: string;
    } & Spent)
  /** The call was made and paid for, but its answer misses the schema. */
  | ({ kind: 'mismatch'; error: SerializedError } & Spent)
  /** A limit kept the call from being made (`called` false) or cut it off. */
  | ({ kind: 'limit'; limit: TurnLimit; called: boolean } & Spent);

/** Window assumed when the catalogue does not know it: what current hosted models have at least, what local servers usually load. */
const WINDOW_HOSTED = 128_000;
const WINDOW_LOCAL = 32_000;
/** The offline provider reads everything; the bound only protects memory. */
const WINDOW_OFFLINE = 1_000_000;

/** Asked for even when the upper estimate of the input fills the window: it is an estimate from above. */
const ANSWER_TOKENS_MIN = 1_024;

const DEADLINE_MARGIN_MS = 5_000;

export function contextWindowOf({ provider, model }: ResolvedModel): number {
  if (model.contextWindow !== null && model.contextWindow > 0) return model.contextWindow;
  if (provider.codec === 'offline') return WINDOW_OFFLINE;
  return model.status === 'open' ? WINDOW_LOCAL : WINDOW_HOSTED;
}

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

interface Granted {
  maxOutputTokens: number;
  cutBy?: 'tokens' | 'money' | 'budget';
  bound?: string;
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

function refOf({ provider, model }: ResolvedModel): ModelRef {
  return { provider: provider.id, model: model.id };
}

/** `asked` is what the call was meant for; `answered` who took it over, when somebody did. */
function spent(
  asked: ResolvedModel,
  what: Pick<Spent, 'usage' | 'durationMs' | 'text' | 'cache'>,
  answered: { provider: string; model: string; offline: boolean } = {
    ...refOf(asked),
    offline: asked.provider.codec === 'offline',
  },
): Spent {
  return { ...answered, asked: refOf(asked), contextWindow: contextWindowOf(asked), ...what };
}

function toUsage(usage: ModelUsage, costMicros: number | null, estimated: boolean): Usage {
  return {
    model_calls: 1,
    tool_calls: 0,
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    reasoning_tokens: usage.reasoningTokens,
    cost_micros: costMicros,
    estimated,
  };
}

function toAnswer(
  resolved: ResolvedModel,
  result: ModelResult,
  { cutBy, bound }: Granted,
): ModelStepResult {
  return {
    kind: 'answer',
    ...(result.object === undefined ? {} : { object: result.object }),
    toolCalls: result.toolCalls,
    message: result.message as unknown as JsonObject,
    finishReason: result.finishReason,
    ...(cutBy === undefined ? {} : { cutBy }),
    ...(bound === undefined ? {} : { bound }),
    ...spent(
      resolved,
      {
        usage: toUsage(result.usage, result.costMicros, result.usageEstimated),
        durationMs: result.durationMs,
        text: result.text,
        ...(result.route.cache === 'off' ? {} : { cache: result.route.cache }),
      },
      { provider: result.provider, model: result.model, offline: result.offline },
    ),
  };
}

/** A call that was cut off was paid for all the same; its usage is an estimate from above. */
function guessUsage(inputTokens: number, text: string, { model }: ResolvedModel): Usage {
  const output = estimateTokens(text);
  const { inputMicros, outputMicros } = model.price;
  const cost =
    inputMicros === null || outputMicros === null
      ? null
      : roundUpMicros([tokenCost(inputTokens, inputMicros), tokenCost(output, outputMicros)]);
  return {
    ...NO_USAGE,
    model_calls: 1,
    input_tokens: inputTokens,
    output_tokens: output,
    cost_micros: cost,
    estimated: true,
  };
}

interface Seen {
  speaking: ResolvedModel;
  inputTokens: number;
  text: string;
  durationMs: number;
}

function toCutOff(
  resolved: ResolvedModel,
  { speaking, inputTokens, text, durationMs }: Seen,
): ModelStepResult {
  const usage = guessUsage(inputTokens, text, speaking);
  const rest = spent(resolved, { usage, durationMs, text }, answeredBy(speaking));
  return { kind: 'limit', limit: 'time', called: true, ...rest };
}

function answeredBy(resolved: ResolvedModel) {
  return { ...refOf(resolved), offline: resolved.provider.codec === 'offline' };
}

interface PaidResult {
  usage: ModelUsage;
  usage_estimated: boolean;
  cost_micros: number | null;
  duration_ms: number;
}

function toMismatch(resolved: ResolvedModel, error: SerializedError, seen: Seen): ModelStepResult {
  const paid = error.details?.['result'] as PaidResult | undefined;
  const usage =
    paid === undefined
      ? guessUsage(seen.inputTokens, seen.text, seen.speaking)
      : toUsage(paid.usage, paid.cost_micros, paid.usage_estimated);
  const durationMs = paid?.duration_ms ?? seen.durationMs;
  return {
    kind: 'mismatch',
    error,
    ...spent(resolved, { usage, durationMs, text: seen.text }, answeredBy(seen.speaking)),
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
