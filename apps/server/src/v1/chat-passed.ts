import type { ChatRequest, ResponseSink } from '@automatos/contracts';
import { newId, PlatformError, toPlatformError } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import { estimateTokens, inputTokensBound, speaksChatWire } from '@automatos/providers';
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
import { factFields, factHeaders, JSON_HEADERS, SSE_HEADERS } from './answer-headers.ts';
import type { AnswerFacts } from './answer-headers.ts';
import { alreadySaid, callSettings } from './chat-codec.ts';
import { closingComment, createChunks, END_MARK, toCompletion, usageOf } from './completion.ts';
import type { Asker, V1Deps } from './deps.ts';
import { toOpenAiError } from './openai-error.ts';
import { toAskedOfModel } from './to-model-call.ts';

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
  const exchange = createExchange(deps, chat, sink);
  try {
    await deps.router.route(exchange.routeRequest, exchange.send);
  } catch (error) {
    if (!sink.started) throw error;
    if (!exchange.isOver()) {
      sink.end(`data: ${JSON.stringify(toOpenAiError(toPlatformError(error)))}\n\n`);
    } else {
      deps.logger.error({ error: String(error) }, 'a call failed after its answer');
    }
  }
}

function createExchange(deps: Deps, chat: PassedChat, sink: ResponseSink) {
  const { asker, request, ref } = chat;
  const now = deps.clock.now();
  const callId: string = newId(now);
  const body = request as unknown as ChatBody;
  const streaming = request.stream === true;
  const inputTokens = estimateInput(request);
  const { idempotencyKey, useChain } = callSettings(asker);
  let attempts = 0;
  let isOver = false;
  const facts = ({ provider, model }: ModelRef, costMicros?: number | null): AnswerFacts => ({
    provider,
    model,
    costMicros,
    cache: 'off',
    attempts,
  });

  function finish(answer: PassedAnswer): void {
    isOver = true;
    record(deps, { asker, callId }, answer);
    const known = facts(answer.ref, answer.costMicros);
    if (answer.body !== null) {
      sink.start(200, { ...JSON_HEADERS, ...factHeaders(known) });
      sink.end(answer.body);
    } else {
      sink.end(closingComment(factFields(known)) + END_MARK);
    }
  }

  function target({ resolved }: Candidate): PassTarget {
    const asked = { provider: resolved.provider.id, model: resolved.model.id };
    return {
      begin: () => sink.start(200, { ...SSE_HEADERS, ...factHeaders(facts(asked)) }),
      write: (bytes) => sink.write(bytes),
      drained: () => sink.drained(),
      end: finish,
    };
  }

  async function send(candidate: Candidate): Promise<Attempted<unknown>> {
    // What was streamed cannot be taken back, so nobody else may begin behind it.
    if (sink.started) throw final(alreadySaid());
    attempts += 1;
    if (speaksChatWire(candidate.resolved.provider)) {
      return deps.passthrough.send(
        candidate,
        { body, inputTokens, idempotencyKey },
        target(candidate),
      );
    }
    const call: ModelCall = {
      ...toAskedOfModel(request, candidate.resolved.provider.wire),
      workspaceId: asker.workspaceId,
      ref: { provider: candidate.resolved.provider.id, model: candidate.resolved.model.id },
      signal: candidate.signal,
    };
    return byCodec({ call, candidate, created: Math.floor(now / 1000) });
  }

  async function byCodec(site: {
    call: ModelCall;
    candidate: Candidate;
    created: number;
  }): Promise<Attempted<unknown>> {
    const { ref: asked } = site.call;
    const frame = {
      id: `chatcmpl-${callId}`,
      created: site.created,
      model: `${asked.provider}/${asked.model}`,
    };
    const chunks = createChunks(frame);
    const begin = () => {
      if (sink.started) return;
      sink.start(200, { ...SSE_HEADERS, ...factHeaders(facts(asked)) });
      sink.write(chunks.role());
    };
    let hasText = false;
    const onDelta = (text: string) => {
      hasText = true;
      begin();
      sink.write(chunks.text(text));
    };
    const attempted = await deps.providers.attempt(
      streaming ? { ...site.call, onDelta } : site.call,
      { candidate: site.candidate, inputTokens },
    );
    const result = attempted.value;
    const { usage, costMicros, durationMs } = result;
    isOver = true;
    record(
      deps,
      { asker, callId },
      { ref: asked, usage: { ...usage, estimated: result.usageEstimated }, costMicros, durationMs },
    );
    const known = facts(asked, costMicros);
    if (!streaming) {
      sink.start(200, { ...JSON_HEADERS, ...factHeaders(known) });
      sink.end(JSON.stringify(toCompletion(frame, result)));
      return attempted;
    }
    begin();
    if (!hasText && result.text !== '') sink.write(chunks.text(result.text));
    const wantsUsage = request.stream_options?.include_usage === true;
    sink.end(
      chunks.toolCalls(result.toolCalls) +
        chunks.finish(result.finishReason) +
        (wantsUsage ? chunks.usage(usageOf(usage)) : '') +
        closingComment(factFields(known)) +
        END_MARK,
    );
    return attempted;
  }

  const routeRequest: RouteRequest = {
    owner: { workspaceId: asker.workspaceId, callId, source: 'api' },
    kind: 'chat',
    refs: [ref],
    useChain: useChain ?? true,
    inputTokens,
    inputTokensMax: boundInput(request),
    maxOutputTokens: request.max_completion_tokens ?? request.max_tokens ?? null,
    needs: needsOf(request),
    signal: asker.signal,
  };
  return { routeRequest, send, isOver: () => isOver };
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
  deps: Deps,
  { asker, callId }: { asker: Asker; callId: string },
  answer: Pick<PassedAnswer, 'ref' | 'costMicros' | 'durationMs'> & {
    usage: Pick<
      PassedAnswer['usage'],
      'inputTokens' | 'outputTokens' | 'cachedInputTokens' | 'reasoningTokens' | 'estimated'
    >;
  },
): void {
  const { usage } = answer;
  deps.usage.add({
    workspaceId: asker.workspaceId,
    callKey: callId,
    provider: answer.ref.provider,
    model: answer.ref.model,
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    cachedInputTokens: usage.cachedInputTokens,
    reasoningTokens: usage.reasoningTokens,
    costMicros: answer.costMicros,
    priceVersion: deps.providers.priceVersionOf(asker.workspaceId, answer.ref),
    estimated: usage.estimated,
    offline: false,
    kind: 'chat',
    source: 'api',
    cache: 'off',
    status: 'success',
    durationMs: Math.max(0, Math.round(answer.durationMs)),
    at: new Date(deps.clock.now()),
  });
}
