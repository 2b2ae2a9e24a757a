import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import { anthropic } from './anthropic.ts';
import { cohereV2 } from './cohere-v2.ts';
import { defaultScript } from './default-script.ts';
import { gemini } from './gemini.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiResponses } from './openai-responses.ts';
import { createReplicateJobs, replicateJobs, replicateStream } from './replicate-jobs.ts';
import type { JobStep } from './replicate-jobs.ts';
import type { AnswerReply, Reply, Script, Wire, WireRecord, WireRequest } from './types.ts';
import { embeddings, rerank } from './vectors.ts';
import { writerChat } from './writer-chat.ts';

const WIRES: readonly Wire[] = [
  openaiChat,
  openaiResponses,
  anthropic,
  gemini,
  cohereV2,
  writerChat,
  replicateJobs,
  embeddings,
  rerank,
];

export interface LlmWireServer {
  /**
   * `http://127.0.0.1:port`; append `/v1` for the chat, Responses and Anthropic wires, `/v1beta` for Gemini, and put `/~<vendor>`
   * before the path for a vendor's dialect, e.g. `/~groq/openai/v1`, `/~cohere/v2`, `/~writer/v1`, `/~replicate/v1`.
   */
  url: string;
  /** One entry per request, in order of arrival. */
  records: WireRecord[];
  /** Replaces the script for requests from now on. */
  setScript(script: Script): void;
  close(): Promise<void>;
}

export interface LlmWireOptions {
  script?: Script;
  /** Default: a free port. */
  port?: number;
  /** File to which each request appends a JSON line when it begins (`start`) and when it is over (`end`). */
  journal?: string;
  /** Ids listed at `/v1/models`. */
  models?: string[];
}

