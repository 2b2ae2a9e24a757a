import { InvalidResponseDataError } from '@ai-sdk/provider';
import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider';
import { isJsonObject } from '@automatos/kernel';
import { z } from 'zod';
import { toCohereMessages } from './cohere-messages.ts';
import { readEvents } from './read-events.ts';
import { NO_USAGE, createStreamedModel } from './streamed-model.ts';
import { bearer, parseVendorJson, requestVendor } from './vendor-http.ts';

export interface CodecConfig {
  apiKey: string | undefined;
  /** Without trailing slash. */
  baseUrl: string;
  fetch: typeof globalThis.fetch;
}

const counts = z.looseObject({
  input_tokens: z.number().nullish(),
  output_tokens: z.number().nullish(),
});
const usageSchema = z.looseObject({
  billed_units: counts.nullish(),
  tokens: counts.nullish(),
  cached_tokens: z.number().nullish(),
});
const toolCallSchema = z.looseObject({
  id: z.string().nullish(),
  function: z
    .looseObject({ name: z.string().nullish(), arguments: z.string().nullish() })
    .nullish(),
});
const eventSchema = z.looseObject({
  type: z.string(),
  index: z.number().nullish(),
  delta: z
    .looseObject({
      message: z
        .looseObject({
          // An object in deltas, an empty list in `message-start`.
          content: z.unknown().optional(),
          tool_plan: z.string().nullish(),
          tool_calls: z.unknown().optional(),
        })
        .nullish(),
      finish_reason: z.string().nullish(),
      error: z.string().nullish(),
      usage: usageSchema.nullish(),
    })
    .nullish(),
});
type CohereEvent = z.infer<typeof eventSchema>;

/**
 * Cohere's own chat wire (v2). The SDK's package is not used: it refuses an answer without usage, keeps one open tool call at a
 * time, and counts `tokens` where money follows `billed_units`.
 */
export function createCohereModel(modelId: string, config: CodecConfig): LanguageModelV4 {
  return createStreamedModel('cohere', modelId, (options) => streamChat(modelId, config, options));
}

async function* streamChat(
  modelId: string,
  config: CodecConfig,
  options: LanguageModelV4CallOptions,
): AsyncGenerator<LanguageModelV4StreamPart> {
  const response = await requestVendor({
    fetch: config.fetch,
    url: `${config.baseUrl}/chat`,
    headers: { ...bearer(config.apiKey), accept: 'text/event-stream', ...options.headers },
    body: { ...toBody(modelId, options), stream: true },
    signal: options.abortSignal,
  });
  const state: State = { open: null, calls: new Map() };
  for await (const { data } of readEvents(response.body)) {
    if (data === '[DONE]') continue;
    yield* takeEvent(parseVendorJson(data, eventSchema), state);
  }
}

function toBody(modelId: string, options: LanguageModelV4CallOptions): Record<string, unknown> {
  const tools = (options.tools ?? []).flatMap((tool) =>
    tool.type === 'function'
      ? [
          {
            type: 'function',
            function: {
              name: tool.name,
              description: tool.description,
              parameters: tool.inputSchema,
            },
          },
        ]
      : [],
  );
  const choice = options.toolChoice?.type;
  return {
    model: modelId,
    messages: toCohereMessages(options.prompt),
    ...(tools.length === 0 ? {} : { tools }),
    ...(choice === 'required' || choice === 'tool' ? { tool_choice: 'REQUIRED' } : {}),
    ...(choice === 'none' ? { tool_choice: 'NONE' } : {}),
    ...(options.responseFormat?.type === 'json'
      ? {
          response_format: {
            type: 'json_object',
            ...(options.responseFormat.schema === undefined
              ? {}
              : { json_schema: options.responseFormat.schema }),
          },
        }
      : {}),
    max_tokens: options.maxOutputTokens,
    temperature: options.temperature,
    p: options.topP,
    frequency_penalty: options.frequencyPenalty,
    presence_penalty: options.presencePenalty,
    stop_sequences: options.stopSequences,
    seed: options.seed,
  };
}

function textAt(content: unknown, field: string): string {
  const text = isJsonObject(content) ? content[field] : undefined;
  return typeof text === 'string' ? text : '';
}

interface State {
  /** The text or reasoning that is being written, by the vendor's index. */
  open: { id: string; kind: 'text' | 'reasoning' } | null;
  calls: Map<number, { id: string; name: string; text: string }>;
}

