import type { LanguageModelV4, SharedV4ProviderOptions } from '@ai-sdk/provider';
import type { ResolvedModel } from '../catalogue/catalogue-types.ts';
import type { CodecConfig } from '../codecs/cohere-chat.ts';
import { guardModel } from '../codecs/guard-model.ts';
import { createOfflineModel } from '../offline/offline-model.ts';
import { checkCredential } from './credential.ts';
import type { ProviderCredential } from './credential.ts';

export { credentialMissing, missingCredential, normalBaseUrl } from './credential.ts';
export type { ProviderCredential } from './credential.ts';

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
  const built = await loadCodec(resolved, { apiKey, baseUrl, fetch });
  return { ...built, model: guardModel(built.model, resolved) };
}

async function loadCodec(resolved: ResolvedModel, config: CodecConfig): Promise<BuiltModel> {
  const { provider, model } = resolved;
  const { baseUrl: baseURL, fetch } = config;
  const apiKey = config.apiKey ?? '';
  const settings = { apiKey, baseURL, fetch };
  switch (provider.codec) {
    case 'openai': {
      const { createOpenAI } = await import('@ai-sdk/openai');
      return { model: createOpenAI(settings).responses(model.id), providerOptions: RESPONSES };
    }
    case 'anthropic': {
      const { createAnthropic } = await import('@ai-sdk/anthropic');
      return plain(createAnthropic(settings)(model.id));
    }
    case 'google': {
      const { createGoogle } = await import('@ai-sdk/google');
      return plain(createGoogle(settings)(model.id));
    }
    case 'groq': {
      const { createGroq } = await import('@ai-sdk/groq');
      const structuredOutputs = !needsSchemaInWords(resolved);
      return {
        model: createGroq(settings)(model.id),
        providerOptions: { groq: { structuredOutputs, strictJsonSchema: false } },
      };
    }
    case 'deepseek': {
      const { createDeepSeek } = await import('@ai-sdk/deepseek');
      return plain(createDeepSeek(settings)(model.id));
    }
    case 'mistral': {
      const { createMistral } = await import('@ai-sdk/mistral');
      return plain(createMistral(settings)(model.id));
    }
    case 'moonshot': {
      const { createMoonshotAI } = await import('@ai-sdk/moonshotai');
      return plain(createMoonshotAI(settings)(model.id));
    }
    case 'cohere': {
      const { createCohereModel } = await import('../codecs/cohere-chat.ts');
      return plain(createCohereModel(model.id, config));
    }
    case 'perplexity': {
      const { createPerplexityModel } = await import('../codecs/perplexity.ts');
      return { model: createPerplexityModel(model.id, config), providerOptions: RESPONSES };
    }
    case 'replicate': {
      const { createReplicateModel } = await import('../codecs/replicate-jobs.ts');
      return plain(createReplicateModel(model.id, config));
    }
    case 'writer': {
      const { createWriterModel } = await import('../codecs/writer-chat.ts');
      return plain(createWriterModel(model.id, config));
    }
    default: {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
      const compatible = createOpenAICompatible({
        name: provider.id,
        baseURL,
        ...(config.apiKey === undefined ? {} : { apiKey }),
        fetch,
        includeUsage: true,
        supportsStructuredOutputs: SENDS_JSON_SCHEMA.has(provider.id),
      });
      return plain(compatible(model.id));
    }
  }
}

const RESPONSES: SharedV4ProviderOptions = { openai: { store: false, strictJsonSchema: false } };

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
