import type { Call, Handlers, tokenRoutes } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { PlatformError, isPlatformError } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { annotateAudit } from '../audit/index.ts';
import { isJwt } from '../authentication/presented-token.ts';
import { notMember } from '../authentication/resolve-workspace.ts';
import { findSession } from '../identity-store.ts';
import type { SignedIn } from '../identity-store.ts';
import { sessionTokenOf } from '../authentication/session-cookie.ts';
import { endSession } from '../sessions/session-store.ts';
import type { TokenRoom } from './create-tokens.ts';
import type { SigningKey } from './signing-keys.ts';
import { revokeJti } from './token-store.ts';

export interface TokenHandlerDeps {
  database: Database;
  clock: Clock;
  tokens: TokenRoom;
}

type TokenHandlers = Pick<
  Handlers<typeof tokenRoutes>,
  'createToken' | 'revokeToken' | 'jwks' | 'jwksUnderApi'
>;

/** Fresh access tokens, their end, and the keys that prove them. */
export function createTokenHandlers(deps: TokenHandlerDeps): TokenHandlers {
  const { database, clock, tokens } = deps;
  const jwks = async () => ({
    body: { keys: (await tokens.keys.published()).map(present) },
    headers: { 'cache-control': 'public, max-age=300' },
  });
  return {
    jwks,
    jwksUnderApi: jwks,
    createToken: (call) => createToken(deps, call),
    async revokeToken({ body }) {
      if (isJwt(body.token)) await revokeAccess(deps, body.token);
      else {
        const found = await database.system(async (tx) => {
          const living = await findSession(tx, body.token, clock.now());
          if (living !== null) await endSession(tx, living.user.id, living.session.id);
          return living;
        });
        if (found !== null) annotateOwner(found);
      }
      return { status: 204 };
    },
  };
}

async function createToken(deps: TokenHandlerDeps, call: Call<typeof tokenRoutes.createToken>) {
  const { database, clock, tokens } = deps;
  const { refresh_token: refresh, workspace_id: workspaceId } = call.body;
  const secret = refresh ?? sessionTokenOf(call.headers);
  const found =
    secret === undefined
      ? null
      : await database.system((tx) => findSession(tx, secret, clock.now()));
  // A cookie counts only where the edge took it as the proof, and so has asked for a page of this site.
  if (found === null || (refresh === undefined && found.session.id !== call.sessionId))
    throw sessionEnded();
  if (workspaceId !== undefined && !found.memberships.some(({ id }) => id === workspaceId))
    throw notMember();
  annotateOwner(found);
  const { token_type, access_token, expires_in } = await tokens.issueTokens({
    sessionId: found.session.id,
    sessionToken: secret ?? '',
    userId: found.user.id,
    workspaceId,
  });
  return {
    body: { token_type, access_token, expires_in },
    headers: { 'cache-control': 'no-store' },
  };
}

/** What is not ours, or has ended anyway, needs no revocation. */
async function revokeAccess({ database, clock, tokens }: TokenHandlerDeps, token: string) {
  try {
    const { jti, expiresAt } = await tokens.access.verify(token);
    await database.system((tx) => revokeJti(tx, { jti, expiresAt }, new Date(clock.now())));
  } catch (error) {
    if (!isPlatformError(error) || error.kind !== 'unauthenticated') throw error;
  }
}

function annotateOwner({ user, memberships }: SignedIn): void {
  const [workspace] = memberships;
  annotateAudit({
    ...(workspace === undefined ? {} : { workspaceId: workspace.id satisfies WorkspaceId }),
    actor: { kind: 'user', id: user.id, name: user.name },
    target: { type: 'user', id: user.id, name: '' },
  });
}

function sessionEnded(): PlatformError {
  return new PlatformError({
    code: 'identity.session.ended',
    kind: 'unauthenticated',
    message: 'This session has ended; sign in again.',
  });
}

const present = ({ kid, x }: SigningKey) => ({
  kty: 'OKP',
  crv: 'Ed25519',
  x,
  kid,
  alg: 'EdDSA',
  use: 'sig' as const,
});
