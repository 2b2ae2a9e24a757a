import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { BoundRoute } from '@automatos/contracts';
import { PlatformError, type Clock, type Logger, type Metrics } from '@automatos/kernel';
import type { EndpointStats } from '@automatos/telemetry';
import fastify, {
  errorCodes,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type InjectOptions,
  type LightMyRequestResponse as InjectResponse,
} from 'fastify';
import { createAdmission, type AdmissionSettings } from './admission.ts';
import { registerAudit, runRecorded, type RequestAudit } from './audit-requests.ts';
import type { Authenticator } from './authenticator.ts';
import { createTrustTest, type TrustTest } from './client-address.ts';
import { answerBrokenRequest } from './broken-request.ts';
import { watchConnections } from './closing-port.ts';
import { registerDocs } from './docs-page.ts';
import { createEdgeState, type EdgeState } from './edge-state.ts';
import type { IdempotencyStore } from './idempotency.ts';
import { parseJsonBody } from './json-body.ts';
import { createOpenRequests } from './open-requests.ts';
import { observeRequest } from './observe-request.ts';
import { corsHeaders, keyCorsHeaders, preflightHeaders } from './origin-guard.ts';
import { statusOf, toProblem, toRequestError } from './problem.ts';
import type { RateLimiter } from './rate-limit.ts';
import { runInRequest } from './request-context.ts';
import { assertServable, createMethodFinder, routerPath } from './route-table.ts';
import { openAiErrorHeaders, openAiStatus, toOpenAiError } from '../v1/openai-error.ts';
import { cacheControl, securityHeaders, SIGN_IN_OFF } from './security-headers.ts';
import { serveRoute } from './serve-route.ts';
import { createSseWriter, type SseTiming } from './sse.ts';
import {
  refuseBlockedAddress,
  registerThreats,
  watchEnd,
  type ThreatGuard,
} from './threat-hooks.ts';
import { boundArrival, type ArrivalTimes } from './arrival-times.ts';

export interface HttpSettings extends AdmissionSettings {
  /** Addresses or networks of proxies whose X-Forwarded headers are believed. */
  trustProxy: readonly string[];
  /** Callers prove nothing; every answer says so. */
  signInOff?: boolean;
  /** Default 4 MiB. */
  bodyBytesMax?: number;
  /** Default: heartbeat 15 s, stalled clients are dropped after 30 s. */
  sse?: SseTiming;
  /** How long a request may take to arrive. */
  arrival?: ArrivalTimes;
}

/** What takes over `Upgrade` requests to `/ws`; see ws/gateway.ts. */
export interface UpgradeHandler {
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): Promise<void>;
}

export interface HttpServerDeps {
  routes: readonly BoundRoute[];
  authenticator: Authenticator;
  rateLimiter: RateLimiter;
  idempotency: IdempotencyStore;
  /** Null records nothing: only for tests of the edge alone. */
  audit: RequestAudit | null;
  /** Whether a browser key may be used from an origin, so that its pages may read answers; default: from none. */
  isKeyOrigin?: (origin: string) => Promise<boolean>;
  /** Absent assesses nothing: only for tests of the edge alone. */
  threats?: ThreatGuard | undefined;
  /** Called once, at the first request for it. */
  openApiDocument: () => object;
  realtime?: UpgradeHandler;
  settings: HttpSettings;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  endpointStats: EndpointStats;
}

export interface HttpEdge {
  /** Starts the API's own port; 0 takes a free one. Throws `http.port.in_use`. */
  listen(at: { host: string; port: number }): Promise<{ port: number; url: string }>;
  /** The API as a plain listener, for the web port of the same process. */
  requestListener(request: IncomingMessage, response: ServerResponse): void;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** A request without a socket, for tests. */
  inject(options: InjectOptions): Promise<InjectResponse>;
  /** Ends event streams and WebSockets of every port, so that clients connect again elsewhere. */
  drain(): Promise<void>;
  /** Drains, lets requests under way finish, closes the API's own port. */
  close(): Promise<void>;
}

const BODY_BYTES_MAX = 4 * 1024 * 1024;
const SSE_TIMING: SseTiming = { heartbeatMs: 15_000, stalledMsMax: 30_000 };

