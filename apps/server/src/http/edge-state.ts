import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { BoundRoute } from '@automatos/contracts';
import type { RequestFacts, ThreatAssessment } from '@automatos/identity';
import { newId } from '@automatos/kernel';
import { parseCookie } from 'cookie';
import type { RequestRecord } from './audit-requests.ts';
import type { Authentication } from './authenticator.ts';
import { clientAddress, type TrustTest } from './client-address.ts';
import { validRequestId, type RequestContext } from './request-context.ts';

/** A request as the threat detector sees it, and what it found; null when the detector failed. */
export interface RequestThreat {
  facts: RequestFacts;
  assessment: ThreatAssessment | null;
}

/** What the edge knows of a request, from its first byte on. */
export interface EdgeState {
  readonly requestId: string;
  readonly context: RequestContext;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly remoteAddress: string;
  readonly overTls: boolean;
  readonly startedAt: number;
  readonly route: BoundRoute | undefined;
  authentication: Authentication | null;
  /** Who sent it, also when it is refused for what it asks; null while nobody is proven. */
  caller: Authentication | null;
  /** Its entry of the audit log, once it has one. */
  record: RequestRecord | undefined;
  /** Set when the identity room itself refused, so that a foreign workspace is told from a missing permission. */
  refusedByIdentity: boolean;
  /** What the threat detector found; undefined while it was not asked. */
  threat: RequestThreat | undefined;
  /** The threat detector refused it. */
  refusedByThreats: boolean;
  /** Run that the request started, when it is known. */
  runId: string | undefined;
  isStream: boolean;
  /** What the tightest limit of requests leaves; undefined while none was asked. */
  rateRemaining: number | undefined;
  /** Set for routes with `rawBody`. */
  rawBody: Uint8Array | undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    edge: EdgeState;
  }
  interface FastifyContextConfig {
    bound?: BoundRoute;
  }
}

export function createEdgeState(
  request: IncomingMessage,
  options: { isTrusted: TrustTest; route: BoundRoute | undefined; now: number },
): EdgeState {
  const headers = flatHeaders(request);
  const peer = request.socket.remoteAddress;
  const requestId = validRequestId(headers['x-request-id']) ?? newId();
  return {
    requestId,
    context: { request_id: requestId },
    headers,
    remoteAddress: clientAddress(peer, headers['x-forwarded-for'], options.isTrusted),
    overTls: isOverTls(request, headers, options.isTrusted),
    startedAt: options.now,
    route: options.route,
    authentication: null,
    caller: null,
    record: undefined,
    refusedByIdentity: false,
    threat: undefined,
    refusedByThreats: false,
    runId: undefined,
    isStream: false,
    rateRemaining: undefined,
    rawBody: undefined,
  };
}

export function flatHeaders(request: IncomingMessage): Record<string, string | undefined> {
  const flat: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

function isOverTls(
  request: IncomingMessage,
  headers: Readonly<Record<string, string | undefined>>,
  isTrusted: TrustTest,
): boolean {
  if ((request.socket as TLSSocket).encrypted === true) return true;
  return headers['x-forwarded-proto'] === 'https' && isTrusted(request.socket.remoteAddress ?? '');
}

export function parseCookies(header: string | undefined): Record<string, string> {
  if (header === undefined) return {};
  return Object.fromEntries(
    Object.entries(parseCookie(header)).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
}
