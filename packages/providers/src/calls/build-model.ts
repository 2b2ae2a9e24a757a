import type { LanguageModelV4, SharedV4ProviderOptions } from '@ai-sdk/provider';
import { PlatformError } from '@automatos/kernel';
import type { ProviderRow, ResolvedModel } from '../catalogue/catalogue-types.ts';
import { createOfflineModel } from '../offline/offline-model.ts';

/** Key and address of a provider as a workspace configured them. */
export interface ProviderCredential {
  apiKey?: string;
  baseUrl?: string;
}

export interface BuiltModel {
  model: LanguageModelV4;
  providerOptions: SharedV4ProviderOptions;
}

/**
 * Builds the codec for one call; vendor packages load on first use, so an idle server does not hold them.
 * Throws `providers.credential.missing` and `providers.credential.base_url_invalid`.
 */
export async function buildModel(
  resolved: ResolvedModel,
  credential: ProviderCredential | null,
  fetch: typeof globalThis.fetch,
): Promise<BuiltModel> {
  const { provider, model } = resolved;
  if (provider.codec === 'offline')
    return { model: createOfflineModel(model.id), providerOptions: {} };
  const { apiKey, baseUrl } = checkCredential(provider, credential);
  switch (provider.codec) {
    case 'openai': {
      const { createOpenAI } = await import('@ai-sdk/openai');
      const openai = createOpenAI({ apiKey: apiKey ?? '', baseURL: baseUrl, fetch });
      return {
        model: openai.responses(model.id),
        providerOptions: { openai: { store: false, strictJsonSchema: false } },
      };
    }
    case 'anthropic': {
      const { createAnthropic } = await import('@ai-sdk/anthropic');
      return {
        model: createAnthropic({ apiKey: apiKey ?? '', baseURL: baseUrl, fetch })(model.id),
        providerOptions: {},
      };
    }
    case 'google': {
      const { createGoogle } = await import('@ai-sdk/google');
      return {
        model: createGoogle({ apiKey: apiKey ?? '', baseURL: baseUrl, fetch })(model.id),
        providerOptions: {},
      };
    }
    default: {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
      const compatible = createOpenAICompatible({
        name: provider.id,
        baseURL: baseUrl,
        ...(apiKey === undefined ? {} : { apiKey }),
        fetch,
        includeUsage: provider.id !== 'mistral',
        supportsStructuredOutputs: SENDS_JSON_SCHEMA.has(provider.id),
      });
      return { model: compatible(model.id), providerOptions: {} };
    }
  }
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

/** What is missing before a provider can be called; null when nothing is. */
export function missingCredential(
  provider: ProviderRow,
  credential: ProviderCredential | null,
): 'api_key' | 'base_url' | null {
  if (provider.codec === 'offline') return null;
  const needsKey = provider.auth !== 'none' && provider.auth !== 'bearer-optional';
  if (needsKey && !credential?.apiKey) return 'api_key';
  return provider.baseUrl === null && !credential?.baseUrl ? 'base_url' : null;
}

function checkCredential(
  provider: ProviderRow,
  credential: ProviderCredential | null,
): { apiKey: string | undefined; baseUrl: string } {
  const missing = missingCredential(provider, credential);
  if (missing !== null) throw credentialMissing(provider, missing);
  return {
    apiKey: credential?.apiKey,
    baseUrl: normalBaseUrl(provider, credential?.baseUrl ?? provider.baseUrl ?? ''),
  };
}

function credentialMissing(provider: ProviderRow, missing: 'api_key' | 'base_url'): PlatformError {
  const [what, names] =
    missing === 'api_key'
      ? (['an API key', provider.env.apiKey] as const)
      : (['a base URL', provider.env.baseUrl] as const);
  const variable = names.length === 0 ? '' : ` or set ${names[0]}`;
  return new PlatformError({
    code: 'providers.credential.missing',
    kind: 'invalid-input',
    message: `${provider.name} needs ${what}. Add it in the provider settings${variable} and restart.`,
    details: { provider: provider.id, missing, opens_circuit: true },
  });
}

/** The URL without trailing slash; a bare host of Ollama or Anthropic gets its usual `/v1`. */
export function normalBaseUrl(provider: ProviderRow, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.username !== '' ||
    url.password !== '' ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    throw new PlatformError({
      code: 'providers.credential.base_url_invalid',
      kind: 'invalid-input',
      message: `The base URL of ${provider.name} must be an http or https URL without user name, password, query or fragment.`,
      details: { provider: provider.id },
    });
  }
  const path = url.pathname.replace(/\/+$/, '');
  const usual =
    path === '' && (provider.id === 'ollama' || provider.id === 'anthropic') ? '/v1' : path;
  return `${url.origin}${usual}`;
}
