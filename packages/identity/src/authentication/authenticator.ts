import { timingSafeEqual } from 'node:crypto';
import { sha256 } from '@automatos/kernel/hash';
import { holdsStill, takeTicket } from '../identity-store.ts';
import { asOperator } from './as-operator.ts';
import { byIssuer } from './by-issuer.ts';
import { byKey } from './by-key.ts';
import { bySession } from './by-session.ts';
import { byToken } from './by-token.ts';
import { presentedBearer, presentedJwt } from './presented-token.ts';
import { SESSION_COOKIE } from './session-cookie.ts';
import { principalOf } from './types.ts';
import { bare, issuerOf } from '../oidc/outside-issuers.ts';
import type { OidcRoom } from '../oidc/create-oidc.ts';
import type { TokenRoom } from '../tokens/create-tokens.ts';
import type { Authentication, AuthenticationDeps, Credentials } from './types.ts';

export interface Authenticator {
  /** Null without credentials; throws 401 for bad ones and 403 for a workspace that the caller is no member of. */
  authenticate(request: Credentials): Promise<Authentication | null>;
  /** Uses a one-use ticket up; null when it is unknown, used or expired. */
  redeemTicket(ticket: string): Promise<Authentication | null>;
  /** Whether what a ticket proved is still so: the session or key lives, and the person is a member in the same role. */
  stillHolds(authentication: Authentication): Promise<boolean>;
}

export interface AuthenticatorDeps extends AuthenticationDeps {
  tokens: Pick<TokenRoom, 'access' | 'issuer'>;
  others: Pick<OidcRoom, 'outside' | 'people'>;
}

/**
 * Resolves callers in the order of the specification: access token of ours, of another issuer, API key, session cookie. The first
 * one that is there decides: what is wrong with it is not made good by another.
 */
export function createAuthenticator(deps: AuthenticatorDeps): Authenticator {
  const operatorHashes = deps.operatorKeys.map((key) => Buffer.from(sha256(key)));
  return {
    async authenticate(request) {
      const jwt = presentedJwt(request.headers);
      if (jwt !== undefined) return byJwt(deps, jwt, request);
      const key = request.headers['x-api-key'] ?? presentedBearer(request.headers);
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
            sessionId: taken.principal.sessionId,
          }
        : null;
    },
    async stillHolds({ principal, workspaceId, sessionId }) {
      const { kind, id, role } = principal;
      if (kind === 'operator') return true;
      const session = { id: sessionId ?? null, nowMs: deps.clock.now() };
      return deps.database.system((tx) => holdsStill(tx, { kind, id, role, workspaceId }, session));
    },
  };
}

/** The issuer that a token names decides whose keys it has to be signed with; no second one is tried. */
function byJwt(deps: AuthenticatorDeps, jwt: string, request: Credentials) {
  const isOurs = bare(issuerOf(jwt) ?? '') === bare(deps.tokens.issuer);
  return isOurs ? byToken(deps, jwt, request) : byIssuer({ ...deps, ...deps.others }, jwt, request);
}
