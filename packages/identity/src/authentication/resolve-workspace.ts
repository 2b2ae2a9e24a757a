import { DEFAULT_WORKSPACE_ID, PlatformError, isUuid } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import type { Membership } from '../identity-store.ts';
import type { AuthenticationDeps, Credentials } from './types.ts';

/**
 * The workspace that a request names: in its path where the operation has one there, else in the header, else in the query.
 * Throws 403 for what can be no workspace, and 400 when header or query contradict the path.
 */
export function requestedWorkspace(request: Credentials): WorkspaceId | undefined {
  const { pathWorkspace } = request;
  const header = request.headers['x-workspace-id'];
  const query = request.query['workspace_id'];
  if (pathWorkspace === undefined) return toWorkspace(header ?? query);
  for (const [where, named] of [
    ['X-Workspace-ID', header],
    ['workspace_id', query],
  ] as const) {
    if (named !== undefined && named !== pathWorkspace)
      throw contradicted(where, named, pathWorkspace);
  }
  return toWorkspace(pathWorkspace);
}

/**
 * The workspace that a person works in: the named one if they are a member, else that of the installation's settings
 * (`fallback`) where they are one, else their personal one, which is the oldest that they own, else the oldest. `memberships`
 * are sorted by age. Throws 403 when none is left.
 */
export function chooseWorkspace(
  memberships: Membership[],
  request: Credentials,
  fallback: WorkspaceId | undefined,
): Membership {
  const asked = requestedWorkspace(request);
  const chosen =
    asked === undefined
      ? (memberships.find((member) => member.id === fallback) ?? personalWorkspace(memberships))
      : memberships.find((member) => member.id === asked);
  if (!chosen) throw notMember();
  return chosen;
}

/** The workspace of somebody who has none of their own: the named one, `WORKSPACE_ID`, or that of the single tenant. */
export function tenantWorkspace(
  deps: Pick<AuthenticationDeps, 'defaultWorkspaceId' | 'defaultTenantId'>,
  request: Credentials,
): WorkspaceId {
  return (
    requestedWorkspace(request) ??
    deps.defaultWorkspaceId ??
    deps.defaultTenantId ??
    DEFAULT_WORKSPACE_ID
  );
}

/** The oldest that the person owns, else the oldest that they are in; `memberships` are sorted by age. */
export function personalWorkspace(memberships: readonly Membership[]): Membership | undefined {
  return memberships.find((member) => member.role === 'owner') ?? memberships[0];
}

function toWorkspace(asked: unknown): WorkspaceId | undefined {
  if (asked === undefined) return undefined;
  // Not an id: nobody is a member of it.
  if (typeof asked !== 'string' || !isUuid(asked)) throw notMember();
  return asked as WorkspaceId;
}

/** The same for workspaces that exist and that do not, so that nobody learns which do. */
export function notMember(): PlatformError {
  return new PlatformError({
    code: 'identity.workspace.not_member',
    kind: 'forbidden',
    message: 'You are no member of the workspace that this request names.',
  });
}

function contradicted(where: string, named: unknown, inPath: string): PlatformError {
  return new PlatformError({
    code: 'identity.workspace.contradicted',
    kind: 'invalid-input',
    message: `The path names the workspace ${inPath.slice(0, 40)}, and ${where} names ${String(named).slice(0, 40)}; leave ${where} out or name the same one.`,
  });
}
