import type { ChatCompletion, OpenAiUsage } from '@automatos/contracts';
import type { ModelToolCall, Unrouted } from '@automatos/providers';

/** What stands in every chunk and answer of one call. */
export interface AnswerFrame {
  /** `chatcmpl-…` */
  id: string;
  /** Seconds since the epoch. */
  created: number;
  model: string;
}

export type FinishReason = ChatCompletion['choices'][number]['finish_reason'];

export function usageOf(usage: {
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens: number;
  reasoningTokens: number;
}): OpenAiUsage {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedInputTokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  };
}

function toolCallsOf(calls: readonly ModelToolCall[]) {
  return calls.map(({ id, name, input }) => ({
    id,
    type: 'function' as const,
    function: { name, arguments: JSON.stringify(input) },
  }));
}

/** An answer of a codec as one object. */
export function toCompletion(frame: AnswerFrame, result: Unrouted): ChatCompletion {
  const hasCalls = result.toolCalls.length > 0;
  return {
    ...frame,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: result.text === '' && hasCalls ? null : result.text,
          refusal: null,
          ...(hasCalls ? { tool_calls: toolCallsOf(result.toolCalls) } : {}),
        },
        logprobs: null,
        finish_reason: result.finishReason,
      },
    ],
    usage: usageOf(result.usage),
  };
}

/** Chunks of a stream as lines ready for the wire. */
export function createChunks(frame: AnswerFrame) {
  const head = {
    id: frame.id,
    object: 'chat.completion.chunk',
    created: frame.created,
    model: frame.model,
  };
  const chunk = (delta: object, finish: FinishReason | null = null, more: object = {}) =>
    `data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...more })}\n\n`;
  return {
    role: () => chunk({ role: 'assistant', content: '' }),
    text: (content: string) => chunk({ content }),
    /** Says that the last so many characters count no more; a field of ours, which other clients pass over. */
    discarded: (chars: number) => chunk({}, null, { automatos: { discarded_chars: chars } }),
    toolCalls: (calls: readonly ModelToolCall[]) =>
      calls.length === 0
        ? ''
        : chunk({ tool_calls: toolCallsOf(calls).map((call, index) => ({ index, ...call })) }),
    finish: (reason: FinishReason) => chunk({}, reason),
    usage: (usage: OpenAiUsage) => `data: ${JSON.stringify({ ...head, choices: [], usage })}\n\n`,
  };
}

export const END_MARK = 'data: [DONE]\n\n';

/** A comment before the end mark: what headers could not know when the stream began. */
export function closingComment(fields: Record<string, string>): string {
  const text = Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
  return `: ${text.replaceAll(/[\r\n]/g, ' ')}\n\n`;
}
