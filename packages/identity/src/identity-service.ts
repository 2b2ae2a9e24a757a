import { randomBytes } from 'node:crypto';
import { ROLE_PERMISSIONS, authRoutes, bindRoutes } from '@automatos/contracts';
import type { BoundRoute, Call, Principal, Session, SetCookie } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { PlatformError, isUuid, newId, notFound, systemClock } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { sha256 } from '@automatos/kernel/hash';
import { deleteApiKey, insertApiKey, listApiKeys } from './api-key-store.ts';
import type { ApiKeyRow } from './api-key-store.ts';
import { SESSION_COOKIE, createAuthenticator } from './authenticator.ts';
import type { Authenticator } from './authenticator.ts';
import { claimDefaultWorkspace, createPersonalWorkspace, deleteUser, findSession, findWorkspace, insertTicket, needsOwner } from './identity-store.ts';
import type { Membership, UserRow } from './identity-store.ts';
import { createPasswordAccounts } from './password-accounts.ts';
import type { StartedSession } from './password-accounts.ts';

export interface IdentityOptions {
  database: Database;
  clock?: Clock;
  /** Whether people may sign up after the first owner. Default false. */
  signUpOpen: boolean;
  operatorKeys: readonly string[];
  defaultWorkspaceId?: WorkspaceId | undefined;
  /** Fills a new workspace with what the product ships; must bear a repetition, because the start does it too. */
  onWorkspaceCreated: (workspaceId: WorkspaceId) => Promise<void>;
}

export interface Identity {
  routes: BoundRoute[];
  authenticator: Authenticator;
}

const TICKET_MS = 60_000;
const DAY_MS = 86_400_000;

