import type { AccessPorts } from './access-ports.ts';

/** What came of a test, and what to store of it. */
export interface Outcome {
  ok: boolean;
  message: string;
  code: string | null;
  refreshed?: Record<string, string>;
}

/** The ports with the bounds of one test. */
export interface Access extends AccessPorts {
  signal: AbortSignal;
  timeoutMs: number;
  nowMs: number;
}

export interface TestRequest {
  url: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

const ANSWER_BYTES_MAX = 512 * 1024;

export const passed = (message: string): Outcome => ({ ok: true, message, code: null });
export const failed = (code: string, message: string): Outcome => ({ ok: false, message, code });

/** Sends one request and follows no redirect, because the secret would travel along. */
export async function send(
  access: Access,
  request: TestRequest,
): Promise<{ status: number; json: unknown }> {
  const answer = await access.fetch(request.url, {
    ...request,
    headers: { accept: 'application/json', 'user-agent': 'Automatos', ...request.headers },
    signal: access.signal,
    timeoutMs: access.timeoutMs,
    bytesMax: ANSWER_BYTES_MAX,
    redirectsMax: 0,
  });
  return { status: answer.status, json: readJson(answer.body) };
}

/** Sends one request and judges its status; `accepts` looks into answers that say 200 to everything. */
export async function ask(
  access: Access,
  request: TestRequest,
  means: { said: string; accepts?: ((json: unknown) => boolean) | undefined },
): Promise<Outcome> {
  const { said, accepts = () => true } = means;
  const { status, json } = await send(access, request);
  if (status >= 200 && status < 300 && accepts(json)) return passed(said);
  return status < 300 ? judged(401) : judged(status);
}

/** What a status says about a credential. */
export function judged(status: number): Outcome {
  const code = `http_${status}`;
  if (status === 401) return failed(code, 'The service does not accept the secret (401).');
  if (status === 403)
    return failed(code, 'The service knows the secret and refuses it what was asked (403).');
  if (status === 404)
    return failed(code, 'The service has nothing at this address (404); check the URL and names.');
  if (status === 429) return failed(code, 'The service is being asked too often (429); try later.');
  if (status >= 500) return failed(code, `The service has a failure of its own (${status}).`);
  if (status >= 300 && status < 400)
    return failed(code, 'The service redirects; give the address it redirects to.');
  return failed(code, `The service refused the request (${status}).`);
}

function readJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return null; // a test of the status alone needs none
  }
}

/** A text field; empty when it is not set. */
export function textOf(fields: Record<string, unknown>, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

export const withoutSlash = (url: string) => url.replace(/\/+$/, '');
export const basic = (user: string, secret: string) =>
  `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
