import type { RouteSpec } from '@automatos/contracts';
import type { AuditEntry, AuditLog, AuditOutcome, AuditScope } from '@automatos/identity';
import { runInAuditScope } from '@automatos/identity';
import { DEFAULT_WORKSPACE_ID, newId } from '@automatos/kernel';
import type { Clock, JsonObject, Logger } from '@automatos/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { auditActionOf, auditKindOf, describeBody } from './audit-actions.ts';
import type { AuditKind } from './audit-actions.ts';
import { pathParams } from './route-table.ts';

export type RequestAudit = Pick<
  AuditLog,
  'begin' | 'settle' | 'settleLater' | 'forget' | 'assertKeepingUp'
>;

export interface AuditRequestsDeps {
  audit: RequestAudit;
  clock: Clock;
  logger: Logger;
}

/** Targets whose name is that of a person: it would stay in the log when all else of them is erased. */
const PERSONS: ReadonlySet<string> = new Set(['user', 'member', 'profile']);

/** What the edge remembers of the entry of one request. */
export interface RequestRecord {
  readonly kind: AuditKind;
  readonly scope: AuditScope;
  /** Its outcome is stored or on its way. */
  isSettled: boolean;
}

/** Answers larger than that are not looked into for the name of what was made. */
const ANSWER_CHARS_MAX = 64 * 1024;

/**
 * Records every write, every refusal and the reads that {@link auditKindOf} names, in one place for all routes. A change is
 * put down before its handler runs and stored before its answer leaves; where that fails the client gets 503 instead of the
 * answer. Refused for too many requests is not recorded: nothing was tried.
 */
export function registerAudit(app: FastifyInstance, deps: AuditRequestsDeps): void {
  app.addHook('preHandler', async (request, reply) => {
    const spec = request.edge.route?.spec;
    if (spec === undefined || auditKindOf(spec) === 'denial') return;
    const record = recordOf(deps, request, spec);
    if (record.kind === 'use') deps.audit.assertKeepingUp();
    else await begin(deps, record);
    // An answer that its handler sends itself passes no hook.
    reply.raw.once('close', () => {
      if (!record.isSettled && reply.raw.headersSent)
        settleBeside(deps, record, { status: reply.raw.statusCode, details: {} });
    });
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const spec = request.edge.route?.spec;
    if (spec === undefined || !isRecorded(spec, reply.statusCode)) return payload;
    const record = recordOf(deps, request, spec);
    if (record.isSettled) return payload;
    const result = { status: reply.statusCode, details: detailsOf(request, reply, payload) };
    if (result.status < 400) nameTarget(record.scope, payload);
    if (record.kind === 'change') await settle(deps, record, { ...result, reply });
    else settleBeside(deps, record, result);
    return payload;
  });
}

/** Runs the handler of a request so that it can tell more of its entry. */
export function runRecorded<T>(request: FastifyRequest, work: () => T): T {
  const { record } = request.edge;
  return record === undefined ? work() : runInAuditScope(record.scope, work);
}

function isRecorded(spec: RouteSpec, status: number): boolean {
  if (status === 429) return false;
  if (auditKindOf(spec) !== 'denial') return true;
  return status === 403 || (status === 401 && spec.method !== 'GET');
}

function recordOf(
  deps: AuditRequestsDeps,
  request: FastifyRequest,
  spec: RouteSpec,
): RequestRecord {
  const { edge } = request;
  return (edge.record ??= {
    kind: auditKindOf(spec),
    scope: scopeOf(deps, request, spec),
    isSettled: false,
  });
}

function scopeOf(
  { clock }: AuditRequestsDeps,
  request: FastifyRequest,
  spec: RouteSpec,
): AuditScope {
  const { edge } = request;
  const caller = edge.caller?.principal;
  const action = auditActionOf(spec);
  const params = Object.values((pathParams(spec, request.params) ?? {}) as Record<string, string>);
  return {
    id: newId(clock.now()),
    requestId: edge.requestId,
    action,
    // Whoever is not known tried it on the platform; outsiders write into nobody's log.
    workspaceId: edge.caller?.workspaceId ?? DEFAULT_WORKSPACE_ID,
    actor: {
      kind: caller?.kind ?? 'anonymous',
      id: caller?.id ?? '',
      name: caller?.name ?? '',
      ip: edge.remoteAddress,
      userAgent: edge.headers['user-agent'],
    },
    target: {
      type: action.slice(0, action.indexOf('.')),
      id: params.at(-1) ?? '',
      name: '',
    },
    details: { method: spec.method, route: spec.path },
    appended: false,
  };
}

