import { parseArgs } from 'node:util';
import { isApiProblem, readSse, type Client } from '@automatos/sdk';
import { connect } from '../connection.ts';
import { EXIT } from '../exit-codes.ts';
import { COMMON_OPTIONS, type Shell } from '../shell.ts';

interface RpcMessage {
  id?: string | number;
  method?: string;
  params?: Record<string, unknown>;
  result?: { protocolVersion?: unknown };
}

/** Key of the revision that a request of 2026-07-28 carries in its `_meta`. */
const REVISION = 'io.modelcontextprotocol/protocolVersion';
const INTERNAL_ERROR = -32_603;

/**
 * `automatos mcp`: the server of the Model Context Protocol over standard input and output, for clients on this machine. Each
 * message travels to `/mcp` with the credentials of this command, so it may do what they may and nothing more.
 */
export async function mcpCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: COMMON_OPTIONS });
  const { client } = connect(shell, values);
  const site: Bridge = { shell, client, underWay: new Map(), revision: undefined };
  const waiting = new Set<Promise<void>>();
  for await (const line of shell.lines()) {
    if (line.trim() === '') continue;
    const sent = forward(site, line).finally(() => waiting.delete(sent));
    waiting.add(sent);
  }
  await Promise.all(waiting);
  return EXIT.completed;
}

interface Bridge {
  shell: Shell;
  client: Client;
  /** Requests without an answer yet, by their id. */
  underWay: Map<string, AbortController>;
  /** Agreed on by `initialize`. */
  revision: string | undefined;
}

async function forward(site: Bridge, line: string): Promise<void> {
  let message: RpcMessage;
  try {
    message = JSON.parse(line) as RpcMessage;
  } catch {
    return write(site, { error: { code: -32_700, message: 'Parse error' }, id: null });
  }
  if (message.method === 'notifications/cancelled')
    site.underWay.get(JSON.stringify(message.params?.['requestId']))?.abort();
  const controller = new AbortController();
  const key = JSON.stringify(message.id);
  if (message.id !== undefined) site.underWay.set(key, controller);
  try {
    await exchange(site, message, controller.signal);
  } catch (error) {
    // Nobody waits for the answer of what was cancelled, and notifications have none.
    if (message.id === undefined || controller.signal.aborted) return;
    const text = isApiProblem(error) ? error.detail : (error as Error).message;
    write(site, { error: { code: INTERNAL_ERROR, message: text }, id: message.id });
  } finally {
    site.underWay.delete(key);
  }
}

async function exchange(site: Bridge, message: RpcMessage, signal: AbortSignal): Promise<void> {
  const { data, response } = await site.client.post<ReadableStream<Uint8Array>, unknown, true>({
    url: '/mcp',
    body: message,
    headers: headersOf(site, message),
    parseAs: 'stream',
    throwOnError: true,
    signal,
  });
  const body = data as unknown as ReadableStream<Uint8Array> | null;
  if (response.headers.get('content-type')?.startsWith('text/event-stream') === true)
    await readEvents(site, body);
  else if (body !== null) tell(site, await new Response(body).text());
}

/** What the HTTP form of the protocol says in headers stands in the message itself over standard input. */
function headersOf(site: Bridge, { method, params = {} }: RpcMessage): Record<string, string> {
  const meta = params['_meta'] as Record<string, unknown> | undefined;
  const named = params['name'] ?? params['uri'];
  const revision = meta?.[REVISION] ?? site.revision;
  return {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(typeof revision === 'string' ? { 'mcp-protocol-version': revision } : {}),
    ...(meta?.[REVISION] === undefined || method === undefined ? {} : { 'mcp-method': method }),
    ...(meta?.[REVISION] === undefined || typeof named !== 'string' ? {} : { 'mcp-name': named }),
  };
}

async function readEvents(site: Bridge, body: ReadableStream<Uint8Array> | null): Promise<void> {
  if (body === null) return;
  for await (const { data } of readSse(body)) tell(site, data);
}

function tell(site: Bridge, text: string): void {
  if (text.trim() === '') return;
  const message = JSON.parse(text) as RpcMessage;
  const agreed = message.result?.protocolVersion;
  if (typeof agreed === 'string') site.revision = agreed;
  site.shell.out(`${JSON.stringify(message)}\n`);
}

function write(site: Bridge, answer: object): void {
  site.shell.out(`${JSON.stringify({ jsonrpc: '2.0', ...answer })}\n`);
}
