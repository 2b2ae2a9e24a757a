import type {
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
} from '@ai-sdk/provider';
import { PlatformError, isJsonObject } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import type { AssistantModelMessage } from 'ai';
import type { FinishReason, ModelToolCall } from './model-call.ts';

const ANSWER_CHARS_MAX = 4_000_000;

/** A complete answer as the stream gave it. */
export interface CollectedAnswer {
  text: string;
  reasoningChars: number;
  toolCalls: ModelToolCall[];
  finishReason: FinishReason;
  usage: LanguageModelV4Usage;
  message: AssistantModelMessage;
}

/** Why a stream is no complete answer; the caller turns it into the typed error. */
export class IncompleteAnswer extends Error {
  readonly finish: string;

  constructor(finish: string) {
    super(`finish: ${finish}`);
    this.name = 'IncompleteAnswer';
    this.finish = finish;
  }
}

interface Hooks {
  onPart: () => void;
  onDelta: (text: string) => void;
  /** Asked after each part with the characters so far; false ends the answer there, as `length`. */
  mayGoOn?: (chars: number) => boolean;
  who: string;
}

type TextualPart = {
  type: 'text' | 'reasoning';
  text: string;
  providerOptions?: NonNullable<AssistantModelMessage['providerOptions']>;
};
type ContentPart = Exclude<AssistantModelMessage['content'], string>[number];

/**
 * Reads a stream to its end. An error part anywhere fails the whole answer (some codecs send a regular finish after one);
 * no finish, or one that is not complete, throws {@link IncompleteAnswer}.
 */
export async function collectAnswer(
  stream: ReadableStream<LanguageModelV4StreamPart>,
  hooks: Hooks,
): Promise<CollectedAnswer> {
  const state: State = {
    content: [],
    open: new Map(),
    chars: 0,
    text: '',
    reasoningChars: 0,
    toolCalls: [],
    finish: null,
  };
  for await (const part of stream) {
    takePart(state, part, hooks);
    if (state.finish === null && hooks.mayGoOn?.(state.chars) === false) {
      state.finish = CUT_OFF;
      break;
    }
  }
  const { finish, text, reasoningChars, toolCalls } = state;
  if (finish === null) throw new IncompleteAnswer('missing');
  const content = state.content.filter(
    (part) => !('text' in part) || part.text !== '' || part.providerOptions !== undefined,
  );
  return {
    text,
    reasoningChars,
    toolCalls,
    finishReason: finishReasonOf(finish.finishReason.unified, toolCalls.length),
    usage: finish.usage,
    message: { role: 'assistant', content },
  };
}

/** The end of an answer that was not let go on; the vendor had no chance to count. */
const CUT_OFF: Finish = {
  type: 'finish',
  finishReason: { unified: 'length', raw: undefined },
  usage: {
    inputTokens: {
      total: undefined,
      noCache: undefined,
      cacheRead: undefined,
      cacheWrite: undefined,
    },
    outputTokens: { total: undefined, text: undefined, reasoning: undefined },
  },
};

function takePart(state: State, part: LanguageModelV4StreamPart, hooks: Hooks): void {
  switch (part.type) {
    case 'error':
      throw part.error;
    case 'text-start':
    case 'reasoning-start':
      return openPart(state, part);
    case 'text-delta':
    case 'reasoning-delta':
      hooks.onPart();
      return appendDelta(state, part, hooks);
    case 'text-end':
    case 'reasoning-end':
      return keepMetadata(state.open.get(part.id), part.providerMetadata);
    case 'tool-input-delta':
      hooks.onPart();
      state.chars = bounded(state.chars + part.delta.length, hooks.who);
      return;
    case 'tool-call':
      hooks.onPart();
      return takeToolCall(state, part, hooks.who);
    case 'finish':
      state.finish = part;
      return;
    default:
      return;
  }
}

function takeToolCall(
  state: State,
  part: Extract<LanguageModelV4StreamPart, { type: 'tool-call' }>,
  who: string,
): void {
  const call = {
    id: part.toolCallId,
    name: part.toolName,
    input: parseInput(part.input, part.toolName, who),
  };
  state.toolCalls.push(call);
  state.content.push({
    type: 'tool-call',
    toolCallId: call.id,
    toolName: call.name,
    input: call.input,
    ...optionsOf(part.providerMetadata),
  });
}

type Finish = Extract<LanguageModelV4StreamPart, { type: 'finish' }>;

interface State {
  content: ContentPart[];
  open: Map<string, TextualPart>;
  chars: number;
  text: string;
  reasoningChars: number;
  toolCalls: ModelToolCall[];
  finish: Finish | null;
}

function openPart(
  state: State,
  part: {
    type: 'text-start' | 'reasoning-start';
    id: string;
    providerMetadata?: SharedV4ProviderMetadata;
  },
): void {
  const made: TextualPart = {
    type: part.type === 'text-start' ? ('text' as const) : ('reasoning' as const),
    text: '',
    ...optionsOf(part.providerMetadata),
  };
  state.open.set(part.id, made);
  state.content.push(made);
}

function appendDelta(
  state: State,
  part: {
    type: 'text-delta' | 'reasoning-delta';
    id: string;
    delta: string;
    providerMetadata?: SharedV4ProviderMetadata;
  },
  hooks: Hooks,
): void {
  state.chars = bounded(state.chars + part.delta.length, hooks.who);
  const open = state.open.get(part.id);
  if (open !== undefined) open.text += part.delta;
  keepMetadata(open, part.providerMetadata);
  if (part.type === 'reasoning-delta') {
    state.reasoningChars += part.delta.length;
    return;
  }
  state.text += part.delta;
  if (part.delta !== '') hooks.onDelta(part.delta);
}

function bounded(chars: number, who: string): number {
  if (chars <= ANSWER_CHARS_MAX) return chars;
  throw new PlatformError({
    code: 'providers.answer.too_large',
    kind: 'upstream-failed',
    retryable: false,
    message: `${who} sent more than ${ANSWER_CHARS_MAX} characters in one answer; it was cut off.`,
  });
}

function keepMetadata(
  part: TextualPart | undefined,
  metadata: SharedV4ProviderMetadata | undefined,
): void {
  if (part !== undefined && metadata !== undefined)
    part.providerOptions = { ...part.providerOptions, ...optionsOf(metadata).providerOptions };
}

function optionsOf(metadata: SharedV4ProviderMetadata | undefined): {
  providerOptions?: NonNullable<AssistantModelMessage['providerOptions']>;
} {
  return metadata === undefined
    ? {}
    : {
        providerOptions: JSON.parse(JSON.stringify(metadata)) as NonNullable<
          AssistantModelMessage['providerOptions']
        >,
      };
}

function parseInput(text: string, tool: string, who: string): JsonObject {
  let input: unknown;
  try {
    input = JSON.parse(text.trim() === '' ? '{}' : text);
  } catch {
    input = undefined;
  }
  if (isJsonObject(input)) return input as JsonObject;
  throw new PlatformError({
    code: 'providers.answer.tool_call_malformed',
    kind: 'upstream-failed',
    retryable: true,
    message: `${who} called the tool "${tool.slice(0, 64)}" with arguments that are not a JSON object. Retry.`,
    details: { tool: tool.slice(0, 64) },
  });
}

function finishReasonOf(unified: string, toolCalls: number): FinishReason {
  switch (unified) {
    case 'stop':
      return toolCalls > 0 ? 'tool_calls' : 'stop';
    case 'tool-calls':
      return 'tool_calls';
    case 'length':
      return 'length';
    case 'content-filter':
      return 'content_filter';
    default:
      throw new IncompleteAnswer(unified);
  }
}