/** The identity room: accounts, sessions, keys, tickets, and who a request comes from. */
export function createIdentity(options: IdentityOptions): Identity {
  const { database } = options;
  const clock = options.clock ?? systemClock;
  const accounts = createPasswordAccounts({ database });
  const authenticator = createAuthenticator({ database, clock, operatorKeys: options.operatorKeys, defaultWorkspaceId: options.defaultWorkspaceId });

  /** The first person owns the default workspace; later ones get their own if sign-up is open, else nothing is left of them. */
  async function settleNewcomer(user: { id: string; name: string }): Promise<void> {
    const created = await database.system(async (tx) => {
      if (await claimDefaultWorkspace(tx, user.id)) return null;
      if (options.signUpOpen) return createPersonalWorkspace(tx, user);
      await deleteUser(tx, user.id);
      return null;
    });
    if (created) await options.onWorkspaceCreated(created);
  }

  async function started(session: StartedSession) {
    const found = await database.system((tx) => findSession(tx, session.token, clock.now()));
    const workspace = found?.memberships[0];
    if (!found || !workspace) throw closed();
    return {
      body: present({ user: found.user, memberships: found.memberships, workspace, principal: { kind: 'user', id: found.user.id, name: found.user.name } }),
      cookies: [cookie(session.token, session.maxAgeSeconds)],
    };
  }

  async function currentSession(call: Call): Promise<Session> {
    const principal = call.principal as Principal;
    const token = /(?:^|;\s*)automatos_session=([^;]+)/.exec(call.headers['cookie'] ?? '')?.[1];
    const found = principal.kind === 'user' && token ? await database.system((tx) => findSession(tx, decodeURIComponent(token), clock.now())) : null;
    const own = await database.system((tx) => findWorkspace(tx, call.workspaceId));
    if (!own) throw notFound('workspace', call.workspaceId);
    const workspace = { ...own, role: principal.role };
    return present({ user: found?.user ?? null, memberships: found?.memberships ?? [workspace], workspace, principal });
  }

  const routes = bindRoutes(authRoutes, {
    async status(call) {
      return { body: { needs_owner: await database.system(needsOwner), sign_up_open: options.signUpOpen, authenticated: call.principal !== null } };
    },
    async signUp({ body }) {
      if (!options.signUpOpen && !(await database.system(needsOwner))) throw closed();
      const session = await accounts.signUp(body);
      await settleNewcomer({ id: session.userId, name: body.name });
      return { ...(await started(session)), status: 201 };
    },
    async signIn({ body, remoteAddress, headers }) {
      return started(await accounts.signIn({ ...body, ipAddress: remoteAddress, userAgent: headers['user-agent'] }));
    },
    async signOut(call) {
      const token = /(?:^|;\s*)automatos_session=([^;]+)/.exec(call.headers['cookie'] ?? '')?.[1];
      if (token) await accounts.endSession(decodeURIComponent(token));
      return { cookies: [cookie('', 0)] };
    },
    async session(call) {
      return { body: await currentSession(call as unknown as Call) };
    },
    async ticket({ principal, workspaceId }) {
      const { kind, id, name, role } = principal as Principal;
      const ticket = randomBytes(24).toString('base64url');
      const expiresAt = new Date(clock.now() + TICKET_MS);
      await database.workspace(workspaceId, (tx) => insertTicket(tx, { hash: sha256(ticket), workspaceId, principal: { kind, id, name, role }, expiresAt }));
      return { body: { ticket, expires_at: expiresAt.toISOString() }, status: 201 };
    },
    async listKeys({ workspaceId, query }) {
      const afterId = query.cursor && isUuid(query.cursor) ? query.cursor : null;
      const rows = await database.workspace(workspaceId, (tx) => listApiKeys(tx, { limit: query.limit + 1, afterId }));
      const items = rows.slice(0, query.limit).map(presentKey);
      return { body: { items, next_cursor: rows.length > query.limit ? (items.at(-1)?.id ?? null) : null } };
    },
    async createKey({ workspaceId, principal, body }) {
      const key = `ak_srv_${randomBytes(24).toString('base64url')}`;
      const now = clock.now();
      const row = await database.workspace(workspaceId, (tx) =>
        insertApiKey(tx, {
          id: newId(now), workspaceId, name: body.name, hash: sha256(key), start: key.slice(0, 11), role: body.role, createdBy: (principal as Principal).name,
          createdAt: new Date(now).toISOString(), expiresAt: body.expires_in_days === undefined ? null : new Date(now + body.expires_in_days * DAY_MS).toISOString(),
        }),
      );
      return { body: { ...presentKey(row), key }, status: 201 };
    },
    async deleteKey({ workspaceId, params }) {
      const deleted = isUuid(params.key_id) && (await database.workspace(workspaceId, (tx) => deleteApiKey(tx, params.key_id)));
      if (!deleted) throw notFound('api_key', params.key_id);
      return { status: 204 };
    },
  });
  return { routes, authenticator };
}

function cookie(value: string, maxAge: number): SetCookie {
  return { name: SESSION_COOKIE, value, maxAge, httpOnly: true };
}

function closed(): PlatformError {
  return new PlatformError({ code: 'identity.sign_up.closed', kind: 'forbidden', message: 'Sign-up is closed: this installation has its owner. Ask them to open sign-up (SIGNUP_OPEN=true).' });
}

const presentWorkspace = (member: Membership) => ({ id: member.id, slug: member.slug, name: member.name, role: member.role, created_at: member.createdAt.toISOString() });

function present(from: { user: UserRow | null; memberships: Membership[]; workspace: Membership; principal: Pick<Principal, 'kind' | 'id' | 'name'> }): Session {
  const { user, memberships, workspace, principal } = from;
  return {
    user: user && { id: user.id, email: user.email, name: user.name, created_at: user.createdAt.toISOString() },
    principal: { kind: principal.kind, id: principal.id, name: principal.name },
    workspace: presentWorkspace(workspace),
    workspaces: memberships.map(presentWorkspace),
    permissions: [...ROLE_PERMISSIONS[workspace.role]],
  };
}

function presentKey(row: ApiKeyRow) {
  const iso = (time: Date | string | null) => (time === null ? null : new Date(time).toISOString());
  return { id: row.id, name: row.name, start: row.start, role: row.role, created_at: iso(row.created_at) as string, expires_at: iso(row.expires_at), last_used_at: iso(row.last_used_at) };
}

