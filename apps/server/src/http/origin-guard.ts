import { PlatformError } from '@automatos/kernel';

type Headers = Readonly<Record<string, string | undefined>>;

/** What pages of other origins may read; the last six say how a model call was routed. */
const EXPOSED = [
  'X-Request-ID',
  'ETag',
  'Retry-After',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'Idempotency-Replayed',
  'X-Automatos-Provider',
  'X-Automatos-Model',
  'X-Automatos-Cost-Micros',
  'X-Automatos-Cache',
  'X-Automatos-Attempts',
  'X-Automatos-Run-Id',
].join(', ');
const ALLOWED =
  'Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-API-Key, X-Request-ID, X-Workspace-ID';

/** CORS headers for an allowed foreign origin; none for others, so that browsers withhold the answer. */
export function corsHeaders(
  headers: Headers,
  allowedOrigins: readonly string[],
): Record<string, string> {
  const { origin } = headers;
  if (origin === undefined || !allowedOrigins.includes(origin)) return { vary: 'Origin' };
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': EXPOSED,
  };
}

/** CORS headers for the page of a browser key: it reads answers that its key opens, and never sends cookies. */
export function keyCorsHeaders(origin: string): Record<string, string> {
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-expose-headers': EXPOSED,
  };
}

export function preflightHeaders(): Record<string, string> {
  return {
    'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
    'access-control-allow-headers': ALLOWED,
    'access-control-max-age': '600',
  };
}

/** True when a browser page of this site, or of an allowed one, sent the request. */
export function isOwnOrigin(headers: Headers, allowedOrigins: readonly string[]): boolean {
  const { origin, host } = headers;
  if (origin !== undefined && allowedOrigins.includes(origin)) return true;
  // Browsers set this one themselves; it holds also behind a proxy that changes Host.
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

/**
 * Refuses writes that another site made a browser send. With a cookie the browser has to say that the page is ours;
 * without credentials (sign-in, sign-up) only a stated foreign origin is refused, as scripts state none. A key or token in a
 * header was put there by who sent it: no browser adds one by itself.
 */
export function refuseForeignWrite(
  request: { method: string; headers: Headers; proof: 'cookie' | 'header' | 'none' },
  allowedOrigins: readonly string[],
): void {
  if (request.method === 'GET' || request.method === 'HEAD' || request.proof === 'header') return;
  const { headers } = request;
  const saysNothing = headers['origin'] === undefined && headers['sec-fetch-site'] === undefined;
  if (isOwnOrigin(headers, allowedOrigins) || (saysNothing && request.proof === 'none')) return;
  throw new PlatformError({
    code: 'http.origin.forbidden',
    kind: 'forbidden',
    message:
      "This write came from another site. Use the product's own pages, or an API key; operators allow origins with CORS_ALLOW_ORIGINS.",
    internalMessage: `origin ${headers['origin'] ?? 'none'}, host ${headers['host'] ?? 'none'}, sec-fetch-site ${headers['sec-fetch-site'] ?? 'none'}`,
  });
}
