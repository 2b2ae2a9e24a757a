import { timingSafeEqual } from 'node:crypto';
import { permissionsOf } from '@automatos/contracts';
import type { Permission, Principal, Role } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { DEFAULT_WORKSPACE_ID, PlatformError, isUuid, newId } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { sha256 } from '@automatos/kernel/hash';
import type { AuditLog } from './audit/index.ts';
import { useApiKey } from './api-key-store.ts';
import { findSession, findWorkspace, takeTicket } from './identity-store.ts';
import type { Membership } from './identity-store.ts';

export const SESSION_COOKIE = 'automatos_session';

/** What the edge knows of a request before anybody is known. */
export interface Credentials {
  headers: Readonly<Record<string, string | undefined>>;
  cookies: Readonly<Record<string, string | undefined>>;
  query: Readonly<Record<string, unknown>>;
  /** Of the caller, forwarded ones honoured only from trusted proxies; for the record. */
  remoteAddress?: string | undefined;
}

export interface Authentication {
  principal: Principal;
  workspaceId: WorkspaceId;
  /** True when a cookie proved it: the edge then asks for a same-origin request on writes. */
  viaCookie: boolean;
  /** Session behind it, for people. */
  sessionId?: string | undefined;
  /** When the person last proved themselves in that session, in milliseconds of the epoch. */
  verifiedAt?: number | undefined;
  /** Requests per minute of this caller, when other than the installation's. */
  rateLimitPerMinute?: number | undefined;
}

export interface Authenticator {
  /** Null without credentials; throws 401 for bad ones and 403 for a workspace that the caller is no member of. */
  authenticate(request: Credentials): Promise<Authentication | null>;
  /** Uses a one-use ticket up; null when it is unknown, used or expired. */
  redeemTicket(ticket: string): Promise<Authentication | null>;
}

interface Deps {
  database: Database;
  clock: Clock;
  audit: Pick<AuditLog, 'append'>;
  /** Bootstrap keys with owner's rights in every workspace: of the operator's environment and of the local command line. */
  operatorKeys: readonly string[];
  /** Workspace used when the request names none (`WORKSPACE_ID`). */
  defaultWorkspaceId?: WorkspaceId | undefined;
}

export function principalOf(data: {
  kind: Principal['kind'];
  id: string;
  name: string;
  role: Role;
  platformAdmin?: boolean;
  /** Narrow what the role allows; null and absent do not. */
  scopes?: readonly Permission[] | null;
}): Principal {
  const { scopes: _narrowed, ...principal } = data;
  return { ...principal, permissions: permissionsOf(data) };
}

/** Resolves callers in the order of the specification: API key, then session cookie; tokens of issuers come with their own issue. */
export function createAuthenticator(deps: Deps): Authenticator {
  const operatorHashes = deps.operatorKeys.map((key) => Buffer.from(sha256(key)));
  return {
    async authenticate(request) {
      const key = presentedKey(request.headers);
      if (key !== undefined) {
        const hash = sha256(key);
        const isOperator = operatorHashes.some((known) =>
          timingSafeEqual(known, Buffer.from(hash)),
        );
        return isOperator ? asOperator(deps, request) : byKey(deps, hash, request);
      }
      const token = request.cookies[SESSION_COOKIE];
      return token ? bySession(deps, token, request) : null;
    },
    async redeemTicket(ticket) {
      const taken = await deps.database.system((tx) =>
        takeTicket(tx, sha256(ticket), deps.clock.now()),
      );
      return taken
        ? {
            principal: principalOf(taken.principal),
            workspaceId: taken.workspaceId,
            viaCookie: false,
          }
        : null;
    },
  };
}

async function byKey(deps: Deps, hash: string, request: Credentials): Promise<Authentication> {
  const row = await deps.database.system((tx) => useKey(deps, tx, { hash, request }));
  if (!row) {
    const message = 'This API key is unknown, revoked or expired; make a new one under Settings.';
    throw new PlatformError({ code: 'identity.key.rejected', kind: 'unauthenticated', message });
  }
  const asked = requestedWorkspace(request);
  if (asked !== undefined && asked !== row.workspace_id) throw notMember();
  const principal = principalOf({ kind: 'api_key', id: row.id, name: row.name, role: row.role });
  return { principal, workspaceId: row.workspace_id as WorkspaceId, viaCookie: false };
}

/** The first use of a key is in the audit log: a key that should lie in a drawer shows when it left it. */
async function useKey(
  { audit, clock }: Deps,
  tx: Tx,
  { hash, request }: { hash: string; request: Credentials },
) {
  const row = await useApiKey(tx, hash, clock.now());
  if (row?.isFirstUse === true) {
    await audit.append(tx, {
      id: newId(clock.now()),
      workspaceId: row.workspace_id as WorkspaceId,
      actor: {
        kind: 'api_key',
        id: row.id,
        name: row.name,
        ip: request.remoteAddress,
        userAgent: request.headers['user-agent'],
      },
      action: 'api_key.first_use',
      target: { type: 'api_key', id: row.id, name: row.name },
      outcome: 'success',
      requestId: request.headers['x-request-id'] ?? '',
      details: {},
    });
  }
  return row;
}

async function asOperator(deps: Deps, request: Credentials): Promise<Authentication> {
  const workspaceId =
    requestedWorkspace(request) ?? deps.defaultWorkspaceId ?? DEFAULT_WORKSPACE_ID;
  const workspace = await deps.database.system((tx) => findWorkspace(tx, workspaceId));
  if (!workspace) throw notMember();
  const principal = principalOf({
    kind: 'operator',
    id: 'operator',
    name: 'Operator',
    role: 'owner',
  });
  return { principal, workspaceId: workspace.id, viaCookie: false };
}

async function bySession(deps: Deps, token: string, request: Credentials): Promise<Authentication> {
  const session = await deps.database.system((tx) => findSession(tx, token, deps.clock.now()));
  if (!session) {
    const message = 'This session has ended; sign in again.';
    throw new PlatformError({ code: 'identity.session.ended', kind: 'unauthenticated', message });
  }
  const workspace = chooseWorkspace(session.memberships, request, deps.defaultWorkspaceId);
  const { id, name, platformAdmin } = session.user;
  return {
    principal: principalOf({ kind: 'user', id, name, role: workspace.role, platformAdmin }),
    workspaceId: workspace.id,
    viaCookie: true,
    sessionId: session.session.id,
    verifiedAt: session.session.verifiedAt.getTime(),
  };
}

function presentedKey(headers: Credentials['headers']): string | undefined {
  return headers['x-api-key'] ?? /^Bearer\s+(\S+)$/i.exec(headers['authorization'] ?? '')?.[1];
}

function requestedWorkspace(request: Credentials): WorkspaceId | undefined {
  const asked = request.headers['x-workspace-id'] ?? request.query['workspace_id'];
  if (asked === undefined) return undefined;
  // Not an id: nobody is a member of it.
  if (typeof asked !== 'string' || !isUuid(asked)) throw notMember();
  return asked as WorkspaceId;
}

function chooseWorkspace(
  memberships: Membership[],
  request: Credentials,
  fallback: WorkspaceId | undefined,
): Membership {
  const asked = requestedWorkspace(request);
  const chosen =
    asked === undefined
      ? (memberships.find((member) => member.id === fallback) ?? memberships[0])
      : memberships.find((member) => member.id === asked);
  if (!chosen) throw notMember();
  return chosen;
}

function notMember(): PlatformError {
  return new PlatformError({
    code: 'identity.workspace.not_member',
    kind: 'forbidden',
    message: 'You are no member of the workspace that this request names.',
  });
}
