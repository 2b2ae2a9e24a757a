import type { Permission, Principal, Role } from '@automatos/contracts';
import { permissionsOf } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import type { AuditLog } from '../audit/index.ts';

/** What the edge knows of a request before anybody is known. */
export interface Credentials {
  headers: Readonly<Record<string, string | undefined>>;
  cookies: Readonly<Record<string, string | undefined>>;
  query: Readonly<Record<string, unknown>>;
  /** Workspace that the path names, on routes whose contract says so; it decides before everything else. */
  pathWorkspace?: string | undefined;
  /** Of the caller, forwarded ones honoured only from trusted proxies; for the record. */
  remoteAddress?: string | undefined;
}

export interface Authentication {
  principal: Principal;
  /** The workspace the request works in, resolved from path, header, query and defaults. */
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

export interface AuthenticationDeps {
  database: Database;
  clock: Clock;
  audit: Pick<AuditLog, 'append'>;
  /** Bootstrap keys with owner's rights in every workspace: of the operator's environment and of the local command line. */
  operatorKeys: readonly string[];
  /** Workspace used when the request names none (`WORKSPACE_ID`). */
  defaultWorkspaceId?: WorkspaceId | undefined;
  /** Workspace of the operator when nothing else names one (`DEFAULT_TENANT_ID`); absent: the first one. */
  defaultTenantId?: WorkspaceId | undefined;
  /** Fills the workspace that is made for a person who is in none. */
  onWorkspaceCreated?: ((workspaceId: WorkspaceId) => Promise<void>) | undefined;
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
