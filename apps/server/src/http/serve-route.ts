import type { BoundRoute, Call, Reply } from '@automatos/contracts';
import { DEFAULT_WORKSPACE_ID, invalidInput, PlatformError } from '@automatos/kernel';
import type { Metrics } from '@automatos/kernel';
import { contentHash } from '@automatos/kernel/hash';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerOnce, type IdempotencyStore, type StoredAnswer } from './idempotency.ts';
import type { OpenRequests } from './open-requests.ts';
import { createResponseSink } from './response-sink.ts';
import { pathParams } from './route-table.ts';
import { isNotModified, toWireAnswer, type WireAnswer } from './reply.ts';
import type { createSseWriter } from './sse.ts';
import { toProblem, toRequestError } from './problem.ts';
import { validatePart } from './validation.ts';

export interface ServeDeps {
  idempotency: IdempotencyStore;
  sendEvents: ReturnType<typeof createSseWriter>;
  /** A client that takes nothing of its answer for so long is dropped. */
  stalledMsMax: number;
  metrics: Metrics;
  openRequests: OpenRequests;
}

/** Validates the request, calls the route's handler and sends what it returned. */
export async function serveRoute(
  deps: ServeDeps,
  bound: BoundRoute,
  exchange: { request: FastifyRequest; reply: FastifyReply },
): Promise<FastifyReply | undefined> {
  const { request, reply } = exchange;
  const { spec } = bound;
  const call = toCall(bound, request, untilGone(deps.openRequests, reply));
  if (spec.ifMatch === true && call.headers['if-match'] === undefined) {
    throw new PlatformError({
      code: 'http.precondition.required',
      kind: 'invalid-input',
      message: 'Send If-Match with the ETag of the version you last read.',
    });
  }
  const key = idempotencyKey(bound, call);
  if (key !== undefined) return sendOnce(deps, { bound, call, key, ...exchange });
  const result = await bound.handle(call);
  if (result.respond !== undefined) {
    await sendResponse(deps, { respond: result.respond, reply, request });
    return undefined;
  }
  if (result.stream !== undefined) {
    await sendStream(deps, { messages: result.stream, reply, request, signal: call.signal });
    return undefined;
  }
  const answer = toWireAnswer(spec, result, request.edge.overTls);
  if (
    spec.method === 'GET' &&
    isNotModified(call.headers['if-none-match'], answer.headers['etag'])
  ) {
    return reply.code(304).header('etag', answer.headers['etag']).send();
  }
  return send(reply, answer);
}

function toCall(bound: BoundRoute, request: FastifyRequest, signal: AbortSignal): Call {
  const { spec } = bound;
  const { edge } = request;
  // The workspace may be named in any query; the identity room has read it already.
  const { workspace_id: _resolved, ...query } = request.query as Record<string, unknown>;
  const given = request.body;
  if (spec.body === undefined && given !== undefined && !isEmptyObject(given)) {
    throw invalidInput(
      'This operation takes no body.',
      [{ pointer: '', message: 'must be absent' }],
      'http.body.unexpected',
    );
  }
  const authentication = edge.authentication;
  return {
    params: (spec.params === undefined
      ? undefined
      : validatePart(spec.params, pathParams(spec, request.params), 'params')) as undefined,
    query: (spec.query === undefined
      ? undefined
      : validatePart(spec.query, query, 'query')) as undefined,
    // Absent and empty are the same to clients that send no content type.
    body: (spec.body === undefined
      ? undefined
      : validatePart(spec.body, given ?? {}, 'body')) as undefined,
    principal: authentication?.principal ?? null,
    workspaceId: authentication?.workspaceId ?? DEFAULT_WORKSPACE_ID,
    sessionId: authentication?.sessionId,
    requestId: edge.requestId,
    rawBody: edge.rawBody,
    headers: edge.headers,
    remoteAddress: edge.remoteAddress,
    signal,
  };
}

function isEmptyObject(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).length === 0
  );
}

