import { PlatformError } from '@automatos/kernel';
import { findSession } from '../identity-store.ts';
import { ensureOwnWorkspace } from './own-workspace.ts';
import { chooseWorkspace, requestedWorkspace } from './resolve-workspace.ts';
import { principalOf } from './types.ts';
import type { Authentication, AuthenticationDeps, Credentials } from './types.ts';

export async function bySession(
  deps: AuthenticationDeps,
  token: string,
  request: Credentials,
): Promise<Authentication> {
  const session = await deps.database.systemStatements((tx) =>
    findSession(tx, token, deps.clock.now()),
  );
  if (!session) {
    const message = 'This session has ended; sign in again.';
    throw new PlatformError({ code: 'identity.session.ended', kind: 'unauthenticated', message });
  }
  const isHomeless = session.memberships.length === 0 && requestedWorkspace(request) === undefined;
  const memberships = isHomeless
    ? await ensureOwnWorkspace(deps, session.user)
    : session.memberships;
  const workspace = chooseWorkspace(memberships, request, deps.defaultWorkspaceId);
  const { id, name, platformAdmin } = session.user;
  return {
    principal: principalOf({ kind: 'user', id, name, role: workspace.role, platformAdmin }),
    workspaceId: workspace.id,
    viaCookie: true,
    sessionId: session.session.id,
    verifiedAt: session.session.verifiedAt.getTime(),
  };
}
