import { APICallError, TypeValidationError } from '@ai-sdk/provider';
import { PlatformError, isJsonObject, isPlatformError } from '@automatos/kernel';
import type { ErrorKind } from '@automatos/kernel';
import type { ProvidersErrorCode } from '../error-codes.ts';
import { readRetryAfter } from './read-retry-after.ts';
import { redactSecrets } from './redact.ts';
import { meaningOf } from './vendor-rules.ts';
import type { FailureMeaning } from './vendor-rules.ts';

export interface FailureContext {
  provider: string;
  providerName: string;
  model: string;
  /** Only to take it out of messages. */
  apiKey: string | undefined;
  nowMs: number;
  /** True once a part of the answer had arrived. */
  answerBegan: boolean;
}

interface Verdict {
  code: ProvidersErrorCode;
  kind: ErrorKind;
  retryable: boolean;
  /** This credential or model is unusable now: what a circuit breaker may open on. */
  opensCircuit: boolean;
  say: (context: FailureContext) => string;
}

const VERDICTS: Record<FailureMeaning, Verdict> = {
  credential: {
    code: 'providers.credential.rejected',
    kind: 'upstream-failed',
    retryable: false,
    opensCircuit: true,
    say: (c) =>
      `${c.providerName} refused the API key for "${c.model}". Check the key and its permissions in the provider settings.`,
  },
  'no-credit': {
    code: 'providers.call.no_credit',
    kind: 'limit-reached',
    retryable: false,
    opensCircuit: true,
    say: (c) =>
      `The ${c.providerName} account has no credit or quota left. Top it up, or choose another provider.`,
  },
  'rate-limited': {
    code: 'providers.call.rate_limited',
    kind: 'rate-limited',
    retryable: true,
    opensCircuit: false,
    say: (c) => `${c.providerName} limits the rate of requests for "${c.model}". Wait and retry.`,
  },
  overloaded: {
    code: 'providers.call.overloaded',
    kind: 'unavailable',
    retryable: true,
    opensCircuit: false,
    say: (c) => `${c.providerName} is overloaded right now. Retry, or choose another provider.`,
  },
  'context-overflow': {
    code: 'providers.context.overflow',
    kind: 'invalid-input',
    retryable: false,
    opensCircuit: false,
    say: (c) =>
      `The request does not fit into the context of "${c.model}" (${c.providerName}). Send less text, ask for fewer output tokens, or choose a model with a larger context.`,
  },
  'model-unavailable': {
    code: 'providers.model.unavailable',
    kind: 'upstream-failed',
    retryable: false,
    opensCircuit: true,
    say: (c) =>
      `${c.providerName} does not offer the model "${c.model}" to this key, or the base URL is wrong.`,
  },
  rejected: {
    code: 'providers.call.rejected',
    kind: 'upstream-failed',
    retryable: false,
    opensCircuit: false,
    say: (c) => `${c.providerName} refused the request to "${c.model}" as invalid.`,
  },
  upstream: {
    code: 'providers.call.upstream_error',
    kind: 'upstream-failed',
    retryable: true,
    opensCircuit: false,
    say: (c) =>
      `${c.providerName} failed while answering with "${c.model}". Retry, or choose another provider.`,
  },
};

/** Turns whatever a model call threw into the one typed error; retryability is decided here and nowhere else. Secrets are taken out. */
export function classifyFailure(error: unknown, context: FailureContext): PlatformError {
  if (isPlatformError(error)) return error;
  const refused = refusedConnection(error);
  if (refused !== undefined) return refused;
  if (APICallError.isInstance(error)) return classifyCallError(error, context);
  if (!(error instanceof Error))
    return isJsonObject(error)
      ? classifyErrorEvent(error, context)
      : classifyErrorEvent({ message: messageOf(error) }, context);
  const event = errorEventIn(error);
  if (event !== undefined) return classifyErrorEvent(event, context);
  const { name } = error;
  if (
    /AI_(JSONParse|TypeValidation|InvalidResponseData|EmptyResponseBody|NoContentGenerated)Error/.test(
      name,
    )
  ) {
    return context.answerBegan && /without a finish reason/.test(error.message)
      ? streamCut(context, error)
      : malformed(context, error);
  }
  return isNetworkError(error) ? networkFailure(context, error) : malformed(context, error);
}

