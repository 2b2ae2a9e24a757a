import type {
  Call,
  Handlers,
  Principal,
  Session,
  SetCookie,
  authRoutes,
} from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { PlatformError, notFound } from '@automatos/kernel';
import type { Clock, Metrics, WorkspaceId } from '@automatos/kernel';
import { annotateAudit } from '../audit/index.ts';
import { SESSION_COOKIE } from '../authentication/authenticator.ts';
import { principalOf } from '../authentication/types.ts';
import {
  claimDefaultWorkspace,
  createPersonalWorkspace,
  deleteUser,
  findSession,
  findUserByEmail,
  findWorkspace,
  needsOwner,
} from '../identity-store.ts';
import type { Membership, UserRow } from '../identity-store.ts';
import type { PasswordAccounts, StartedSession } from './password-accounts.ts';

export interface SessionDeps {
  database: Database;
  clock: Clock;
  metrics: Metrics;
  accounts: PasswordAccounts;
  signUpOpen: boolean;
  onWorkspaceCreated: (workspaceId: WorkspaceId) => Promise<void>;
}

/** Sign-up, sign-in, sign-out and "who am I". */
export function createSessionHandlers(
  deps: SessionDeps,
): Pick<Handlers<typeof authRoutes>, 'status' | 'signUp' | 'signIn' | 'signOut' | 'session'> {
  const { database, accounts } = deps;
  return {
    async status(call) {
      return {
        body: {
          needs_owner: await database.system(needsOwner),
          sign_up_open: deps.signUpOpen,
          authenticated: call.principal !== null,
          providers: [],
        },
      };
    },
    async signUp({ body }) {
      if (!deps.signUpOpen && !(await database.system(needsOwner))) throw closed();
      const session = await accounts.signUp(body);
      await settleNewcomer(deps, { id: session.userId, name: body.name });
      return { ...(await started(deps, session)), status: 201 };
    },
    async signIn({ body, remoteAddress, headers }) {
      const attempt = { ...body, ipAddress: remoteAddress, userAgent: headers['user-agent'] };
      const session = await accounts.signIn(attempt).catch(async (error: unknown) => {
        deps.metrics.count('amas_user_logins_total', { status: 'failed' });
        await annotateFailedSignIn(database, body.email);
        throw error;
      });
      deps.metrics.count('amas_user_logins_total', { status: 'success' });
      return started(deps, session);
    },
    async signOut(call) {
      const token = sessionToken(call.headers);
      if (token !== undefined) await accounts.endSession(token);
      return { cookies: [cookie('', 0)] };
    },
    async session(call) {
      return { body: await currentSession(deps, call as unknown as Call) };
    },
  };
}

function sessionToken(headers: Call['headers']): string | undefined {
  const value = new RegExp(`(?:^|;\\s*)${SESSION_COOKIE}=([^;]+)`).exec(
    headers['cookie'] ?? '',
  )?.[1];
  return value === undefined ? undefined : decodeURIComponent(value);
}

/** The first person owns the default workspace; later ones get their own if sign-up is open, else nothing is left of them. */
async function settleNewcomer(
  deps: SessionDeps,
  user: { id: string; name: string },
): Promise<void> {
  const created = await deps.database.system(async (tx) => {
    if (await claimDefaultWorkspace(tx, user.id)) return null;
    if (deps.signUpOpen) return createPersonalWorkspace(tx, user);
    await deleteUser(tx, user.id);
    return null;
  });
  if (created) await deps.onWorkspaceCreated(created);
}

async function started({ database, clock }: SessionDeps, session: StartedSession) {
  const found = await database.system((tx) => findSession(tx, session.token, clock.now()));
  const workspace = found?.memberships[0];
  if (!found || !workspace) throw closed();
  const { user, memberships } = found;
  annotateAudit({
    workspaceId: workspace.id,
    actor: { kind: 'user', id: user.id, name: user.name },
    target: { type: 'user', id: user.id, name: '' },
  });
  return {
    body: present({
      user,
      memberships,
      workspace,
      principal: principalOf({
        kind: 'user',
        id: user.id,
        name: user.name,
        role: workspace.role,
        platformAdmin: user.platformAdmin,
      }),
    }),
    cookies: [cookie(session.token, session.maxAgeSeconds)],
  };
}

/** Whose account it was goes into the log of their workspace; an address that is nobody's is not kept. */
async function annotateFailedSignIn(database: Database, email: string): Promise<void> {
  const known = await database.system((tx) => findUserByEmail(tx, email));
  if (known === null) return;
  annotateAudit({
    target: { type: 'user', id: known.id, name: '' },
    ...(known.workspaceId === null ? {} : { workspaceId: known.workspaceId }),
  });
}

async function currentSession({ database, clock }: SessionDeps, call: Call): Promise<Session> {
  const principal = call.principal as Principal;
  const token = sessionToken(call.headers);
  const found =
    principal.kind === 'user' && token !== undefined
      ? await database.system((tx) => findSession(tx, token, clock.now()))
      : null;
  const own = await database.system((tx) => findWorkspace(tx, call.workspaceId));
  if (!own) throw notFound('workspace', call.workspaceId);
  const workspace = { ...own, role: principal.role };
  return present({
    user: found?.user ?? null,
    memberships: found?.memberships ?? [workspace],
    workspace,
    principal,
  });
}

function cookie(value: string, maxAge: number): SetCookie {
  return { name: SESSION_COOKIE, value, maxAge, httpOnly: true };
}

function closed(): PlatformError {
  return new PlatformError({
    code: 'identity.sign_up.closed',
    kind: 'forbidden',
    message:
      'Sign-up is closed: this installation has its owner. Ask them to open sign-up (SIGNUP_OPEN=true).',
  });
}

const presentWorkspace = (member: Membership) => ({
  id: member.id,
  slug: member.slug,
  name: member.name,
  role: member.role,
  created_at: member.createdAt.toISOString(),
});

function present(from: {
  user: UserRow | null;
  memberships: Membership[];
  workspace: Membership;
  principal: Pick<Principal, 'kind' | 'id' | 'name' | 'permissions'>;
}): Session {
  const { user, memberships, workspace, principal } = from;
  const { permissions } = principal;
  return {
    user: user && {
      id: user.id,
      email: user.email,
      name: user.name,
      created_at: user.createdAt.toISOString(),
      platform_admin: user.platformAdmin,
    },
    principal: { kind: principal.kind, id: principal.id, name: principal.name },
    workspace: presentWorkspace(workspace),
    workspaces: memberships.map(presentWorkspace),
    permissions: [...permissions],
  };
}
