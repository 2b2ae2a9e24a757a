import type { Reply, RouteSpec, SetCookie } from '@automatos/contracts';
import { PlatformError } from '@automatos/kernel';
import { stringifySetCookie } from 'cookie';

/** An answer ready for the wire; `body` null means none. */
export interface WireAnswer {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array | null;
  cookies: string[];
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** Turns a handler's reply into bytes. Fields that the contract does not name are left out; a missing one is our fault. */
export function toWireAnswer(spec: RouteSpec, reply: Reply<unknown>, overTls: boolean): WireAnswer {
  const status = reply.status ?? spec.status ?? 200;
  const headers: Record<string, string> = { ...lowerCase(reply.headers) };
  if (reply.etag !== undefined) headers['etag'] = `"${reply.etag}"`;
  const cookies = (reply.cookies ?? []).map((cookie) => serializeCookie(cookie, overTls));
  if (reply.bytes !== undefined) {
    headers['content-type'] = reply.bytes.contentType;
    if (reply.bytes.filename !== undefined)
      headers['content-disposition'] = attachment(reply.bytes.filename);
    return { status, headers, body: reply.bytes.content, cookies };
  }
  if (spec.response === undefined) return { status, headers, body: null, cookies };
  headers['content-type'] = JSON_TYPE;
  return { status, headers, body: serializeBody(spec, reply.body), cookies };
}

function serializeBody(spec: RouteSpec, body: unknown): string {
  const result = spec.response?.safeParse(body);
  if (result?.success === true) return JSON.stringify(result.data);
  const places = result?.error.issues
    .slice(0, 5)
    .map((issue) => `/${issue.path.map(String).join('/')} ${issue.message}`);
  throw new PlatformError({
    code: 'http.response.invalid',
    kind: 'internal',
    message:
      'The server made an answer that its contract forbids; the log line with this request id says where.',
    internalMessage: `${spec.operationId}: ${places?.join('; ') ?? 'no schema'}`,
  });
}

function serializeCookie(cookie: SetCookie, overTls: boolean): string {
  return stringifySetCookie({
    name: cookie.name,
    value: cookie.value,
    path: '/',
    sameSite: 'lax',
    httpOnly: cookie.httpOnly ?? true,
    secure: overTls,
    maxAge: cookie.maxAge,
  });
}

/** RFC 6266: a plain name for old clients, the true one beside it. */
function attachment(filename: string): string {
  const plain = filename.replaceAll(/[^\w.-]+/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(filename)}`;
}

function lowerCase(headers: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

/** True when the client's copy is the current one (RFC 9110 §13.1.2, weak comparison). */
export function isNotModified(ifNoneMatch: string | undefined, etag: string | undefined): boolean {
  if (ifNoneMatch === undefined || etag === undefined) return false;
  return ifNoneMatch
    .split(',')
    .some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}