function* takeEvent(event: CohereEvent, state: State): Generator<LanguageModelV4StreamPart> {
  const index = event.index ?? 0;
  const message = event.delta?.message;
  switch (event.type) {
    case 'content-start':
    case 'content-delta':
      yield* write(state, `text-${index}`, 'text', textAt(message?.content, 'text'));
      return yield* write(
        state,
        `think-${index}`,
        'reasoning',
        textAt(message?.content, 'thinking'),
      );
    case 'tool-plan-delta':
      return yield* write(state, 'plan', 'reasoning', message?.tool_plan ?? '');
    case 'tool-call-start':
    case 'tool-call-delta':
      return yield* takeCall(index, message?.tool_calls, state);
    case 'tool-call-end':
      return yield* endCall(index, state);
    case 'message-end':
      return yield* finish(event, state);
    default:
      if (!event.type.startsWith('message') && 'message' in event)
        yield { type: 'error', error: event };
  }
}

function* write(
  state: State,
  id: string,
  ...[kind, delta]: ['text' | 'reasoning', string]
): Generator<LanguageModelV4StreamPart> {
  if (delta === '') return;
  if (state.open?.id !== id) {
    yield* close(state);
    state.open = { id, kind };
    yield { type: `${kind}-start`, id };
  }
  yield { type: `${kind}-delta`, id, delta };
}

function* close(state: State): Generator<LanguageModelV4StreamPart> {
  if (state.open !== null) yield { type: `${state.open.kind}-end`, id: state.open.id };
  state.open = null;
}

function* takeCall(
  index: number,
  calls: unknown,
  state: State,
): Generator<LanguageModelV4StreamPart> {
  const given = toolCallSchema.safeParse(calls).data;
  const piece = given?.function?.arguments ?? '';
  let call = state.calls.get(index);
  if (call === undefined) {
    const name = given?.function?.name;
    if (name === null || name === undefined || name === '')
      throw new InvalidResponseDataError({ data: given, message: 'A tool call without a name.' });
    call = { id: given?.id ?? `call_${index}`, name, text: '' };
    state.calls.set(index, call);
    yield* close(state);
    yield { type: 'tool-input-start', id: call.id, toolName: name };
  }
  call.text += piece;
  if (piece !== '') yield { type: 'tool-input-delta', id: call.id, delta: piece };
}

function* endCall(index: number, state: State): Generator<LanguageModelV4StreamPart> {
  const call = state.calls.get(index);
  if (call === undefined) return;
  state.calls.delete(index);
  yield { type: 'tool-input-end', id: call.id };
  yield {
    type: 'tool-call',
    toolCallId: call.id,
    toolName: call.name,
    input: call.text.trim() === '' || call.text.trim() === 'null' ? '{}' : call.text,
  };
}

function* finish(event: CohereEvent, state: State): Generator<LanguageModelV4StreamPart> {
  yield* close(state);
  for (const index of [...state.calls.keys()].toSorted((a, b) => a - b))
    yield* endCall(index, state);
  const raw = event.delta?.finish_reason ?? undefined;
  if (raw === 'ERROR' || raw === 'TIMEOUT') {
    yield {
      type: 'error',
      error: { type: raw.toLowerCase(), message: event.delta?.error ?? 'the model failed' },
    };
    return;
  }
  yield {
    type: 'finish',
    finishReason: { unified: FINISH[raw ?? ''] ?? 'other', raw },
    usage: usageOf(event.delta?.usage),
  };
}

const FINISH: Record<string, LanguageModelV4FinishReason['unified']> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool-calls',
  ERROR_TOXIC: 'content-filter',
  CONTENT_FILTER: 'content-filter',
};

function usageOf(usage: z.infer<typeof usageSchema> | null | undefined): LanguageModelV4Usage {
  if (usage === null || usage === undefined) return NO_USAGE;
  const input = usage.billed_units?.input_tokens ?? usage.tokens?.input_tokens ?? undefined;
  const output = usage.billed_units?.output_tokens ?? usage.tokens?.output_tokens ?? undefined;
  const cached = Math.min(usage.cached_tokens ?? 0, input ?? 0);
  return {
    inputTokens: {
      total: input,
      noCache: input === undefined ? undefined : input - cached,
      cacheRead: cached,
      cacheWrite: undefined,
    },
    outputTokens: { total: output, text: output, reasoning: undefined },
    raw: JSON.parse(JSON.stringify(usage)) as NonNullable<LanguageModelV4Usage['raw']>,
  };
}
