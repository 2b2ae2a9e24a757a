import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider';

/** Parts of one answer; without a `finish` part the answer is incomplete. */
export type StreamParts = (
  options: LanguageModelV4CallOptions,
) => AsyncGenerator<LanguageModelV4StreamPart>;

/** A model of the SDK's interface around a generator of stream parts. The request is made when the stream is first read. */
export function createStreamedModel(
  provider: string,
  modelId: string,
  parts: StreamParts,
): LanguageModelV4 {
  return {
    specificationVersion: 'v4',
    provider,
    modelId,
    supportedUrls: {},
    doStream: async (options) => ({ stream: ReadableStream.from(parts(options)) }),
    doGenerate: async (options) => gather(parts(options)),
  };
}

async function gather(
  parts: AsyncGenerator<LanguageModelV4StreamPart>,
): Promise<LanguageModelV4GenerateResult> {
  const content: LanguageModelV4Content[] = [];
  const texts = new Map<string, { type: 'text' | 'reasoning'; text: string }>();
  for await (const part of parts) {
    if (part.type === 'error') throw part.error;
    if (part.type === 'text-start' || part.type === 'reasoning-start') {
      const made = {
        type: part.type === 'text-start' ? ('text' as const) : ('reasoning' as const),
        text: '',
      };
      texts.set(part.id, made);
      content.push(made);
    } else if (part.type === 'text-delta' || part.type === 'reasoning-delta') {
      const open = texts.get(part.id);
      if (open !== undefined) open.text += part.delta;
    } else if (part.type === 'tool-call') content.push(part);
    else if (part.type === 'finish')
      return { content, finishReason: part.finishReason, usage: part.usage, warnings: [] };
  }
  return {
    content,
    finishReason: { unified: 'error', raw: undefined },
    usage: NO_USAGE,
    warnings: [],
  };
}

/** What stands where a vendor says nothing. */
export const NO_USAGE: LanguageModelV4Usage = {
  inputTokens: {
    total: undefined,
    noCache: undefined,
    cacheRead: undefined,
    cacheWrite: undefined,
  },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};
