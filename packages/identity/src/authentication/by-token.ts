import type { TokenRoom } from '../tokens/create-tokens.ts';
import { tokenRevoked } from '../tokens/token-errors.ts';
import { findSessionOfToken } from '../identity-store.ts';
import { chooseWorkspace, notMember, requestedWorkspace } from './resolve-workspace.ts';
import { principalOf } from './types.ts';
import type { Authentication, AuthenticationDeps, Credentials } from './types.ts';

/**
 * Who an access token of ours stands for. Its signature is checked first, then one query asks whether its session lives, its
 * person is not locked, it was not revoked, and which workspaces are theirs: so it ends at once with each of these.
 */
export async function byToken(
  deps: AuthenticationDeps & { tokens: Pick<TokenRoom, 'access'> },
  token: string,
  request: Credentials,
): Promise<Authentication> {
  const claims = await deps.tokens.access.verify(token);
  const found = await deps.database.systemStatements((tx) =>
    findSessionOfToken(tx, claims, deps.clock.now()),
  );
  if (found === null) throw tokenRevoked();
  const { memberships, user, session } = found;
  // The workspace that the token was made for; when the person has left it, no other takes its place.
  const own = memberships.find((member) => member.id === claims.workspaceId);
  if (claims.workspaceId !== undefined && own === undefined && !requestedWorkspace(request))
    throw notMember();
  const workspace = chooseWorkspace(memberships, request, own?.id ?? deps.defaultWorkspaceId);
  const { id, name, platformAdmin } = user;
  return {
    principal: principalOf({ kind: 'user', id, name, role: workspace.role, platformAdmin }),
    workspaceId: workspace.id,
    viaCookie: false,
    sessionId: session.id,
    verifiedAt: session.verifiedAt.getTime(),
  };
}
