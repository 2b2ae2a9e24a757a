import type { LanguageModelV4, SharedV4ProviderOptions } from '@ai-sdk/provider';
import type { ProviderCodec, ResolvedModel } from '../catalogue/catalogue-types.ts';
import type { CodecConfig } from '../codecs/cohere-chat.ts';
import { guardModel } from '../codecs/guard-model.ts';
import { createOfflineModel } from '../offline/offline-model.ts';
import { checkCredential, fetchAs } from './credential.ts';
import type { ProviderCredential } from './credential.ts';

export interface BuiltModel {
  model: LanguageModelV4;
  providerOptions: SharedV4ProviderOptions;
}

/**
 * Builds the codec for one call; vendor packages load on first use, so an idle server does not hold them. The model refuses what
 * it cannot do before anything is sent. Throws `providers.credential.missing` and `providers.credential.base_url_invalid`.
 */
export async function buildModel(
  resolved: ResolvedModel,
  credential: ProviderCredential | null,
  fetch: typeof globalThis.fetch,
): Promise<BuiltModel> {
  const { provider, model } = resolved;
  if (provider.codec === 'offline')
    return plain(guardModel(createOfflineModel(model.id), resolved));
  const { apiKey, baseUrl } = checkCredential(provider, credential);
  const codec = CODECS[provider.codec ?? 'openai-compatible'];
  const built = await codec(resolved, { apiKey, baseUrl, fetch: fetchAs(credential, fetch) });
  return { ...built, model: guardModel(built.model, resolved) };
}

type Codec = (resolved: ResolvedModel, config: CodecConfig) => Promise<BuiltModel>;

/** What carries the calls of each kind of provider; the keyless setting of a codec is an empty key, never the environment's. */
const CODECS: Record<Exclude<ProviderCodec, 'offline'>, Codec> = {
  openai: async ({ model }, config) => {
    const { createOpenAI } = await import('@ai-sdk/openai');
    return { model: createOpenAI(settingsOf(config)).responses(model.id), ...RESPONSES };
  },
  anthropic: async ({ model }, config) => {
    const { createAnthropic } = await import('@ai-sdk/anthropic');
    return plain(createAnthropic(settingsOf(config))(model.id));
  },
  google: async ({ model }, config) => {
    const { createGoogle } = await import('@ai-sdk/google');
    return plain(createGoogle(settingsOf(config))(model.id));
  },
  groq: async (resolved, config) => {
    const { createGroq } = await import('@ai-sdk/groq');
    const structuredOutputs = !needsSchemaInWords(resolved);
    return {
      model: createGroq(settingsOf(config))(resolved.model.id),
      providerOptions: { groq: { structuredOutputs, strictJsonSchema: false } },
    };
  },
  deepseek: async ({ model }, config) => {
    const { createDeepSeek } = await import('@ai-sdk/deepseek');
    return plain(createDeepSeek(settingsOf(config))(model.id));
  },
  mistral: async ({ model }, config) => {
    const { createMistral } = await import('@ai-sdk/mistral');
    return plain(createMistral(settingsOf(config))(model.id));
  },
  moonshot: async ({ model }, config) => {
    const { createMoonshotAI } = await import('@ai-sdk/moonshotai');
    return plain(createMoonshotAI(settingsOf(config))(model.id));
  },
  cohere: async ({ model }, config) => {
    const { createCohereModel } = await import('../codecs/cohere-chat.ts');
    return plain(createCohereModel(model.id, config));
  },
  perplexity: async ({ model }, config) => {
    const { createPerplexityModel } = await import('../codecs/perplexity.ts');
    return { model: createPerplexityModel(model.id, config), ...RESPONSES };
  },
  replicate: async ({ model }, config) => {
    const { createReplicateModel } = await import('../codecs/replicate-jobs.ts');
    return plain(createReplicateModel(model.id, config));
  },
  writer: async ({ model }, config) => {
    const { createWriterModel } = await import('../codecs/writer-chat.ts');
    return plain(createWriterModel(model.id, config));
  },
  'openai-compatible': async ({ provider, model }, config) => {
    const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
    const compatible = createOpenAICompatible({
      name: provider.id,
      baseURL: config.baseUrl,
      ...(config.apiKey === undefined ? {} : { apiKey: config.apiKey }),
      fetch: config.fetch,
      includeUsage: true,
      supportsStructuredOutputs: SENDS_JSON_SCHEMA.has(provider.id),
    });
    return plain(compatible(model.id));
  },
};

const RESPONSES = { providerOptions: { openai: { store: false, strictJsonSchema: false } } };

function settingsOf({ apiKey = '', baseUrl, fetch }: CodecConfig) {
  return { apiKey, baseURL: baseUrl, fetch };
}

function plain(model: LanguageModelV4): BuiltModel {
  return { model, providerOptions: {} };
}

/** Servers of the openai-chat family to which a JSON schema is sent as `response_format`; the others get it in the instructions. */
export const SENDS_JSON_SCHEMA: ReadonlySet<string> = new Set([
  'ollama',
  'openai-compatible',
  'groq',
  'together',
  'fireworks',
  'mistral',
  'huggingface',
]);

/** Models of Groq that take a JSON schema; the others know JSON mode only. */
const GROQ_TAKES_SCHEMA = /gpt-oss|llama-4|kimi-k2|qwen3/;

/** True when the model sees a wanted JSON schema only if the instructions spell it out. */
export function needsSchemaInWords({ provider, model }: ResolvedModel): boolean {
  if (provider.codec === 'groq') return !GROQ_TAKES_SCHEMA.test(model.id);
  if (provider.codec === 'replicate') return true;
  return provider.codec === 'openai-compatible' && !SENDS_JSON_SCHEMA.has(provider.id);
}
