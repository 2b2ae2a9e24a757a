import { timingSafeEqual } from 'node:crypto';
import { DEFAULT_WORKSPACE_ID } from '@automatos/kernel';
import { sha256 } from '@automatos/kernel/hash';
import { findWorkspace, takeTicket } from '../identity-store.ts';
import { byKey } from './by-key.ts';
import { bySession } from './by-session.ts';
import { notMember, requestedWorkspace } from './resolve-workspace.ts';
import { principalOf } from './types.ts';
import type { Authentication, AuthenticationDeps, Credentials } from './types.ts';

export const SESSION_COOKIE = 'automatos_session';

export interface Authenticator {
  /** Null without credentials; throws 401 for bad ones and 403 for a workspace that the caller is no member of. */
  authenticate(request: Credentials): Promise<Authentication | null>;
  /** Uses a one-use ticket up; null when it is unknown, used or expired. */
  redeemTicket(ticket: string): Promise<Authentication | null>;
}

/** Resolves callers in the order of the specification: API key, then session cookie; tokens of issuers come with their own issue. */
export function createAuthenticator(deps: AuthenticationDeps): Authenticator {
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

async function asOperator(deps: AuthenticationDeps, request: Credentials): Promise<Authentication> {
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

function presentedKey(headers: Credentials['headers']): string | undefined {
  return headers['x-api-key'] ?? /^Bearer\s+(\S+)$/i.exec(headers['authorization'] ?? '')?.[1];
}
