import type { LanguageModelV4Prompt } from '@ai-sdk/provider';
import { isPlatformError, newId } from '@automatos/kernel';
import type { Clock, JsonValue, WorkspaceId } from '@automatos/kernel';
import type { ModelMessage } from 'ai';
import type { AnswerCache, UpstreamHooks } from '../cache/cache-port.ts';
import { inputTokensBound } from '../budgets/input-bound.ts';
import type { ModelRef, ResolvedModel } from '../catalogue/catalogue-types.ts';
import { readVendorCost } from '../codecs/vendor-cost.ts';
import type { CreatedRouter } from '../router/compose-router.ts';
import type { Attempted, Candidate, CallOwner, RouteRequest } from '../router/ports.ts';
import { detailOfPaid } from '../structured/paid-mismatch.ts';
import { parseStructuredAnswer } from '../structured/structured-answer.ts';
import type { SchemaValidator } from '../structured/validate-schema.ts';
import { chargeOf, countUsage } from '../usage/cost.ts';
import type { CountedUsage } from '../usage/cost.ts';
import { estimateTokens } from '../usage/estimate-tokens.ts';
import { readBilledUses } from '../usage/read-billed-uses.ts';
import { attemptChat } from './attempt-chat.ts';
import type { CollectedAnswer } from './collect-answer.ts';
import type { CallTimeouts, ModelCall, ModelResult } from './model-call.ts';
import type { Transport } from './transport.ts';

export interface CallModelDeps {
  router: Pick<CreatedRouter, 'route' | 'settingsOf' | 'endpointOf'>;
  cache: AnswerCache;
  /** Names the price that a call of now is charged with. */
  priceVersionOf: (workspaceId: WorkspaceId, ref: ModelRef) => string;
  clock: Clock;
  transport: Transport;
  validator: SchemaValidator;
}

/** Answers a call from the cache or through the router; see `Providers.call`. */
export async function callModel(deps: CallModelDeps, call: ModelCall): Promise<ModelResult> {
  const owner = ownerOf(call);
  const known = deps.router.settingsOf(call.workspaceId);
  const { settings } = known instanceof Promise ? await known : known;
  const hooks = { onDelta: call.onDelta ?? ignore, onFallback: call.onDiscard ?? ignore };
  if (settings.cache.mode === 'off' && call.cache !== true)
    return routedCall(deps, call, { owner, hooks: { ...hooks, signal: call.signal } });
  const { result, outcome } = await deps.cache.answer(
    {
      owner,
      call,
      refs: [call.ref, ...(call.fallbacks ?? [])],
      settings: settings.cache,
      endpoint: await deps.router.endpointOf(call.workspaceId, call.ref),
      ...hooks,
    },
    (upstream) => routedCall(deps, call, { owner, hooks: upstream }),
  );
  return { ...result, route: { ...result.route, cache: outcome } };
}

function ignore(): void {
  // Nobody listens.
}

function ownerOf({ workspaceId, owner }: ModelCall): CallOwner {
  return { callId: newId(), source: 'platform', ...owner, workspaceId };
}

async function routedCall(
  deps: CallModelDeps,
  asked: ModelCall,
  { owner, hooks }: { owner: CallOwner; hooks: UpstreamHooks },
): Promise<ModelResult> {
  const call = { ...asked, signal: hooks.signal, onDelta: hooks.onDelta };
  const request: RouteRequest = {
    owner,
    kind: 'chat',
    refs: [call.ref, ...(call.fallbacks ?? [])],
    useChain: call.useChain ?? true,
    inputTokens: call.inputTokens ?? estimateCall(call),
    inputTokensMax: Math.max(call.inputTokens ?? 0, boundCall(call)),
    maxOutputTokens: call.maxOutputTokens ?? null,
    ...(call.maxCostMicros === undefined ? {} : { maxCostMicros: call.maxCostMicros }),
    needs: needsOf(call),
    ...(call.unfit === undefined ? {} : { unfit: call.unfit }),
    signal: call.signal,
  };
  const { value, route } = await deps.router.route(
    request,
    (candidate) => attemptModel(deps, { call, candidate, inputTokens: request.inputTokens }),
    { onFallback: hooks.onFallback },
  );
  return withObject({ ...value, route }, call, deps.validator);
}

