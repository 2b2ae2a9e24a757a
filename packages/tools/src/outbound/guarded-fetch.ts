import { isPlatformError } from '@automatos/kernel';
import { fetch as undiciFetch } from 'undici';
import { toolError } from '../tool-error.ts';
import {
  createPublicConnections,
  type NameLookup,
  type PublicConnections,
} from './public-address.ts';

export interface GuardedRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  signal?: AbortSignal;
  /** Whole time until the body is read, in ms. Default 20,000. */
  timeoutMs?: number;
  /** Body bytes kept; the rest is dropped and `truncated` set. Default 1 MB. */
  bytesMax?: number;
  /** Default 5. */
  redirectsMax?: number;
}

export interface GuardedResponse {
  status: number;
  headers: Record<string, string>;
  /** Where the answer came from after redirects. */
  url: string;
  redirects: string[];
  body: Uint8Array;
  truncated: boolean;
}

/** Requests a URL and reads its body within bounds. Throws `tools.network.*`. */
export type GuardedFetch = (url: string, request?: GuardedRequest) => Promise<GuardedResponse>;

function parseUrl(text: string, base?: string): URL {
  const url = URL.parse(text, base);
  if (url === null)
    throw toolError(
      'tools.network.url_invalid',
      'invalid-input',
      `"${text.slice(0, 200)}" is not an absolute URL such as https://example.com/path.`,
    );
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw toolError(
      'tools.network.scheme_denied',
      'invalid-input',
      `"${url.protocol}" URLs are refused; use http or https.`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw toolError(
      'tools.network.url_invalid',
      'invalid-input',
      'A URL must not carry a user name or password; send an authorization header.',
    );
  }
  return url;
}

async function readBody(
  body: AsyncIterable<Uint8Array> | null,
  bytesMax: number,
): Promise<{ body: Uint8Array; truncated: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (body === null) return { body: new Uint8Array(), truncated: false };
  for await (const chunk of body) {
    const room = bytesMax - size;
    if (chunk.length > room) {
      chunks.push(chunk.subarray(0, room));
      return { body: Buffer.concat(chunks), truncated: true }; // leaving the loop cancels the stream
    }
    chunks.push(chunk);
    size += chunk.length;
  }
  return { body: Buffer.concat(chunks), truncated: false };
}

