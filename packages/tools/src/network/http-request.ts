import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { toolError } from '../tool-error.ts';

const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
/** Set by the connection itself; a caller that sets them could smuggle a second request. */
const REFUSED_HEADERS = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'keep-alive',
  'proxy-connection',
]);

const input = z.strictObject({
  url: z.string().min(1).max(4096).describe('http or https URL of a public address'),
  method: z.enum(METHODS).default('GET'),
  headers: z
    .record(
      z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'not a header name'),
      z
        .string()
        .max(4096)
        .regex(/^[\t\u0020-\u007e\u0080-\u00ff]*$/, 'a header value must be one line'),
    )
    .default({}),
  body: z.string().max(500_000).optional(),
  json: z.json().optional().describe('Sent as JSON instead of body'),
  timeout_ms: z.int().min(100).max(60_000).default(20_000),
  bytes_max: z
    .int()
    .min(1)
    .max(2_000_000)
    .default(200_000)
    .describe('Most bytes of the answer to keep'),
});
const output = z.object({
  status: z.int(),
  ok: z.boolean(),
  url: z.string(),
  redirects: z.array(z.string()),
  headers: z.record(z.string(), z.string()),
  content_type: z.string().nullable(),
  text: z.string().nullable(),
  json: z.unknown().optional(),
  bytes: z.int(),
  truncated: z.boolean(),
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the text is given anyway
  }
}

function isText(contentType: string | null, body: Uint8Array): boolean {
  if (
    contentType !== null &&
    /^(?:text\/|application\/(?:[\w.+-]*(?:json|xml|javascript|yaml)|x-www-form-urlencoded))/i.test(
      contentType,
    )
  )
    return true;
  return !body.subarray(0, 8192).includes(0) && contentType === null;
}

/** Secrets that servers hand back must not travel into prompts and logs. */
function shownHeaders(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name !== 'set-cookie' && name !== 'set-cookie2')
      .slice(0, 60)
      .map(([name, value]) => [name, value.slice(0, 500)]),
  );
}

/** A body that would not be sent must not look as if it were. */
function assertBody(
  { method, body, json }: { method: string; body?: unknown; json?: unknown },
  isSafe: boolean,
): void {
  const both = body !== undefined && json !== undefined;
  const unsent = isSafe && (body !== undefined || json !== undefined);
  if (!both && !unsent) return;
  throw toolError('tools.arguments.invalid', 'invalid-input', {
    message: both
      ? 'Give "body" or "json", not both.'
      : `A ${method} request carries no body; use another method, or put the values into the URL.`,
    errors: [{ pointer: body === undefined ? '/json' : '/body', message: 'not sent' }],
  });
}

const REPEATABLE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

export const httpRequest = defineTool({
  name: 'http_request',
  title: 'HTTP request',
  description:
    'Sends one HTTP request to a public address and gives status, headers and text. Methods other than GET, HEAD and OPTIONS change things and carry an idempotency key.',
  group: 'network',
  input,
  output,
  capabilities: ['read', 'network', 'write'],
  actions: {
    GET: ['read', 'network'],
    HEAD: ['read', 'network'],
    OPTIONS: ['read', 'network'],
    POST: ['network', 'write'],
    PUT: ['network', 'write'],
    PATCH: ['network', 'write'],
    DELETE: ['network', 'write', 'destructive'],
  },
  actionOf: (request) => request.method,
  timeoutMs: 65_000,
  // A retry of a POST is safe only where the server honours the key, which nobody can promise.
  idempotent: false,
  // HTTP itself promises that these may be sent again (RFC 9110 §9.2.2).
  repeatable: (request) => {
    const method = (request as { method?: unknown } | null)?.method ?? 'GET';
    return typeof method === 'string' && REPEATABLE_METHODS.has(method);
  },
  isolation: 'inline',
  keywords: ['web', 'api', 'fetch', 'download', 'call'],
  async run(request, env) {
    const refused = Object.keys(request.headers).find((name) =>
      REFUSED_HEADERS.has(name.toLowerCase()),
    );
    if (refused !== undefined) {
      throw toolError('tools.arguments.invalid', 'invalid-input', {
        message: `The header "${refused}" is set by the connection and may not be given.`,
        errors: [{ pointer: `/headers/${refused}`, message: 'not allowed' }],
      });
    }
    const isSafe = ['GET', 'HEAD', 'OPTIONS'].includes(request.method);
    assertBody(request, isSafe);
    const body = isSafe
      ? undefined
      : (request.body ?? (request.json === undefined ? undefined : JSON.stringify(request.json)));
    const headers = {
      'user-agent': 'Automatos/0.1',
      ...(request.json === undefined || body === undefined
        ? {}
        : { 'content-type': 'application/json' }),
      ...request.headers,
      ...(isSafe ? {} : { 'idempotency-key': env.idempotencyKey }),
    };
    const response = await env.fetch(request.url, {
      method: request.method,
      headers,
      ...(body === undefined ? {} : { body }),
      timeoutMs: request.timeout_ms,
      bytesMax: request.bytes_max,
      signal: env.signal,
    });
    const contentType = response.headers['content-type'] ?? null;
    const text = isText(contentType, response.body)
      ? new TextDecoder().decode(response.body)
      : null;
    const json =
      text !== null && !response.truncated && /json/i.test(contentType ?? '')
        ? parseJson(text)
        : undefined;
    return {
      output: {
        status: response.status,
        ok: response.status >= 200 && response.status < 300,
        url: response.url,
        redirects: response.redirects,
        headers: shownHeaders(response.headers),
        content_type: contentType,
        text: json === undefined ? text : null,
        ...(json === undefined ? {} : { json }),
        bytes: response.body.length,
        truncated: response.truncated,
      },
      summary: `${request.method} ${new URL(response.url).host} answered ${response.status} with ${response.body.length} bytes${response.truncated ? ' (cut)' : ''}${contentType === null ? '' : ` of ${contentType}`}.`,
    };
  },
});