/** Starts a real HTTP server on loopback that speaks the wires of all providers with streaming, faults by script, and records each request. */
export async function createLlmWireServer(options: LlmWireOptions = {}): Promise<LlmWireServer> {
  const state = {
    script: options.script ?? defaultScript,
    records: [] as WireRecord[],
    journal: options.journal,
    models: options.models ?? ['fake-model'],
    jobs: createReplicateJobs(),
  };
  const server = createServer((request, response) => {
    handle(state, request, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    records: state.records,
    setScript(script) {
      state.script = script;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface State {
  script: Script;
  records: WireRecord[];
  journal: string | undefined;
  models: string[];
  jobs: ReturnType<typeof createReplicateJobs>;
}

async function handle(
  state: State,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { path, dialect } = splitDialect(new URL(incoming.url ?? '/', 'http://localhost').pathname);
  if (incoming.method === 'GET' && path.endsWith('/models'))
    return sendJson(response, 200, {
      object: 'list',
      data: state.models.map((id) => ({ id, object: 'model' })),
    });
  const step = state.jobs.handle(incoming.method ?? 'GET', path);
  if (step !== null) return doStep(step, incoming, response);
  const wire = WIRES.find((each) => each.matches(path, dialect));
  if (wire === undefined || incoming.method !== 'POST')
    return sendJson(response, 404, {
      error: { message: `no wire at ${incoming.method} ${path}`, code: 'not_found' },
    });
  const body = await readBody(incoming);
  const request: WireRequest = {
    seq: state.records.length + 1,
    wire: wire.name,
    dialect,
    path,
    headers: headersOf(incoming),
    body,
    ...wire.read(path, body, dialect),
  };
  const record: WireRecord = {
    request,
    idempotencyKey: request.headers['idempotency-key'] ?? null,
    state: 'open',
    piecesSent: 0,
    cancels: 0,
  };
  state.records.push(record);
  note(state, record, 'start');
  const answer = await state.script(request);
  if (wire === replicateJobs && answer.kind !== 'status') {
    const origin = `http://${incoming.headers.host ?? ''}`;
    return sendJson(response, 201, state.jobs.create(request, record, origin, answer));
  }
  whenClosed(response, record, () => note(state, record, 'end'));
  await reply({ wire, request, record, response }, answer);
}

/** `/~groq/openai/v1/…` is the path `/openai/v1/…` in the dialect of `groq`. */
function splitDialect(pathname: string): { path: string; dialect: string } {
  const found = /^\/~([a-z0-9-]+)(\/.*)$/.exec(pathname);
  return { dialect: found?.[1] ?? '', path: found?.[2] ?? pathname };
}

function whenClosed(response: ServerResponse, record: WireRecord, then: () => void): void {
  response.on('close', () => {
    if (record.state === 'open') record.state = 'aborted';
    then();
  });
}

/** Carries on with a job that exists: its stream counts as the answer, its cancelling and reading are plain JSON. */
async function doStep(
  step: JobStep,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (step.kind === 'json') {
    incoming.resume();
    return sendJson(response, step.status, step.body);
  }
  whenClosed(response, step.record, () => undefined);
  const { request, record } = step;
  if (step.answer.kind === 'answer' && step.answer.fault === undefined) step.end();
  await reply({ wire: replicateStream, request, record, response }, step.answer);
}

interface Exchange {
  wire: Wire;
  request: WireRequest;
  record: WireRecord;
  response: ServerResponse;
}

async function reply(exchange: Exchange, answer: Reply): Promise<void> {
  const { wire, record, response, request } = exchange;
  switch (answer.kind) {
    case 'hang':
      return;
    case 'garbage':
      record.state = 'failed';
      response.writeHead(200, { 'content-type': answer.contentType ?? 'text/event-stream' });
      response.end(answer.body ?? 'data: {"this is": not json\n\n');
      return;
    case 'status': {
      record.state = 'failed';
      const own =
        answer.body ??
        JSON.stringify(
          wire.errorBody(
            answer.status,
            answer.error ?? { code: 'server_error', message: 'it failed' },
            request.dialect,
          ),
        );
      response.writeHead(answer.status, {
        'content-type': answer.body === undefined ? 'application/json' : 'text/html',
        ...answer.headers,
      });
      response.end(own);
      return;
    }
    default:
      if (request.stream) return stream(exchange, answer);
      record.state = 'complete';
      return sendJson(response, 200, wire.whole(answer, request), answer.headers);
  }
}

async function stream(
  { wire, request, record, response }: Exchange,
  answer: AnswerReply,
): Promise<void> {
  const { head, pieces, tail } = wire.events(answer, request);
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    ...answer.headers,
  });
  const send = (events: string[]) =>
    write(
      response,
      (answer.pings === true ? events.flatMap((event) => [wire.ping, event]) : events).join(''),
      answer.chunkBytes,
    );
  await send(head);
  for (const [index, piece] of pieces.entries()) {
    if (answer.fault !== undefined && index >= answer.fault.after) break;
    await answer.beforePiece?.(index);
    if (answer.delayMs !== undefined) await sleep(answer.delayMs);
    if (response.destroyed) return;
    await send(piece);
    record.piecesSent += 1;
  }
  if (answer.fault !== undefined)
    return breakOff({ wire, request, record, response }, answer.fault);
  await send(tail);
  record.state = 'complete';
  response.end();
}

async function breakOff(
  { wire, record, request, response }: Exchange,
  fault: NonNullable<AnswerReply['fault']>,
): Promise<void> {
  if (fault.kind === 'stall') return;
  record.state = 'failed';
  if (fault.kind === 'destroy') {
    response.destroy();
    return;
  }
  if (fault.kind === 'error')
    await write(response, wire.errorEvent(fault.errorType, request.dialect), undefined);
  response.end();
}

/** Writes text; with `chunkBytes`, in pieces that reach the client one by one. */
async function write(
  response: ServerResponse,
  text: string,
  chunkBytes: number | undefined,
): Promise<void> {
  const bytes = Buffer.from(text);
  const size = chunkBytes ?? bytes.length;
  for (let from = 0; from < bytes.length; from += size) {
    if (response.destroyed) return;
    await new Promise<void>((resolve) => {
      response.write(bytes.subarray(from, from + size), () => resolve());
    });
    if (chunkBytes !== undefined) await new Promise((resolve) => setImmediate(resolve));
  }
}

function sendJson(
  response: ServerResponse,
  status: number,
  ...[body, headers = {}]: [body: JsonValue, headers?: Record<string, string>]
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

async function readBody(incoming: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
  return isJsonObject(parsed) ? (parsed as JsonObject) : {};
}

function headersOf(incoming: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

/** Synchronous, so that a line stands in the file before anything else can happen to either process. Keys are never written. */
function note(state: State, record: WireRecord, event: 'start' | 'end'): void {
  if (state.journal === undefined) return;
  const { request } = record;
  const line = {
    event,
    seq: request.seq,
    wire: request.wire,
    ...(request.dialect === '' ? {} : { dialect: request.dialect }),
    model: request.model,
    idempotency_key: record.idempotencyKey,
    tool_results: request.toolResults,
    user_text: request.userText.slice(0, 200),
    state: record.state,
    at_ms: Date.now(),
  };
  appendFileSync(state.journal, `${JSON.stringify(line)}\n`);
}
