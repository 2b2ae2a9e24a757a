import type { UsedCredential } from '../use-credentials.ts';
import type { VendorFacts } from './access-ports.ts';
import { failed, judged, passed, send, textOf, withoutSlash } from './outcome.ts';
import type { Access, Outcome, TestRequest } from './outcome.ts';

const VENDOR_OF: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  google_ai: 'google',
  openai_compatible: 'openai-compatible',
  ollama: 'ollama',
};

/** Lists that stand elsewhere than `/models` of the base URL. */
const LISTS: Readonly<Record<string, (base: string) => string>> = {
  cohere: (base) => `${base.replace(/\/v2$/, '')}/v1/models`,
  replicate: (base) => `${base}/account`,
};

/** Vendors without a list, or whose list anybody may read, so that it says nothing about the key. */
const ASKED_FOR_A_TOKEN: Readonly<
  Record<string, (model: string) => { path: string; body: object }>
> = {
  ai21: chat,
  huggingface: chat,
  perplexity: (model) => ({
    path: '/responses',
    body: { model, input: 'Hi', max_output_tokens: 16 },
  }),
};

function chat(model: string) {
  return {
    path: '/chat/completions',
    body: { model, messages: [{ role: 'user', content: 'Hi' }], max_tokens: 1 },
  };
}

/** Lists the models of a vendor with the key, or asks for one token where that proves nothing. */
export async function testModelVendor(
  access: Access,
  { type, fields, secrets }: UsedCredential,
): Promise<Outcome> {
  const id = VENDOR_OF[type] ?? textOf(fields, 'provider');
  const vendor = access.vendor(id);
  if (vendor === undefined) return failed('vendor_unknown', `There is no vendor "${id}" here.`);
  const base = baseOf(vendor, id, textOf(fields, 'base_url'));
  if (base === '') return failed('base_url_missing', `${vendor.name} needs a base URL.`);
  const headers = { ...headersOf(fields), ...authHeaders(vendor, textOf(secrets, 'api_key')) };
  const request = requestOf(id, vendor, base);
  const { status, json } = await send(access, {
    ...request,
    headers: { ...headers, ...request.headers },
  });
  // Google says 400 to keys it does not know.
  if (status === 400 && id === 'google') return judged(401);
  if (status < 200 || status >= 300) return judged(status);
  const count = modelsIn(json);
  if (request.body !== undefined) return passed(`${vendor.name} answered with the key.`);
  return passed(
    count === null ? `${vendor.name} accepts the key.` : `${vendor.name} lists ${count} models.`,
  );
}

function baseOf(vendor: VendorFacts, id: string, given: string): string {
  const base = withoutSlash(given === '' ? (vendor.baseUrl ?? '') : given);
  const isBare = URL.parse(base)?.pathname === '/';
  return isBare && (id === 'ollama' || id === 'anthropic') ? `${base}/v1` : base;
}

function requestOf(id: string, vendor: VendorFacts, base: string): TestRequest {
  const token = ASKED_FOR_A_TOKEN[id];
  if (token === undefined || vendor.defaultModel === null)
    return { url: LISTS[id]?.(base) ?? `${base}/models` };
  const { path, body } = token(vendor.defaultModel);
  return {
    url: `${base}${path}`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

function headersOf(fields: UsedCredential['fields']): Record<string, string> {
  const given = fields['headers'];
  const organization = textOf(fields, 'organization');
  return {
    ...(typeof given === 'object' ? given : {}),
    ...(organization === '' ? {} : { 'openai-organization': organization }),
  };
}

function authHeaders(vendor: VendorFacts, key: string): Record<string, string> {
  if (key === '') return {};
  if (vendor.auth === 'x-api-key') return { 'x-api-key': key, 'anthropic-version': '2023-06-01' };
  if (vendor.auth === 'x-goog-api-key') return { 'x-goog-api-key': key };
  return { authorization: `Bearer ${key}` };
}

function modelsIn(json: unknown): number | null {
  const { data, models } = (json ?? {}) as { data?: unknown; models?: unknown };
  const list = Array.isArray(json) ? json : (data ?? models);
  return Array.isArray(list) ? list.length : null;
}
