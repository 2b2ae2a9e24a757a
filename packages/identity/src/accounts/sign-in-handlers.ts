import type {
  Call,
  Handlers,
  Principal,
  Session,
  accountRoutes,
  authRoutes,
} from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { PlatformError, notFound } from '@automatos/kernel';
import type { Clock, Metrics } from '@automatos/kernel';
import { annotateAudit } from '../audit/index.ts';
import { personalWorkspace } from '../authentication/resolve-workspace.ts';
import { sessionCookie } from '../authentication/session-cookie.ts';
import { principalOf } from '../authentication/types.ts';
import { findWorkspace, needsOwner } from '../identity-store.ts';
import { endSession } from '../sessions/session-store.ts';
import type { SessionOrigin, StartedSession } from '../sessions/session-store.ts';
import type { IssueTokens } from '../tokens/issue-tokens.ts';
import type { InvitationPort } from './account-ports.ts';
import { findAccount, findAccountByEmail, isKnownAddress } from './account-store.ts';
import { recordLock } from './lock-audit.ts';
import type { Attempt, LockAuditDeps } from './lock-audit.ts';
import { isPassword } from './passwords.ts';
import { membershipsOf, presentSession } from './present-session.ts';
import { networkOf } from './sign-in-guard.ts';
import type { SignInGuard } from './sign-in-guard.ts';
import { nameInAudit, nameInAuditBy, rejected } from './sign-ins.ts';
import type { SignInStep, SignIns } from './sign-ins.ts';
import { signUpWithPassword } from './sign-up.ts';
import type { Newcomers } from './sign-up.ts';

export interface SignInDeps extends LockAuditDeps {
  database: Database;
  clock: Clock;
  metrics: Metrics;
  guard: SignInGuard;
  newcomers: Newcomers;
  signIns: SignIns;
  issueTokens: IssueTokens;
  invitations: InvitationPort;
  signUpOpen: boolean;
  /** OpenID providers that people may sign in with. */
  providers: () => readonly { id: string; name: string }[];
}

type SignInHandlers = Pick<
  Handlers<typeof authRoutes>,
  'status' | 'signUp' | 'signIn' | 'signOut' | 'session'
> &
  Pick<Handlers<typeof accountRoutes>, 'verifyMfa'>;

/** Sign-up, sign-in in one or two steps, sign-out and "who am I". */
export function createSignInHandlers(deps: SignInDeps): SignInHandlers {
  const { database } = deps;
  return {
    async status(call) {
      return {
        body: {
          needs_owner: await database.system(needsOwner),
          sign_up_open: deps.signUpOpen,
          authenticated: call.principal !== null,
          providers: [...deps.providers()],
        },
      };
    },
    async signUp(call) {
      const { email, password, name, invitation_token: invitationToken, tokens } = call.body;
      const newcomer = { email, password, name, invitationToken };
      const step = await signUpWithPassword(deps.newcomers, newcomer, (tx, userId) =>
        deps.signIns.begin(tx, { userId, method: 'password' }, originOf(call)),
      );
      if (step.kind !== 'session') throw new Error('a new account has a second factor');
      return { ...(await started(deps, step.session, { tokens })), status: 201 };
    },
    async signIn(call) {
      const step = await counted(deps, () => byPassword(deps, call));
      if (step.kind === 'session') return started(deps, step.session, call.body);
      const { challenge, methods, expiresAt } = step;
      return {
        body: { mfa_required: true, challenge, methods, expires_at: expiresAt.toISOString() },
      };
    },
    async verifyMfa(call) {
      const { session } = await counted(deps, () => deps.signIns.finish(call.body, call));
      return started(deps, session, call.body);
    },
    async signOut({ principal, sessionId }) {
      if (principal?.kind === 'user' && sessionId !== undefined)
        await database.system((tx) => endSession(tx, principal.id, sessionId));
      return { cookies: [sessionCookie('', 0)] };
    },
    async session(call) {
      return { body: await currentSession(deps, call as unknown as Call) };
    },
  };
}

const originOf = (call: Pick<Call, 'remoteAddress' | 'headers'>): SessionOrigin => ({
  ipAddress: call.remoteAddress,
  userAgent: call.headers['user-agent'],
});

async function counted<T>({ metrics }: SignInDeps, work: () => Promise<T>): Promise<T> {
  try {
    const done = await work();
    metrics.count('amas_user_logins_total', { status: 'success' });
    return done;
  } catch (error) {
    metrics.count('amas_user_logins_total', { status: 'failed' });
    throw error;
  }
}

/**
 * The first step. Tries are counted by account and address, and by account over all addresses that the person is not signed in at:
 * strangers neither guess on nor keep somebody out of the place where they work. What an unknown address costs and answers is what
 * a wrong password costs and answers.
 */
