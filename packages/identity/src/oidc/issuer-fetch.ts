import { issuerUnavailable } from './oidc-errors.ts';

/** A request within bounds, to public addresses and to the hosts of the configured issuers only. Filled by the composition. */
export type IssuerFetch = (
  url: string,
  request: {
    method: string;
    headers: Record<string, string>;
    body?: string;
    signal?: AbortSignal;
    timeoutMs: number;
    bytesMax: number;
    redirectsMax: number;
  },
) => Promise<{ status: number; headers: Record<string, string>; body: Uint8Array }>;

const TIMEOUT_MS = 5_000;
const BYTES_MAX = 256 * 1024;
/** Statuses whose answers have no body. */
const EMPTY = new Set([204, 205, 304]);

/**
 * The same in the form that libraries call. Redirects are refused: an issuer's addresses are exact. Throws
 * `identity.issuer.unavailable` when there is no answer.
 */
export function toStandardFetch(send: IssuerFetch) {
  return async (
    url: string,
    init: {
      method?: string | undefined;
      headers?: Headers | Record<string, string> | undefined;
      body?: unknown;
      signal?: AbortSignal | undefined;
    },
  ): Promise<Response> => {
    const { method = 'GET', headers, body, signal } = init;
    if (body !== undefined && body !== null && !isText(body))
      throw new TypeError('Only text is sent to issuers.');
    const { status, ...answer } = await send(url, {
      method,
      headers: Object.fromEntries(new Headers(headers)),
      ...(isText(body) ? { body: String(body) } : {}),
      ...(signal === undefined ? {} : { signal }),
      timeoutMs: TIMEOUT_MS,
      bytesMax: BYTES_MAX,
      redirectsMax: 0,
    }).catch((error: unknown) => {
      throw issuerUnavailable(new URL(url).host, error);
    });
    // The body came decoded and whole.
    const { 'content-encoding': _, 'content-length': __, ...kept } = answer.headers;
    const content = EMPTY.has(status) ? null : new Uint8Array(answer.body);
    return new Response(content, { status, headers: kept });
  };
}

function isText(body: unknown): body is string | URLSearchParams {
  return typeof body === 'string' || body instanceof URLSearchParams;
}