/** Returns the API's edge. Throws when a route has no permission, no handler or a double. */
export async function createHttpServer(deps: HttpServerDeps): Promise<HttpEdge> {
  assertServable(deps.routes);
  const stopping = new AbortController();
  const app = createApp(deps);
  registerHooks(app, deps, createTrustTest(deps.settings.trustProxy));
  if (deps.threats !== undefined) registerThreats(app, { ...deps, threats: deps.threats });
  if (deps.audit !== null) registerAudit(app, { ...deps, audit: deps.audit });
  registerFailures(app, deps);
  registerDocs(app, deps.openApiDocument);
  const serveDeps = {
    idempotency: deps.idempotency,
    sendEvents: createSseWriter({ ...(deps.settings.sse ?? SSE_TIMING), metrics: deps.metrics }),
    stalledMsMax: (deps.settings.sse ?? SSE_TIMING).stalledMsMax,
    metrics: deps.metrics,
    openRequests: createOpenRequests(stopping.signal),
  };
  for (const bound of deps.routes) {
    app.route({
      method: bound.spec.method,
      url: routerPath(bound.spec),
      config: { bound },
      ...(bound.spec.bodyBytesMax === undefined ? {} : { bodyLimit: bound.spec.bodyBytesMax }),
      handler: (request, reply) =>
        runInRequest(request.edge.context, () =>
          runRecorded(request, () => serveRoute(serveDeps, bound, { request, reply })),
        ),
    });
  }
  await app.ready();
  const connections = watchConnections(app.server as Server);
  let draining: Promise<void> | undefined;
  function drain(): Promise<void> {
    stopping.abort(closingError());
    return (draining ??= deps.realtime?.close() ?? Promise.resolve());
  }
  if (deps.realtime !== undefined) app.server.on('upgrade', deps.realtime.handleUpgrade);
  return {
    listen: (at) => listen(app, at),
    requestListener: (request, response) => app.routing(request, response),
    handleUpgrade(request, socket, head) {
      if (deps.realtime === undefined) socket.destroy();
      else deps.realtime.handleUpgrade(request, socket, head);
    },
    inject: (options) => app.inject(options),
    drain,
    async close() {
      await drain();
      const ending = connections.end();
      try {
        await app.close();
      } finally {
        ending.stop();
      }
    },
  };
}

function closingError(): PlatformError {
  return new PlatformError({
    code: 'http.server.closing',
    kind: 'unavailable',
    message: 'The server is shutting down; connect again.',
  });
}

function createApp(deps: HttpServerDeps): FastifyInstance {
  const arrival = boundArrival(deps.settings.arrival);
  const app = fastify({
    logger: false,
    bodyLimit: deps.settings.bodyBytesMax ?? BODY_BYTES_MAX,
    forceCloseConnections: 'idle',
    requestTimeout: arrival.requestTimeout,
    http: arrival,
    keepAliveTimeout: 65_000,
    routerOptions: { maxParamLength: 300 },
    genReqId: () => '',
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => {
      ensureState(request, deps, createTrustTest(deps.settings.trustProxy));
      void (reply as FastifyReply).headers(edgeHeaders(deps, request.edge));
      sendProblem(deps, error, {
        request: request as FastifyRequest,
        reply: reply as FastifyReply,
      });
    },
  }) as unknown as FastifyInstance;
  app.decorateRequest('edge');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    (request, body: Buffer, done) => {
      try {
        done(null, takesRawBody(request, body) ? undefined : parseBody(request, body));
      } catch (error) {
        done(error as Error);
      }
    },
  );
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (takesRawBody(request, body)) done(null, undefined);
    else done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(request.headers['content-type'] ?? ''));
  });
  return app;
}

/** Where a contract allows larger bodies, its texts may be as long. */
function parseBody(request: FastifyRequest, body: Buffer): unknown {
  const { bodyBytesMax } = request.routeOptions.config.bound?.spec ?? {};
  return parseJsonBody(body.toString('utf8'), bodyBytesMax);
}

/** Keeps the bytes for routes whose signature covers them; nothing is parsed before it was checked. */
function takesRawBody(request: FastifyRequest, body: Buffer): boolean {
  if (request.routeOptions.config.bound?.spec.rawBody !== true) return false;
  request.edge.rawBody = body;
  return true;
}

function ensureState(request: FastifyRequest, deps: HttpServerDeps, isTrusted: TrustTest): void {
  request.edge ??= createEdgeState(request.raw, {
    isTrusted,
    route: request.routeOptions?.config?.bound,
    now: deps.clock.now(),
  });
}

function registerHooks(app: FastifyInstance, deps: HttpServerDeps, isTrusted: TrustTest): void {
  const admit = createAdmission(deps);
  app.addHook('onRequest', (request, reply, done) => {
    ensureState(request, deps, isTrusted);
    observeRequest(deps, request, reply);
    watchEnd(deps.threats, request, reply);
    const { edge } = request;
    void reply.headers(edgeHeaders(deps, edge));
    done();
  });
  app.addHook('onRequest', async (request, reply) => {
    const { edge } = request;
    refuseBlockedAddress(deps.threats, edge);
    if (await isKeyPage(deps, edge))
      void reply.headers(keyCorsHeaders(edge.headers['origin'] ?? ''));
    if (request.method === 'OPTIONS' && reply.hasHeader('access-control-allow-origin')) {
      return reply.code(204).headers(preflightHeaders()).send();
    }
    await runInRequest(edge.context, () =>
      admit({
        edge,
        method: request.method,
        path: pathOf(request),
        params: request.params as Record<string, string | undefined>,
        query: request.query as Record<string, unknown>,
        setHeaders: (headers) => void reply.headers(headers),
      }),
    );
    assertPlainBody(edge);
    return undefined;
  });
}