/** Our own refusal to connect, which fetch and the codecs wrap. */
function refusedConnection(error: unknown): PlatformError | undefined {
  let cause = error;
  for (let depth = 0; depth < 5 && cause instanceof Error; depth += 1) {
    if (isPlatformError(cause) && cause.code === 'providers.address.denied') return cause;
    cause = cause.cause;
  }
  return undefined;
}

/** An error event of the vendor that its codec did not know and refused as a chunk of another form. */
function errorEventIn(error: Error): Record<string, unknown> | undefined {
  if (!TypeValidationError.isInstance(error) || !isJsonObject(error.value)) return undefined;
  const { value } = error;
  return 'error' in value || value['object'] === 'error' ? value : undefined;
}

/** The stream ended or broke before the answer was complete. */
export function streamCut(context: FailureContext, cause?: unknown): PlatformError {
  return build(context, cause, {
    code: 'providers.call.stream_cut',
    kind: 'upstream-failed',
    retryable: true,
    message: `The stream of ${context.providerName} ended before the answer of "${context.model}" was complete. What had arrived is discarded; retry.`,
  });
}

/** The answer is not in the form of its wire. */
export function malformed(context: FailureContext, cause?: unknown): PlatformError {
  return build(context, cause, {
    code: 'providers.answer.malformed',
    kind: 'upstream-failed',
    retryable: true,
    message: `${context.providerName} sent an answer that is not in the form of its API (model "${context.model}"). Check the base URL if this persists.`,
  });
}

function classifyCallError(error: APICallError, context: FailureContext): PlatformError {
  const status = error.statusCode;
  if (status === undefined)
    return /redirect/i.test(`${error.message} ${messageOf(error.cause)}`)
      ? redirected(context, error)
      : networkFailure(context, error);
  if (status >= 200 && status < 300)
    return isNetworkError(error.cause) ? streamCut(context, error) : malformed(context, error);
  if (status >= 300 && status < 400) return redirected(context, error);
  const headers = lowerKeys(error.responseHeaders ?? {});
  const body = (error.responseBody ?? '').slice(0, 20_000);
  const vendor = readVendorError(body, error.message);
  const retryAfterMs = readRetryAfter(headers, body, context.nowMs);
  const meaning = meaningOf({
    provider: context.provider,
    status,
    code: vendor.code,
    message: vendor.message.toLowerCase(),
    hasRetryAfter: retryAfterMs !== undefined,
    body,
  });
  return fromMeaning(meaning, context, {
    status,
    vendor,
    retryAfterMs,
    requestId: headers['x-request-id'] ?? headers['request-id'],
    cause: error,
  });
}

interface Found {
  status?: number;
  vendor: { code: string; message: string };
  retryAfterMs?: number | undefined;
  requestId?: string | undefined;
  cause: unknown;
}

function fromMeaning(
  meaning: FailureMeaning,
  context: FailureContext,
  found: Found,
): PlatformError {
  const verdict = VERDICTS[meaning];
  const said = redactSecrets(found.vendor.message, context.apiKey);
  const quotes =
    (meaning === 'rejected' || meaning === 'context-overflow') &&
    said !== '' &&
    !said.startsWith('<');
  // A careless vendor repeats the key in any part of its answer.
  const vendorCode = /^[\w.-]{1,64}(?=\s|$)/.exec(
    redactSecrets(found.vendor.code, context.apiKey),
  )?.[0];
  return new PlatformError({
    code: verdict.code,
    kind: verdict.kind,
    retryable: verdict.retryable,
    message: quotes ? `${verdict.say(context)} It said: ${said}` : verdict.say(context),
    internalMessage: said,
    ...(found.retryAfterMs === undefined ? {} : { retryAfterMs: found.retryAfterMs }),
    details: {
      provider: context.provider,
      model: context.model,
      opens_circuit: verdict.opensCircuit,
      ...(found.status === undefined ? {} : { status: found.status }),
      ...(vendorCode === undefined ? {} : { vendor_code: vendorCode }),
      ...(found.requestId === undefined
        ? {}
        : { vendor_request_id: redactSecrets(found.requestId, context.apiKey, 100) }),
    },
  });
}

