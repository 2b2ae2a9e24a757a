import { PlatformError } from '@automatos/kernel';

type Headers = Readonly<Record<string, string | undefined>>;

const EXPOSED =
  'X-Request-ID, ETag, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Idempotency-Replayed';
const ALLOWED =
  'Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-API-Key, X-Request-ID, X-Workspace-ID';

/** CORS headers for an allowed foreign origin; none for others, so that browsers withhold the answer. */
export function corsHeaders(
  headers: Headers,
  allowedOrigins: readonly string[],
): Record<string, string> {
  if (allowedOrigins.length === 0) return {};
  const { origin } = headers;
  if (origin === undefined || !allowedOrigins.includes(origin)) return { vary: 'Origin' };
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
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
 * without credentials (sign-in, sign-up) only a stated foreign origin is refused, as scripts state none.
 */
export function refuseForeignWrite(
  request: { method: string; headers: Headers; viaCookie: boolean },
  allowedOrigins: readonly string[],
): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const { headers } = request;
  const saysNothing = headers['origin'] === undefined && headers['sec-fetch-site'] === undefined;
  if (isOwnOrigin(headers, allowedOrigins) || (saysNothing && !request.viaCookie)) return;
  throw new PlatformError({
    code: 'http.origin.forbidden',
    kind: 'forbidden',
    message:
      "This write came from another site. Use the product's own pages, or an API key; operators allow origins with CORS_ALLOW_ORIGINS.",
    internalMessage: `origin ${headers['origin'] ?? 'none'}, host ${headers['host'] ?? 'none'}, sec-fetch-site ${headers['sec-fetch-site'] ?? 'none'}`,
  });
}