/** Whether the page of a browser key asks; those of CORS_ALLOW_ORIGINS may more than it. */
async function isKeyPage(deps: HttpServerDeps, { headers }: EdgeState): Promise<boolean> {
  const { origin } = headers;
  if (origin === undefined || deps.settings.corsAllowOrigins.includes(origin)) return false;
  return (await deps.isKeyOrigin?.(origin)) === true;
}

/** A packed body would be judged by its packed size. */
function assertPlainBody({ headers }: EdgeState): void {
  const coding = headers['content-encoding'];
  if (coding === undefined || coding.toLowerCase() === 'identity') return;
  throw new PlatformError({
    code: 'http.content_encoding.unsupported',
    kind: 'invalid-input',
    message: 'Send the body as it is, without a Content-Encoding.',
  });
}

/** Of every answer, also of those that no route gives. */
function edgeHeaders(deps: HttpServerDeps, edge: EdgeState): Record<string, string> {
  return {
    'x-request-id': edge.requestId,
    'cache-control': cacheControl(edge.route?.spec),
    ...securityHeaders(edge.overTls),
    ...(deps.settings.signInOff === true ? SIGN_IN_OFF : {}),
    ...corsHeaders(edge.headers, deps.settings.corsAllowOrigins),
  };
}

function registerFailures(app: FastifyInstance, deps: HttpServerDeps): void {
  const methodsOf = createMethodFinder(deps.routes);
  app.setErrorHandler((error, request, reply) => sendProblem(deps, error, { request, reply }));
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request);
    const methods = methodsOf(path);
    if (methods.length === 0) {
      return sendProblem(deps, notFoundError(request.method, path), { request, reply });
    }
    void reply.header('allow', methods.join(', '));
    const error = new PlatformError({
      code: 'http.method.not_allowed',
      kind: 'invalid-input',
      message: `${path} takes ${methods.join(', ')}, not ${request.method}.`,
    });
    return sendProblem(deps, error, { request, reply });
  });
}

function notFoundError(method: string, path: string): PlatformError {
  return new PlatformError({
    code: 'http.route.not_found',
    kind: 'not-found',
    message: `There is no operation ${method} ${path}; /docs lists all.`,
  });
}

function pathOf(request: FastifyRequest): string {
  const end = request.url.indexOf('?');
  return end === -1 ? request.url : request.url.slice(0, end);
}

function sendProblem(
  deps: HttpServerDeps,
  thrown: unknown,
  exchange: { request: FastifyRequest; reply: FastifyReply },
): FastifyReply {
  const { request, reply } = exchange;
  const { edge } = request;
  const error = toRequestError(thrown);
  const status = statusOf(error);
  if (status >= 500) {
    const fields = {
      ...edge.context,
      code: error.code,
      reason: error.internalMessage ?? error.message,
      err: error.cause ?? error,
    };
    deps.logger.error(fields, 'request failed');
  }
  if (status === 401 || status === 403) {
    deps.metrics.count('amas_auth_denied_total', {
      reason: denialReason(error, status, edge.refusedByIdentity),
    });
  }
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  if (error.retryAfterMs !== undefined)
    void reply.header('retry-after', String(Math.ceil(error.retryAfterMs / 1000)));
  if (answersAsOpenAi(request)) {
    return reply
      .code(openAiStatus(error))
      .headers(openAiErrorHeaders(error))
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(toOpenAiError(error)));
  }
  return reply
    .code(status)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(toProblem(error, edge.requestId)));
}

/** Clients of that wire read no problem details, also where they ask for what there is not. */
function answersAsOpenAi(request: FastifyRequest): boolean {
  const spec = request.edge.route?.spec;
  return spec === undefined ? pathOf(request).startsWith('/v1/') : spec.errors === 'openai';
}

function denialReason(error: PlatformError, status: number, byIdentity: boolean): string {
  if (error.code === 'http.origin.forbidden') return 'origin';
  if (status === 401) return 'unauthenticated';
  return byIdentity ? 'cross_tenant' : 'forbidden';
}

async function listen(app: FastifyInstance, at: { host: string; port: number }) {
  try {
    await app.listen(at);
  } catch (error) {
    throw portError(error as NodeJS.ErrnoException, at, '--api-port');
  }
  const { port } = (app.server as Server).address() as AddressInfo;
  return { port, url: `http://${at.host.includes(':') ? `[${at.host}]` : at.host}:${port}` };
}

/** A failed `listen` in words; `flag` chooses another port. */
export function portError(
  error: NodeJS.ErrnoException,
  at: { host: string; port: number },
  flag: string,
): PlatformError {
  const inUse = error.code === 'EADDRINUSE';
  return new PlatformError({
    code: inUse ? 'http.port.in_use' : 'http.port.unavailable',
    kind: 'unavailable',
    message: inUse
      ? `Port ${at.port} on ${at.host} is taken by another program; end it, or choose another port with ${flag}.`
      : `Cannot listen on ${at.host}:${at.port}: ${error.message}.`,
    cause: error,
  });
}