/** Error object of a vendor inside a running stream (HTTP 200): only its code tells what it means. */
function classifyErrorEvent(
  event: Record<string, unknown>,
  context: FailureContext,
): PlatformError {
  const vendor = readVendorError(JSON.stringify(event), '');
  const name = `${vendor.code} ${vendor.message}`.toLowerCase();
  let meaning: FailureMeaning = 'upstream';
  if (/overload|unavailable|capacity/.test(name)) meaning = 'overloaded';
  else if (/rate_limit|resource_exhausted/.test(name)) meaning = 'rate-limited';
  else if (/billing|credit|quota|spend_limit/.test(name)) meaning = 'no-credit';
  else if (/authentication|permission_error|invalid_api_key/.test(name)) meaning = 'credential';
  else if (/context_length|prompt is too long/.test(name)) meaning = 'context-overflow';
  else if (/invalid_request/.test(name)) meaning = 'rejected';
  return fromMeaning(meaning, context, { vendor, cause: event });
}

function networkFailure(context: FailureContext, error: unknown): PlatformError {
  if (context.answerBegan) return streamCut(context, error);
  return build(context, error, {
    code: 'providers.call.unreachable',
    kind: 'unavailable',
    retryable: true,
    message: `${context.providerName} could not be reached for "${context.model}". Check the network and the base URL.`,
  });
}

function redirected(context: FailureContext, error: unknown): PlatformError {
  return build(context, error, {
    code: 'providers.call.redirected',
    kind: 'upstream-failed',
    retryable: false,
    message: `The base URL of ${context.providerName} answers with a redirect. Redirects are not followed, because the key would travel along: set the final URL.`,
  });
}

function build(
  context: FailureContext,
  cause: unknown,
  verdict: { code: ProvidersErrorCode; kind: ErrorKind; retryable: boolean; message: string },
): PlatformError {
  return new PlatformError({
    ...verdict,
    internalMessage: redactSecrets(deepMessage(cause), context.apiKey),
    details: { provider: context.provider, model: context.model, opens_circuit: false },
  });
}

/**
 * Code and message of the error forms of the wires: `{error: {code, type, status, message}}`, `{type, message}`, `{detail}`,
 * `{error: text}`, Writer's list, a list of one.
 */
function readVendorError(body: string, fallback: string): { code: string; message: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return { code: '', message: fallback };
  }
  const top = Array.isArray(parsed) ? (parsed as unknown[])[0] : parsed;
  if (!isJsonObject(top)) return { code: '', message: fallback };
  const response = isJsonObject(top['response']) ? top['response'] : top;
  const inner = isJsonObject(response['error']) ? response['error'] : response;
  const writer = writerError(response);
  const code = [inner['code'], inner['type'], inner['status'], writer?.code]
    .filter((part) => typeof part === 'string')
    .join(' ');
  const message = [inner['message'], inner['detail'], top['error'], writer?.message].find(
    (part) => typeof part === 'string',
  );
  return {
    code: code.split(' ')[0] === 'error' ? code.slice(6) : code,
    message: message ?? fallback,
  };
}

/** Writer's form: `{tpe, errors: [{description, key}]}`. */
function writerError(body: Record<string, unknown>): { code: unknown; message: unknown } | null {
  const first: unknown = Array.isArray(body['errors']) ? body['errors'][0] : undefined;
  return isJsonObject(first) ? { code: body['tpe'], message: first['description'] } : null;
}

const NETWORK =
  /ECONN|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|UND_ERR|socket|terminated|fetch failed|other side closed|network/i;

function isNetworkError(error: unknown): boolean {
  return NETWORK.test(deepMessage(error));
}

function deepMessage(error: unknown): string {
  const parts: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < 4 && current !== undefined && current !== null; depth += 1) {
    parts.push(messageOf(current));
    if (current instanceof Error && 'code' in current) parts.push(String(current.code));
    current = current instanceof Error ? current.cause : undefined;
  }
  return parts.join(' ');
}

function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  if (typeof error === 'string') return error;
  return isJsonObject(error) && typeof error['message'] === 'string' ? error['message'] : '';
}

function lowerKeys(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]),
  );
}