/** An answer before it is told how it came about. */
export type Unrouted = Omit<ModelResult, 'route'>;

/** One attempt at a candidate that the router gave, for senders of other kinds that meet a candidate of this one. */
export async function attemptModel(
  deps: AttemptModelDeps,
  site: { call: ModelCall; candidate: Candidate; inputTokens: number },
): Promise<Attempted<Unrouted>> {
  const value = await attempt(deps, site);
  const { inputTokens, outputTokens, cachedInputTokens } = value.usage;
  const { costMicros, usageEstimated } = value;
  return { value, costMicros, inputTokens, outputTokens, cachedInputTokens, usageEstimated };
}

type AttemptModelDeps = Omit<CallModelDeps, 'router' | 'cache' | 'validator'>;

async function attempt(
  deps: AttemptModelDeps,
  site: { call: ModelCall; candidate: Candidate; inputTokens: number },
): Promise<Unrouted> {
  const { call, candidate, inputTokens } = site;
  const startedAt = deps.clock.now();
  let firstTokenMs: number | null = null;
  const { answer, prompt } = await attemptChat(deps, {
    call,
    candidate,
    inputTokens,
    timeouts: shortest(candidate, call.timeouts),
    onPart: () => {
      firstTokenMs ??= deps.clock.now() - startedAt;
    },
  });
  const usage = countUsage(answer.usage, () => ({
    input: estimateTokens(promptText(prompt, call)),
    output: estimateTokens(answerText(answer)) + Math.ceil(answer.reasoningChars / 4),
  }));
  const { resolved } = candidate;
  const ref = { provider: resolved.provider.id, model: resolved.model.id };
  return toResult({
    resolved,
    answer,
    usage,
    priceVersion: deps.priceVersionOf(call.workspaceId, ref),
    durationMs: deps.clock.now() - startedAt,
    firstTokenMs,
  });
}

/** The workspace's bounds, shortened where the caller has less time. */
function shortest({ settings }: Candidate, own: CallTimeouts = {}): Required<CallTimeouts> {
  const { timeouts } = settings;
  return {
    connectMs: Math.min(timeouts.connect_ms, own.connectMs ?? Infinity),
    firstTokenMs: Math.min(timeouts.first_token_ms, own.firstTokenMs ?? Infinity),
    betweenTokensMs: Math.min(timeouts.between_tokens_ms, own.betweenTokensMs ?? Infinity),
    totalMs: Math.min(timeouts.total_ms, own.totalMs ?? Infinity),
  };
}

interface ResultParts {
  resolved: ResolvedModel;
  answer: CollectedAnswer;
  usage: CountedUsage;
  priceVersion: string;
  durationMs: number;
  firstTokenMs: number | null;
}

function toResult(parts: ResultParts): Unrouted {
  const { resolved, answer, usage } = parts;
  const uses = readBilledUses(answer.usage.raw);
  const vendorCostMicros = readVendorCost(resolved.provider.id, answer.usage.raw);
  const cost = chargeOf({ usage, price: resolved.model.price, vendorCostMicros, uses });
  return {
    text: answer.text,
    toolCalls: answer.toolCalls,
    finishReason: answer.finishReason,
    usage: {
      inputTokens: usage.inputTokens,
      outputTokens: usage.outputTokens,
      cachedInputTokens: usage.cachedInputTokens,
      reasoningTokens: usage.reasoningTokens,
    },
    usageEstimated: usage.estimated,
    costMicros: cost.micros,
    costIsUpperBound: cost.isUpperBound,
    priceVersion: parts.priceVersion,
    provider: resolved.provider.id,
    model: resolved.model.id,
    durationMs: parts.durationMs,
    firstTokenMs: parts.firstTokenMs,
    offline: resolved.provider.codec === 'offline',
    message: answer.message,
  };
}

