import type { ChatRequest, ResponseSink } from '@automatos/contracts';
import { newId, PlatformError, toPlatformError } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import { estimateTokens, inputTokensBound, speaksChatWire, usageRowOf } from '@automatos/providers';
import type {
  Attempted,
  Candidate,
  ChatBody,
  ModelCall,
  ModelRef,
  PassedAnswer,
  PassTarget,
  RouteRequest,
} from '@automatos/providers';
import { currentRequest } from '../http/request-context.ts';
import { factFields, factHeaders, JSON_HEADERS, SSE_HEADERS } from './answer-headers.ts';
import type { AnswerFacts } from './answer-headers.ts';
import { alreadySaid, callSettings } from './chat-codec.ts';
import { closingComment, createChunks, END_MARK, toCompletion, usageOf } from './completion.ts';
import type { Asker, V1Deps } from './deps.ts';
import { toOpenAiError } from './openai-error.ts';
import { toAskedOfModel, uncarried } from './to-model-call.ts';

type Deps = Pick<V1Deps, 'providers' | 'router' | 'passthrough' | 'usage' | 'clock' | 'logger'>;

export interface PassedChat {
  asker: Asker;
  request: ChatRequest;
  ref: ModelRef;
}

/**
 * Passes the request to vendors that speak OpenAI's wire, and their answers back, byte by byte; candidates behind that speak another
 * wire answer through their codec. The router decides who is asked, as for every other call.
 */
export async function passedChat(deps: Deps, chat: PassedChat, sink: ResponseSink): Promise<void> {
  const passing = begin(deps, chat, sink);
  try {
    await deps.router.route(routeRequestOf(passing), (candidate) => send(passing, candidate));
  } catch (error) {
    if (!sink.started) throw error;
    if (passing.isOver)
      deps.logger.error({ error: String(error) }, 'a call failed after its answer');
    else sink.end(`data: ${JSON.stringify(toOpenAiError(toPlatformError(error)))}\n\n`);
  }
}

/** A request on its way through candidates. */
interface Passing extends PassedChat {
  deps: Deps;
  sink: ResponseSink;
  callId: string;
  /** Seconds since the epoch. */
  created: number;
  inputTokens: number;
  attempts: number;
  /** True once the whole answer has gone to the client. */
  isOver: boolean;
}

function begin(deps: Deps, chat: PassedChat, sink: ResponseSink): Passing {
  const now = deps.clock.now();
  return {
    ...chat,
    deps,
    sink,
    callId: newId(now),
    created: Math.floor(now / 1000),
    inputTokens: estimateInput(chat.request),
    attempts: 0,
    isOver: false,
  };
}

function routeRequestOf({ asker, request, ref, callId, inputTokens }: Passing): RouteRequest {
  return {
    owner: { workspaceId: asker.workspaceId, callId, source: 'api' },
    kind: 'chat',
    refs: [ref],
    useChain: callSettings(asker).useChain ?? true,
    inputTokens,
    inputTokensMax: boundInput(request),
    maxOutputTokens: request.max_completion_tokens ?? request.max_tokens ?? null,
    needs: needsOf(request),
    unfit: ({ provider }) => (speaksChatWire(provider) ? null : uncarried(request, provider.wire)),
    signal: asker.signal,
  };
}

function factsOf(
  { attempts }: Passing,
  { provider, model }: ModelRef,
  costMicros?: number | null,
): AnswerFacts {
  return { provider, model, costMicros, cache: 'off', attempts };
}

async function send(passing: Passing, candidate: Candidate): Promise<Attempted<unknown>> {
  const { deps, asker, request, sink, inputTokens } = passing;
  // What was streamed cannot be taken back, so nobody else may begin behind it.
  if (sink.started) throw final(alreadySaid());
  passing.attempts += 1;
  if (!speaksChatWire(candidate.resolved.provider)) return sendByCodec(passing, candidate);
  const { idempotencyKey } = callSettings(asker);
  const body = request as unknown as ChatBody;
  return deps.passthrough.send(
    candidate,
    { body, inputTokens, idempotencyKey, requestId: currentRequest()?.request_id },
    targetOf(passing, candidate),
  );
}

function targetOf(passing: Passing, { resolved }: Candidate): PassTarget {
  const { sink } = passing;
  const asked = { provider: resolved.provider.id, model: resolved.model.id };
  return {
    begin: () => sink.start(200, { ...SSE_HEADERS, ...factHeaders(factsOf(passing, asked)) }),
    write: (bytes) => sink.write(bytes),
    drained: () => sink.drained(),
    end(answer) {
      passing.isOver = true;
      record(passing, answer);
      const facts = factsOf(passing, answer.ref, answer.costMicros);
      if (answer.body === null) {
        sink.end(closingComment(factFields(facts)) + END_MARK);
      } else {
        const length = { 'content-length': String(answer.body.length) };
        sink.start(200, { ...JSON_HEADERS, ...length, ...factHeaders(facts) });
        sink.end(answer.body);
      }
    },
  };
}