async function byPassword(
  deps: SignInDeps,
  call: Call<typeof authRoutes.signIn>,
): Promise<SignInStep> {
  const { database, guard, clock } = deps;
  const { email, password } = call.body;
  const subject = email.toLowerCase();
  const account = await database.system((tx) => findAccountByEmail(tx, subject));
  const here = { address: call.remoteAddress, nowMs: clock.now() };
  // Asked of nobody too: an unknown address takes the same steps.
  const userId = account?.id ?? '';
  const isKnown = await database.system((tx) => isKnownAddress(tx, userId, here));
  const pair = { kind: 'pair', subject: `${subject}\n${networkOf(call.remoteAddress)}` } as const;
  const wide = { kind: 'account', subject } as const;
  const first = await guard.begin(pair);
  const second = isKnown ? { locks: false } : await guard.begin(wide);
  const fits = await isPassword(account?.passwordHash ?? null, password);
  if (account === null || !fits || account.isDisabled) {
    await noteFailure(deps, userId, { first, second, attempt: call });
    throw rejected();
  }
  return database.system(async (tx) => {
    await guard.succeeded(tx, pair, { forget: true });
    if (!isKnown) await guard.succeeded(tx, wide, { forget: false });
    const step = await deps.signIns.begin(tx, { userId, method: 'password' }, originOf(call));
    // Nobody is signed in yet, so the entry would belong to nobody: it could not be erased with the person.
    if (step.kind === 'challenge') await nameInAuditBy(tx, userId);
    return step;
  });
}

/** Whose account it was goes into the log of their workspace; an address that is nobody's is not kept. */
async function noteFailure(
  deps: SignInDeps,
  userId: string,
  tried: { first: { locks: boolean }; second: { locks: boolean }; attempt: Attempt },
): Promise<void> {
  await nameInAudit(deps.database, userId);
  if (userId === '') return;
  if (tried.first.locks) await recordLock(deps, { userId, kind: 'pair' }, tried.attempt);
  if (tried.second.locks) await recordLock(deps, { userId, kind: 'account' }, tried.attempt);
}

interface Entrance {
  tokens: boolean;
  invitation_token?: string | undefined;
}

/** Uses an invitation up on the way in; a session that it does not fit ends again, so that nobody is in without knowing. */
async function join(deps: SignInDeps, session: StartedSession, token: string): Promise<void> {
  const { database, invitations } = deps;
  const { userId, id } = session;
  try {
    await database.system(async (tx) => {
      const { email } = (await findAccount(tx, userId)) ?? { email: '' };
      await invitations.redeem(tx, { token, userId, email });
    });
  } catch (error) {
    await database.system((tx) => endSession(tx, userId, id));
    throw error;
  }
}

/** The answer to somebody who just began a session: a cookie, or tokens for programs that keep none. */
async function started(deps: SignInDeps, session: StartedSession, wanted: Entrance) {
  if (wanted.invitation_token !== undefined) await join(deps, session, wanted.invitation_token);
  const { user, memberships } = await deps.database.system(async (tx) => ({
    user: await findAccount(tx, session.userId),
    memberships: await membershipsOf(tx, session.userId),
  }));
  const workspace = personalWorkspace(memberships);
  if (user === null || workspace === undefined) {
    await deps.database.system((tx) => endSession(tx, session.userId, session.id));
    throw withoutWorkspace();
  }
  const { id, name, platformAdmin } = user;
  annotateAudit({
    workspaceId: workspace.id,
    actor: { kind: 'user', id, name },
    target: { type: 'user', id, name: '' },
  });
  const principal = principalOf({ kind: 'user', id, name, role: workspace.role, platformAdmin });
  const body = presentSession({ user, memberships, workspace, principal });
  if (!wanted.tokens)
    return { body, cookies: [sessionCookie(session.token, session.maxAgeSeconds)] };
  const tokens = await deps.issueTokens({
    sessionId: session.id,
    sessionToken: session.token,
    userId: id,
  });
  return { body: { ...body, tokens } };
}

async function currentSession({ database }: SignInDeps, call: Call): Promise<Session> {
  const principal = call.principal as Principal;
  const isPerson = principal.kind === 'user';
  const { own, user, memberships } = await database.system(async (tx) => ({
    own: await findWorkspace(tx, call.workspaceId),
    user: isPerson ? await findAccount(tx, principal.id) : null,
    memberships: isPerson ? await membershipsOf(tx, principal.id) : [],
  }));
  if (!own) throw notFound('workspace', call.workspaceId);
  const workspace = { ...own, role: principal.role };
  return presentSession({
    user,
    memberships: isPerson ? memberships : [workspace],
    workspace,
    principal,
  });
}

function withoutWorkspace(): PlatformError {
  return new PlatformError({
    code: 'identity.workspace.none',
    kind: 'forbidden',
    message: 'You are in no workspace any more; ask somebody for an invitation.',
  });
}
