import { PlatformError } from '@automatos/kernel';
import type { ProviderRow } from '../catalogue/catalogue-types.ts';

/** Key and address of a provider as a workspace configured them. */
export interface ProviderCredential {
  apiKey?: string;
  baseUrl?: string;
  /** Sent with each call, e.g. the organization it is billed to; no secrets. */
  headers?: Readonly<Record<string, string>>;
}

/** `fetch` that adds the headers of a credential to each request. */
export function fetchAs(
  credential: ProviderCredential | null,
  fetch: typeof globalThis.fetch,
): typeof globalThis.fetch {
  const own = credential?.headers;
  if (own === undefined) return fetch;
  return (input, init) => {
    const headers = Object.fromEntries(new Headers(init?.headers));
    return fetch(input, { ...init, headers: { ...headers, ...own } });
  };
}

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

/** Key and normal base URL for a call. Throws `providers.credential.missing` and `providers.credential.base_url_invalid`. */
export function checkCredential(
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

/** The error for a provider that lacks its key or its URL. */
export function credentialMissing(
  provider: ProviderRow,
  missing: 'api_key' | 'base_url',
): PlatformError {
  const [what, names] =
    missing === 'api_key'
      ? (['an API key', provider.env.apiKey] as const)
      : (['a base URL', provider.env.baseUrl] as const);
  const variable = names.length === 0 ? '' : `, or set ${names[0]} and restart`;
  return new PlatformError({
    code: 'providers.credential.missing',
    kind: 'invalid-input',
    message: `${provider.name} needs ${what}. Store it with \`automatos credentials create\`${variable}.`,
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
