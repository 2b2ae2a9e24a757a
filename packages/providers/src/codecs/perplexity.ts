import { createOpenAI } from '@ai-sdk/openai';
import type {
  LanguageModelV4,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider';
import { isJsonObject } from '@automatos/kernel';
import type { CodecConfig } from './cohere-chat.ts';

const PRESET = 'preset/';

/**
 * Perplexity's Agent API: the responses wire with two differences. A model id `preset/<name>` is sent as `preset`, and `usage`
 * carries what the call cost, which is kept in the raw usage for `readVendorCost`.
 */
export function createPerplexityModel(modelId: string, config: CodecConfig): LanguageModelV4 {
  const openai = createOpenAI({
    name: 'perplexity',
    apiKey: config.apiKey ?? '',
    baseURL: config.baseUrl,
    fetch: (input, init) => config.fetch(input, withPreset(init)),
  });
  const model = openai.responses(modelId);
  return {
    specificationVersion: 'v4',
    provider: 'perplexity',
    modelId,
    supportedUrls: {},
    doGenerate: (options) => model.doGenerate(options),
    async doStream(options) {
      const result = await model.doStream({ ...options, includeRawChunks: true });
      return { ...result, stream: result.stream.pipeThrough(keepCost()) };
    },
  };
}

function withPreset(init: RequestInit | undefined): RequestInit | undefined {
  if (typeof init?.body !== 'string') return init;
  const body: unknown = JSON.parse(init.body);
  if (!isJsonObject(body) || typeof body['model'] !== 'string') return init;
  const { model, ...rest } = body;
  return String(model).startsWith(PRESET)
    ? { ...init, body: JSON.stringify({ ...rest, preset: String(model).slice(PRESET.length) }) }
    : init;
}

/** The codec drops fields that OpenAI does not have: the cost is taken from the raw event and put back into the usage. */
function keepCost(): TransformStream<LanguageModelV4StreamPart, LanguageModelV4StreamPart> {
  let cost: unknown;
  return new TransformStream({
    transform(part, controller) {
      if (part.type === 'raw') {
        cost = costIn(part.rawValue) ?? cost;
        return;
      }
      controller.enqueue(
        part.type === 'finish' && cost !== undefined
          ? { ...part, usage: withCost(part.usage, cost) }
          : part,
      );
    },
  });
}

function costIn(event: unknown): unknown {
  if (!isJsonObject(event) || !isJsonObject(event['response'])) return undefined;
  const { usage } = event['response'];
  return isJsonObject(usage) ? usage['cost'] : undefined;
}

function withCost(usage: LanguageModelV4Usage, cost: unknown): LanguageModelV4Usage {
  return {
    ...usage,
    raw: { ...usage.raw, cost: JSON.parse(JSON.stringify(cost)) } as NonNullable<
      LanguageModelV4Usage['raw']
    >,
  };
}