/** A candidate of another wire, behind those that passed on. */
async function sendByCodec(passing: Passing, candidate: Candidate): Promise<Attempted<unknown>> {
  const { deps, asker, request, sink, inputTokens } = passing;
  const { provider, model } = candidate.resolved;
  const ref = { provider: provider.id, model: model.id };
  const frame = {
    id: `chatcmpl-${passing.callId}`,
    created: passing.created,
    model: `${ref.provider}/${ref.model}`,
  };
  const chunks = createChunks(frame);
  let hasText = false;
  const begin = () => {
    if (sink.started) return;
    sink.start(200, { ...SSE_HEADERS, ...factHeaders(factsOf(passing, ref)) });
    sink.write(chunks.role());
  };
  const onDelta = (text: string) => {
    hasText = true;
    begin();
    sink.write(chunks.text(text));
  };
  const call: ModelCall = {
    ...toAskedOfModel(request, provider.wire),
    workspaceId: asker.workspaceId,
    ref,
    signal: candidate.signal,
    ...(request.stream === true ? { onDelta } : {}),
  };
  const attempted = await deps.providers.attempt(call, { candidate, inputTokens });
  const { value } = attempted;
  passing.isOver = true;
  const usage = { ...value.usage, estimated: value.usageEstimated };
  const { costMicros, durationMs, offline } = value;
  record(passing, { ref, usage, costMicros, durationMs, offline });
  const facts = factsOf(passing, ref, value.costMicros);
  if (request.stream !== true) {
    sink.start(200, { ...JSON_HEADERS, ...factHeaders(facts) });
    sink.end(JSON.stringify(toCompletion(frame, value)));
    return attempted;
  }
  begin();
  if (!hasText && value.text !== '') sink.write(chunks.text(value.text));
  const wantsUsage = request.stream_options?.include_usage === true;
  sink.end(
    chunks.toolCalls(value.toolCalls) +
      chunks.finish(value.finishReason) +
      (wantsUsage ? chunks.usage(usageOf(value.usage)) : '') +
      closingComment(factFields(facts)) +
      END_MARK,
  );
  return attempted;
}

/** The same error, with which no other candidate is tried. */
function final(error: PlatformError): PlatformError {
  const { code, kind, message } = error;
  return new PlatformError({ code, kind, message, retryable: false });
}

function needsOf(request: ChatRequest): string[] {
  const hasImage = request.messages.some(
    ({ content }) =>
      Array.isArray(content) &&
      content.some((part) => (part as JsonObject)['type'] === 'image_url'),
  );
  return [...((request.tools ?? []).length > 0 ? ['tools'] : []), ...(hasImage ? ['vision'] : [])];
}

/** An image is worth about this many tokens at most vendors; its bytes say nothing of it. */
const IMAGE_TOKENS = 1_600;

/** Upper estimate of what is sent: every sign of it counts, and what a message costs beside its text. */
export function estimateInput(request: ChatRequest): number {
  let images = 0;
  const texts = request.messages.map((message) => {
    const { content } = message;
    const calls = message.role === 'assistant' ? JSON.stringify(message.tool_calls ?? '') : '';
    if (!Array.isArray(content)) return `${content ?? ''}${calls}`;
    const parts = content.map((part) => {
      const { type, text } = part as { type: string; text?: unknown };
      if (type === 'text') return String(text);
      if (type !== 'image_url') return JSON.stringify(part);
      images += 1;
      return '';
    });
    return parts.join('\n') + calls;
  });
  const extra = [request.tools, request.response_format].filter(
    (part) => part !== null && part !== undefined,
  );
  const signs = estimateTokens([...texts, ...extra.map((part) => JSON.stringify(part))].join('\n'));
  return Math.ceil(signs * 1.1) + 4 * request.messages.length + images * IMAGE_TOKENS;
}

/** More tokens than any vendor counts for what is sent. */
function boundInput(request: ChatRequest): number {
  const media: { bytes: number }[] = [];
  const { messages, tools, response_format: format } = request;
  const withoutPictures = (key: string, value: unknown) => {
    if (key !== 'image_url' || typeof value !== 'object') return value;
    media.push({ bytes: 0 });
    return '';
  };
  const texts = [JSON.stringify(messages, withoutPictures)];
  const definitions = [...(tools ?? []), format].filter(
    (part) => part !== null && part !== undefined,
  );
  return inputTokensBound({ texts, messages: messages.length, definitions, media });
}

function record(
  { deps, asker, callId }: Passing,
  answer: Pick<PassedAnswer, 'ref' | 'costMicros' | 'durationMs'> & {
    usage: Pick<
      PassedAnswer['usage'],
      'inputTokens' | 'outputTokens' | 'cachedInputTokens' | 'reasoningTokens' | 'estimated'
    >;
    offline?: boolean;
  },
): void {
  const { workspaceId } = asker;
  const paid = {
    ...answer.ref,
    usage: answer.usage,
    usageEstimated: answer.usage.estimated,
    costMicros: answer.costMicros,
    priceVersion: deps.providers.priceVersionOf(workspaceId, answer.ref),
    offline: answer.offline ?? false,
    durationMs: answer.durationMs,
  };
  const at = new Date(deps.clock.now());
  deps.usage.add(usageRowOf(paid, { workspaceId, callKey: callId, source: 'api', at }));
}