async function begin({ audit }: AuditRequestsDeps, record: RequestRecord): Promise<void> {
  try {
    await audit.begin(entryOf(record.scope, 'failure', {}));
  } catch (error) {
    // Nothing was done, and there is nowhere to say so.
    record.isSettled = true;
    throw error;
  }
}

interface Result {
  status: number;
  details: JsonObject;
}

async function settle(
  { audit, logger }: AuditRequestsDeps,
  record: RequestRecord,
  { status, details, reply }: Result & { reply: FastifyReply },
): Promise<void> {
  const { scope } = record;
  record.isSettled = true;
  if (scope.appended && status < 400) {
    audit
      .forget(scope.id)
      .catch((error: unknown) => logger.warn({ reason: String(error) }, 'an audit entry was left'));
    return;
  }
  try {
    await audit.settle(entryOf(scope, outcomeOf(status), { ...details, status }));
  } catch (error) {
    // An answer that says already what failed is not replaced by one that knows less.
    if (status >= 500) {
      logger.warn({ reason: String(error) }, 'the outcome of a failed request was not recorded');
      return;
    }
    reply.removeHeader('set-cookie');
    throw error;
  }
}

function settleBeside(
  { audit, logger }: AuditRequestsDeps,
  record: RequestRecord,
  { status, details }: Result,
): void {
  record.isSettled = true;
  const entry = entryOf(record.scope, outcomeOf(status), { ...details, status });
  try {
    audit.settleLater(entry);
  } catch (error) {
    // The answer is on its way; the process log is the last place left.
    logger.error({ entry, reason: String(error) }, 'an audit entry found no room');
  }
}

function entryOf(scope: AuditScope, outcome: AuditOutcome, more: JsonObject): AuditEntry {
  const { id, workspaceId, actor, action, target, requestId, details } = scope;
  return {
    id,
    workspaceId,
    actor,
    action,
    target,
    outcome,
    requestId,
    details: { ...details, ...more },
  };
}

function outcomeOf(status: number): AuditOutcome {
  if (status === 401 || status === 403) return 'denied';
  return status < 400 ? 'success' : 'failure';
}

function detailsOf(request: FastifyRequest, reply: FastifyReply, payload: unknown): JsonObject {
  const spec = request.edge.route?.spec;
  if (reply.statusCode >= 400) {
    const problem = readJson(payload);
    const code = problem['code'] ?? (problem['error'] as { code?: unknown } | undefined)?.code;
    return typeof code === 'string' ? { code } : {};
  }
  return {
    ...(spec === undefined ? {} : describeBody(spec, request.body)),
    ...(reply.hasHeader('idempotency-replayed') ? { replayed: true } : {}),
  };
}

/** The id and name that the answer gives to what was made or changed. */
function nameTarget(scope: AuditScope, payload: unknown): void {
  if (scope.target.name !== '' || PERSONS.has(scope.target.type)) return;
  const made = readJson(payload);
  const id = scope.target.id === '' ? made['id'] : undefined;
  const name = [made['name'], made['title'], made['slug']].find((each) => typeof each === 'string');
  scope.target = {
    ...scope.target,
    ...(typeof id === 'string' ? { id } : {}),
    ...(typeof name === 'string' ? { name } : {}),
  };
}

function readJson(payload: unknown): Record<string, unknown> {
  if (typeof payload !== 'string' || payload.length > ANSWER_CHARS_MAX || payload[0] !== '{')
    return {};
  try {
    return JSON.parse(payload) as Record<string, unknown>;
  } catch {
    return {}; // not JSON: it has no name to give
  }
}
