import { PlatformError } from '@automatos/kernel';
import { findSession } from '../identity-store.ts';
import { chooseWorkspace } from './resolve-workspace.ts';
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
