import type { RouteSpec } from '@automatos/contracts';
import { attackRefused, keptOut, stepUpRequired, throttled } from '@automatos/identity';
import type { RequestFacts, ThreatAssessment, Threats } from '@automatos/identity';
import { isUuid } from '@automatos/kernel';
import type { PlatformError } from '@automatos/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authentication } from './authenticator.ts';
import type { EdgeState, RequestThreat } from './edge-state.ts';
import type { RateLimiter } from './rate-limit.ts';

/** What the edge needs of the threat detector. */
export type ThreatGuard = Pick<Threats, 'blockOf' | 'assess' | 'finish'>;

export interface ThreatHookDeps {
  threats: ThreatGuard;
  rateLimiter: RateLimiter;
  settings: { rateLimitPerMinute: number; rateLimitPrincipalPerMinute: number };
}

/** Probes and scrapers: nobody is to be kept from asking how the server is, and their pace teaches nothing. */
const UNWATCHED: ReadonlySet<string> = new Set(['getHealth', 'getReady', 'getMetrics']);
/** With these a person proves that it is them, or leaves: a challenge must not stand in the way of its own answer. */
const WAYS_OUT: ReadonlySet<string> = new Set([
  'stepUp',
  'verifyMfa',
  'getMfa',
  'getSession',
  'signOut',
  'getAuthStatus',
  'createTicket',
]);
/** Operations whose answer is a run. */
const RUN_STARTS: ReadonlySet<string> = new Set(['executeRecipe']);
const ANSWER_CHARS_MAX = 256 * 1024;

/** Refuses addresses that are kept out, before anything else is done for them. */
export function refuseBlockedAddress(threats: ThreatGuard | undefined, edge: EdgeState): void {
  if (threats === undefined || UNWATCHED.has(edge.route?.spec.operationId ?? '')) return;
  const block = threats.blockOf({ address: edge.remoteAddress, caller: null });
  if (block === undefined) return;
  edge.refusedByThreats = true;
  throw keptOut(block, edge.requestId);
}

/**
 * Joins the threat detector with the edge: a principal that is kept out is refused before its body is read, a request is
 * assessed once its body is parsed and before anything is done for it, and how it was answered is told afterwards. All but a
 * throttled request is synchronous.
 */
export function registerThreats(app: FastifyInstance, deps: ThreatHookDeps): void {
  const { threats } = deps;
  app.addHook('onRequest', (request, reply, done) => {
    const operation = request.edge.route?.spec.operationId ?? '';
    const caller = callerOf(request.edge.authentication);
    if (caller === null || UNWATCHED.has(operation) || WAYS_OUT.has(operation)) return done();
    const block = threats.blockOf({ address: request.edge.remoteAddress, caller });
    request.edge.refusedByThreats = block !== undefined;
    done(block === undefined ? undefined : keptOut(block, request.edge.requestId));
  });
  app.addHook('preHandler', async (request) => {
    if (!isWatched(request)) return;
    const threat = assess(threats, request);
    request.edge.threat = threat;
    if (threat.assessment?.enforced !== true) return;
    const refusal = await refusalFor(deps, request, threat.assessment);
    if (refusal === undefined) return;
    request.edge.refusedByThreats = true;
    throw refusal;
  });
  app.addHook('onSend', async (request, reply, payload) => {
    noteRun(request, reply, payload);
    return payload;
  });
}

/** To be called for each request as soon as it has a state; its end is told to the detector whoever refuses it. */
export function watchEnd(
  threats: ThreatGuard | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  if (threats === undefined || !isWatched(request)) return;
  reply.raw.once('close', () => {
    const status = reply.raw.statusCode;
    const { refusedByThreats } = request.edge;
    const isLate = request.edge.threat === undefined;
    // Whoever is kept out is counted with the block.
    if (refusedByThreats && isLate) return;
    // Whoever comes too often is not worth a look; that they did is.
    const threat =
      request.edge.threat ??
      (status === 429 ? { facts: factsOf(request), assessment: null } : assess(threats, request));
    threats.finish(threat.facts, threat.assessment, {
      status,
      runId: request.edge.runId,
      isLate,
      refusedByThreats,
    });
  });
}

function isWatched(request: FastifyRequest): boolean {
  return request.method !== 'OPTIONS' && !UNWATCHED.has(request.edge.route?.spec.operationId ?? '');
}

function assess(threats: ThreatGuard, request: FastifyRequest): RequestThreat {
  const facts = factsOf(request);
  return { facts, assessment: threats.assess(facts) };
}

async function refusalFor(
  deps: ThreatHookDeps,
  request: FastifyRequest,
  assessment: ThreatAssessment,
): Promise<PlatformError | undefined> {
  const { edge } = request;
  const isWayOut = WAYS_OUT.has(edge.route?.spec.operationId ?? '');
  if (assessment.action === 'block') return attackRefused(assessment);
  if (assessment.action === 'challenge') return isWayOut ? undefined : stepUpRequired();
  const { rateLimitPerMinute, rateLimitPrincipalPerMinute } = deps.settings;
  const { principal, address } = assessment;
  const isKnown = principal.kind !== 'anonymous';
  const usual = isKnown
    ? (edge.authentication?.rateLimitPerMinute ?? rateLimitPrincipalPerMinute)
    : rateLimitPerMinute;
  const decision = await deps.rateLimiter.consume(
    isKnown ? `threat:${principal.kind}:${principal.id}` : `threat:address:${address}`,
    Math.max(1, Math.floor(usual / 10)),
  );
  return decision.allowed ? undefined : throttled(decision.resetSeconds);
}

function factsOf(request: FastifyRequest): RequestFacts {
  const { edge } = request;
  const end = request.url.indexOf('?');
  return {
    requestId: edge.requestId,
    method: request.method,
    ...routeFacts(edge.route?.spec),
    path: end === -1 ? request.url : request.url.slice(0, end),
    query: (request.query ?? {}) as Record<string, unknown>,
    headers: edge.headers,
    body: request.body,
    address: edge.remoteAddress,
    caller: callerOf(edge.authentication ?? edge.caller),
  };
}

function routeFacts(spec: RouteSpec | undefined) {
  return spec === undefined
    ? { route: null, area: '', operationId: '' }
    : { route: spec.path, area: spec.tag, operationId: spec.operationId };
}

/** Who was proven, as the detector sees them. */
export function callerOf(authentication: Authentication | null): RequestFacts['caller'] {
  if (authentication === null) return null;
  const { principal, workspaceId, verifiedAt } = authentication;
  const { kind, id, name } = principal;
  return { kind, id, name, workspaceId, verifiedAt };
}

/** The run that a text with a finding started, so that whoever looks at the run learns of it. */
function noteRun({ edge }: FastifyRequest, reply: FastifyReply, payload: unknown): void {
  const isStart = RUN_STARTS.has(edge.route?.spec.operationId ?? '') && reply.statusCode < 300;
  if (!isStart || (edge.threat?.assessment?.score ?? 0) === 0) return;
  if (typeof payload !== 'string' || payload.length > ANSWER_CHARS_MAX) return;
  try {
    const { id } = JSON.parse(payload) as { id?: unknown };
    if (typeof id === 'string' && isUuid(id)) edge.runId = id;
  } catch {
    return; // not JSON: it names no run
  }
}