/** Validates a structured answer; the tokens of one that does not fit were spent all the same and ride along in the error. */
function withObject(result: ModelResult, call: ModelCall, validator: SchemaValidator): ModelResult {
  if (
    call.responseSchema === undefined ||
    result.toolCalls.length > 0 ||
    result.finishReason !== 'stop'
  )
    return result;
  try {
    return {
      ...result,
      object: parseStructuredAnswer(result.text, call.responseSchema, validator) as JsonValue,
    };
  } catch (error) {
    if (isPlatformError(error) && error.details !== undefined)
      error.details['result'] = detailOfPaid(result);
    throw error;
  }
}

/** What the model must offer, by the names of the catalogue. */
function needsOf(call: ModelCall): string[] {
  const hasImage = call.messages.some(
    ({ content }) => Array.isArray(content) && content.some((part) => isImage(part)),
  );
  return [...((call.tools ?? []).length > 0 ? ['tools'] : []), ...(hasImage ? ['vision'] : [])];
}

function isImage(part: { type: string; mediaType?: unknown }): boolean {
  return (
    part.type === 'image' || (part.type === 'file' && String(part.mediaType).startsWith('image/'))
  );
}

/** Upper estimate of what is sent: every sign of it counts, and what a message costs beside its text. */
function estimateCall(call: ModelCall): number {
  const texts = call.messages.map(messageText);
  const extra = [...(call.tools ?? []), call.responseSchema ?? ''].map((part) =>
    typeof part === 'string' ? part : JSON.stringify(part),
  );
  const signs = estimateTokens([...texts, ...extra].join('\n'));
  return Math.ceil(signs * 1.1) + 4 * call.messages.length;
}

/** More tokens than any vendor counts for a call. */
function boundCall({ messages, tools = [], responseSchema }: ModelCall): number {
  const parts = messages.flatMap(({ content }): unknown[] =>
    typeof content === 'string' ? [content] : [...content],
  );
  const isMedia = (part: unknown) =>
    typeof part === 'object' && part !== null && ('image' in part || 'data' in part);
  return inputTokensBound({
    texts: parts
      .filter((part) => !isMedia(part))
      .map((part) => (typeof part === 'string' ? part : JSON.stringify(part))),
    messages: messages.length,
    definitions: [...tools, ...(responseSchema === undefined ? [] : [responseSchema])],
    media: parts.filter(isMedia).map((part) => ({ bytes: mediaBytes(part) })),
  });
}

/** Of a picture or file given as bytes or base64; a URL tells nothing. */
function mediaBytes(part: unknown): number {
  const { image, data } = part as { image?: unknown; data?: unknown };
  const content = image ?? data;
  if (typeof content === 'string') return content.length;
  return content instanceof Uint8Array || content instanceof ArrayBuffer ? content.byteLength : 0;
}

function messageText({ content }: ModelMessage): string {
  if (typeof content === 'string') return content;
  return content.map((part) => ('text' in part ? part.text : JSON.stringify(part))).join('\n');
}

function promptText(prompt: LanguageModelV4Prompt, call: ModelCall): string {
  const parts = prompt.map((message) =>
    typeof message.content === 'string'
      ? message.content
      : message.content
          .map((part) => ('text' in part ? part.text : JSON.stringify(part)))
          .join('\n'),
  );
  return [...parts, ...(call.tools ?? []).map((tool) => JSON.stringify(tool))].join('\n');
}

function answerText(answer: CollectedAnswer): string {
  return [
    answer.text,
    ...answer.toolCalls.map((tool) => `${tool.name}${JSON.stringify(tool.input)}`),
  ].join('\n');
}