/** Answers that hold secrets which are shown once are never kept for replay. */
function idempotencyKey({ spec }: BoundRoute, call: Call): string | undefined {
  const mayKeep =
    spec.method !== 'GET' &&
    spec.tag !== 'auth' &&
    spec.secretAnswer !== true &&
    spec.kind !== 'events' &&
    spec.kind !== 'stream' &&
    call.principal !== null;
  return mayKeep ? call.headers['idempotency-key'] : undefined;
}

async function sendOnce(
  deps: ServeDeps,
  work: {
    bound: BoundRoute;
    call: Call;
    key: string;
    request: FastifyRequest;
    reply: FastifyReply;
  },
): Promise<FastifyReply> {
  const { bound, call, request, reply } = work;
  const fingerprint = contentHash({
    caller: [call.principal?.kind, call.principal?.id],
    method: request.method,
    url: request.url,
    body: request.body ?? null,
  });
  const { answer, replayed } = await answerOnce(
    deps.idempotency,
    { workspaceId: call.workspaceId, key: work.key, fingerprint },
    async () => toStored(toWireAnswer(bound.spec, await bound.handle(call), request.edge.overTls)),
  );
  if (replayed) reply.header('idempotency-replayed', 'true');
  return send(reply, { ...answer, body: answer.status === 204 ? null : answer.body, cookies: [] });
}

function toStored(answer: WireAnswer): StoredAnswer {
  const body = answer.body === null ? '' : Buffer.from(answer.body).toString('utf8');
  return { status: answer.status, headers: answer.headers, body };
}

function send(reply: FastifyReply, answer: WireAnswer): FastifyReply {
  void reply.code(answer.status).headers(answer.headers);
  // Secrets and sessions are kept nowhere on their way.
  if (answer.cookies.length > 0) void reply.header('cache-control', 'no-store');
  for (const cookie of answer.cookies) void reply.header('set-cookie', cookie);
  // Fastify would guess a type for bytes; null must stay without one.
  return answer.body === null
    ? reply.send()
    : reply.send(typeof answer.body === 'string' ? answer.body : Buffer.from(answer.body));
}

async function sendStream(
  deps: ServeDeps,
  work: {
    messages: NonNullable<Reply<unknown>['stream']>;
    request: FastifyRequest;
    reply: FastifyReply;
    signal: AbortSignal;
  },
): Promise<void> {
  const { reply, request, signal } = work;
  request.edge.isStream = true;
  reply.hijack();
  reply.raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  await deps.sendEvents({
    response: reply.raw,
    messages: work.messages,
    signal,
    toProblem: (error) => toProblem(toRequestError(error), request.edge.requestId),
  });
}

/** Lets the handler send its own answer; one that fails after it has begun is cut, so that it cannot be taken for a whole one. */
async function sendResponse(
  deps: ServeDeps,
  work: {
    respond: NonNullable<Reply<unknown>['respond']>;
    request: FastifyRequest;
    reply: FastifyReply;
  },
): Promise<void> {
  const { reply, request, respond } = work;
  const sink = createResponseSink(deps, {
    response: reply.raw,
    begin: () => {
      reply.hijack();
      return reply.getHeaders() as Record<string, string>;
    },
    onHead: (headers) => {
      request.edge.runId = headers['x-automatos-run-id'];
    },
    onStream: () => {
      request.edge.isStream = true;
    },
  });
  try {
    await respond(sink);
  } catch (error) {
    if (!sink.started) throw error;
    reply.raw.destroy(error as Error);
  }
}

/** Aborts when the client leaves before its answer, and when the server stops. */
function untilGone(openRequests: OpenRequests, reply: FastifyReply): AbortSignal {
  const controller = openRequests.open();
  reply.raw.once('close', () => {
    openRequests.close(controller);
    if (reply.raw.writableEnded) return;
    controller.abort(
      new PlatformError({
        code: 'http.client.gone',
        kind: 'cancelled',
        message: 'The client closed the connection.',
      }),
    );
  });
  return controller.signal;
}
