import type { WorkspaceId } from '@automatos/kernel';
import type { z } from 'zod';
import type { Permission, Principal } from './permissions.ts';

/**
 * One operation of the API as data: the server validates by it, the OpenAPI document is made from it and the client is
 * generated from that. A route without a permission does not compile and does not start.
 */
export interface RouteSpec {
  operationId: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Fastify form, e.g. `/api/runs/:run_id`. */
  path: string;
  summary: string;
  tag: string;
  /** `public` needs nothing, `authenticated` any signed-in principal, else the named permission in the workspace. */
  permission: Permission | 'public' | 'authenticated';
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** Body of the success answer; absent for 204 and for `bytes`. */
  response?: z.ZodType;
  /** Success status, default 200. */
  status?: number;
  /**
   * `json` (default); `bytes`: the handler gives raw content; `events`: JSON page, or a Server-Sent Events stream when
   * the request accepts `text/event-stream`; `stream`: the handler sends the answer itself by `Reply.respond`, as JSON or
   * as Server-Sent Events in a form of the operation's own.
   */
  kind?: 'json' | 'bytes' | 'events' | 'stream';
  /** Updates that must carry `If-Match` with the version last read (428 without, 412 when stale). */
  ifMatch?: boolean;
  /** The answer holds a secret that is shown once, so it is not kept for repeated requests with the same Idempotency-Key. */
  secretAnswer?: boolean;
  /** The handler also gets the body's bytes as they came, for signatures; the body must then be absent from the contract. */
  rawBody?: boolean;
  /** Failures in OpenAI's shape instead of problem details. */
  errors?: 'openai';
  /** The last parameter of the path takes all of its rest, slashes included. */
  greedyParam?: boolean;
  /** Largest body in bytes, when other than the server's default. */
  bodyBytesMax?: number;
  /** Requests per minute and address, when other than the default. */
  rateLimitPerMinute?: number;
  /**
   * Where the caller's workspace comes from: `path` routes name it as their parameter `workspace_id`, which then decides before
   * header, query and defaults; another one in the header is refused.
   */
  workspaceFrom?: 'path';
}

export function route<const Spec extends RouteSpec>(spec: Spec): Spec {
  return spec;
}

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** What a handler gets: everything validated, the caller known, the workspace resolved. */
export interface Call<Spec extends RouteSpec = RouteSpec> {
  params: Output<Spec['params']>;
  query: Output<Spec['query']>;
  body: Output<Spec['body']>;
  /** Null on public routes called without credentials. */
  principal: Principal | null;
  workspaceId: WorkspaceId;
  /** Session that proved a person, by cookie or access token; undefined for keys, the operator and issuers elsewhere. */
  sessionId: string | undefined;
  requestId: string;
  /** The body as it came, with `rawBody`; else undefined. */
  rawBody: Uint8Array | undefined;
  /** Aborts when the client goes away. */
  signal: AbortSignal;
  headers: Readonly<Record<string, string | undefined>>;
  /** Address of the caller, forwarded addresses honoured only from trusted proxies. */
  remoteAddress: string;
}

export interface SseMessage {
  id?: string;
  event?: string;
  data: string;
}

/** Where a handler of a `stream` route writes its answer. */
export interface ResponseSink {
  /** True once status and headers are on their way: from then on a failure has to be told inside the answer. */
  readonly started: boolean;
  /** True when the client is gone or was dropped; what is written then goes nowhere. */
  readonly closed: boolean;
  /** Sends status and headers, once; those of the edge (request id, rate limits, CORS) go along. */
  start(status: number, headers: Record<string, string>): void;
  /** False: the client is behind; await `drained` before the next piece. */
  write(content: string | Uint8Array): boolean;
  /** Resolves when the client has taken what waits, or is gone; a client that takes nothing for long is dropped. */
  drained(): Promise<void>;
  end(content?: string | Uint8Array): void;
}

export interface Reply<Body> {
  body?: Body;
  status?: number;
  /** Quoted by the edge and sent as `ETag`. */
  etag?: string;
  headers?: Record<string, string>;
  cookies?: SetCookie[];
  bytes?: { content: Uint8Array | string; contentType: string; filename?: string };
  stream?: AsyncIterable<SseMessage>;
  /**
   * Sends the answer; only on `stream` and `bytes` routes. A rejection before `start` is answered as an error with its status; after it the
   * connection is cut, so the handler has to end an answer that failed by saying so.
   */
  respond?: (sink: ResponseSink) => Promise<void>;
}

export interface SetCookie {
  name: string;
  value: string;
  /** Seconds; 0 deletes. */
  maxAge: number;
  httpOnly?: boolean;
}

export type Handler<Spec extends RouteSpec> = (
  call: Call<Spec>,
) => Promise<Reply<Spec['response'] extends z.ZodType ? z.input<Spec['response']> : undefined>>;

export type RouteTable = Record<string, RouteSpec>;
export type Handlers<Routes extends RouteTable> = { [Name in keyof Routes]: Handler<Routes[Name]> };

export interface BoundRoute {
  spec: RouteSpec;
  handle: (call: Call) => Promise<Reply<unknown>>;
}

/** Joins a room's route table with its handlers; each route must have one. */
export function bindRoutes<Routes extends RouteTable>(
  routes: Routes,
  handlers: Handlers<Routes>,
): BoundRoute[] {
  return Object.entries(routes).map(([name, spec]) => ({
    spec,
    handle: handlers[name as keyof Routes] as unknown as BoundRoute['handle'],
  }));
}