function toNetworkError(
  error: unknown,
  host: string,
  signals: { caller: AbortSignal | undefined; timer: AbortSignal; timeoutMs: number },
): unknown {
  if (isPlatformError(error)) return error;
  if (signals.caller?.aborted === true) return signals.caller.reason;
  if (signals.timer.aborted)
    return toolError(
      'tools.network.timeout',
      'timeout',
      `"${host}" did not answer within ${signals.timeoutMs} ms.`,
    );
  const cause = error instanceof Error ? error.cause : undefined;
  if (isPlatformError(cause)) return cause;
  const why =
    cause instanceof Error
      ? cause.message
      : error instanceof Error
        ? error.message
        : 'unknown reason';
  return toolError('tools.network.failed', 'upstream-failed', {
    message: `The request to "${host}" failed: ${why.slice(0, 200)}.`,
    cause: error,
  });
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** What may not travel to another origin. */
const CREDENTIAL_HEADERS = new Set([
  'authorization',
  'cookie',
  'proxy-authorization',
  'x-api-key',
  'idempotency-key',
]);

/** Where a redirect leads. Throws for what is no URL to request, and for one that would leave an encrypted way. */
export function redirectTarget(from: URL, location: string): URL {
  const target = parseUrl(location, from.href);
  if (from.protocol === 'https:' && target.protocol === 'http:') {
    throw toolError(
      'tools.network.redirect_unencrypted',
      'upstream-failed',
      `"${from.host}" redirected from https to http, which anybody on the way could read and change.`,
    );
  }
  return target;
}

interface Hop {
  url: URL;
  method: string;
  headers: Record<string, string>;
  body: string | Uint8Array | undefined;
}

/** The next request of a redirect, as browsers do it: 303 (and POST on 301/302) becomes GET; credentials stay at their origin. */
function nextHop(hop: Hop, status: number, target: URL): Hop {
  const toGet = status === 303 || ((status === 301 || status === 302) && hop.method === 'POST');
  const keep = target.origin === hop.url.origin;
  const headers = Object.entries(hop.headers).filter(
    ([name]) => keep || !CREDENTIAL_HEADERS.has(name.toLowerCase()),
  );
  const plain = toGet
    ? headers.filter(([name]) => !name.toLowerCase().startsWith('content-'))
    : headers;
  return {
    url: target,
    method: toGet ? 'GET' : hop.method,
    headers: Object.fromEntries(plain),
    body: toGet ? undefined : hop.body,
  };
}

export interface GuardedFetchOptions {
  /** `host`, `host:port`, addresses and networks that may be reached although private. */
  allow: readonly string[];
  /** Default: the system's. */
  lookup?: NameLookup;
}

/** A guarded fetch with its own connections; close it to let the process end. */
export interface ClosableFetch {
  fetch: GuardedFetch;
  /** Address to connect to for a host, for protocols other than HTTP. Throws `tools.network.address_denied`. */
  resolve(host: string, port: number): Promise<string>;
  close(): Promise<void>;
}

interface Exchange {
  connections: PublicConnections;
  request: GuardedRequest;
  signal: AbortSignal;
}

function send(hop: Hop, { connections, signal }: Exchange) {
  connections.assertReachable(hop.url);
  return undiciFetch(hop.url, {
    method: hop.method,
    headers: hop.headers,
    ...(hop.body === undefined ? {} : { body: hop.body }),
    redirect: 'manual',
    dispatcher: connections.dispatcher,
    signal,
  });
}

async function follow(first: Hop, exchange: Exchange): Promise<GuardedResponse> {
  const { request } = exchange;
  const redirects: string[] = [];
  let hop = first;
  for (;;) {
    const response = await send(hop, exchange);
    const location = response.headers.get('location');
    if (!REDIRECTS.has(response.status) || location === null) {
      const body = response.body as AsyncIterable<Uint8Array> | null;
      const read = await readBody(body, request.bytesMax ?? 1024 * 1024);
      const headers = Object.fromEntries(response.headers);
      return { status: response.status, headers, url: hop.url.href, redirects, ...read };
    }
    await response.body?.cancel();
    if (redirects.length >= (request.redirectsMax ?? 5)) {
      const message = `"${first.url.host}" redirected more than ${redirects.length} times.`;
      throw toolError('tools.network.redirects_exceeded', 'upstream-failed', message);
    }
    hop = nextHop(hop, response.status, redirectTarget(hop.url, location));
    redirects.push(hop.url.href);
  }
}

/**
 * Makes the only way out for tools: http(s) only, no private, loopback, link-local or metadata address (checked on
 * the literal, and again on what DNS answered when connecting), each redirect checked anew, bounded time and size.
 */
export function createGuardedFetch(options: GuardedFetchOptions): ClosableFetch {
  const connections = createPublicConnections(options.allow, options.lookup);
  return {
    async fetch(address, request = {}) {
      const url = parseUrl(address);
      const timeoutMs = request.timeoutMs ?? 20_000;
      const timer = AbortSignal.timeout(timeoutMs);
      const signal =
        request.signal === undefined ? timer : AbortSignal.any([timer, request.signal]);
      const method = (request.method ?? 'GET').toUpperCase();
      const first: Hop = { url, method, headers: request.headers ?? {}, body: request.body };
      try {
        return await follow(first, { connections, request, signal });
      } catch (error) {
        throw toNetworkError(error, url.host, { caller: request.signal, timer, timeoutMs });
      }
    },
    resolve: (host, port) => connections.resolve(host, port),
    close: () => connections.close(),
  };
}
