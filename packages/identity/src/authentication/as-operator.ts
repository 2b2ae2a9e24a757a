import { findWorkspace } from '../identity-store.ts';
import { notMember, tenantWorkspace } from './resolve-workspace.ts';
import { principalOf } from './types.ts';
import type { Authentication, AuthenticationDeps, Credentials } from './types.ts';

/** The operator in the workspace that the request works in, with owner's rights; 403 when there is no such workspace. */
export async function asOperator(
  deps: Pick<AuthenticationDeps, 'database' | 'defaultWorkspaceId' | 'defaultTenantId'>,
  request: Credentials,
): Promise<Authentication> {
  const workspaceId = tenantWorkspace(deps, request);
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
