import type { Database, Tx } from '@automatos/database';
import { PlatformError, invalidInput } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { claimDefaultWorkspace, createPersonalWorkspace, needsOwner } from '../identity-store.ts';
import type { InvitationPort } from './account-ports.ts';
import { insertAccount } from './account-store.ts';
import { assertGoodPassword, hashOf } from './passwords.ts';

export interface NewcomerDeps {
  database: Database;
  clock: Clock;
  invitations: InvitationPort;
  /** Whether people may sign up after the first owner without an invitation. */
  signUpOpen: boolean;
  /** Workspace that the first person owns; absent: the first one. */
  defaultTenantId?: WorkspaceId | undefined;
  /** Fills a new workspace with what the product ships. */
  onWorkspaceCreated: (workspaceId: WorkspaceId) => Promise<void>;
}

export interface Newcomer {
  email: string;
  name: string;
  invitationToken: string | undefined;
}

/**
 * Makes people's accounts: the first person owns the first workspace, invited ones join the workspace that asked them, and others
 * get one of their own where sign-up is open. Account, membership and what `alongside` does are one transaction: nothing is left of
 * somebody who was refused.
 */
export interface Newcomers {
  /** Throws `identity.sign_up.closed` or `identity.sign_up.uninvited` for whom there is no place. Uses nothing up. */
  assertWelcome(newcomer: Newcomer): Promise<void>;
  /** Throws as above, and `identity.email.taken`. `passwordHash` is null for people who sign in at a provider. */
  create<T>(
    newcomer: Newcomer & { passwordHash: string | null; emailVerified: boolean },
    alongside: (tx: Tx, userId: string) => Promise<T>,
  ): Promise<T>;
}

export function createNewcomers(deps: NewcomerDeps): Newcomers {
  const { database, clock, invitations } = deps;

  async function settle(tx: Tx, userId: string, newcomer: Newcomer): Promise<WorkspaceId | null> {
    const { invitationToken: token, email } = newcomer;
    if (token !== undefined) {
      await invitations.redeem(tx, { token, userId, email });
      return null;
    }
    if (await claimDefaultWorkspace(tx, userId, deps.defaultTenantId)) return null;
    if (!deps.signUpOpen) throw closed();
    return createPersonalWorkspace(tx, { id: userId, name: newcomer.name });
  }

  return {
    async assertWelcome({ email, invitationToken }) {
      if (invitationToken !== undefined) {
        const invitation = await invitations.peek(invitationToken);
        if (invitation === null) throw invitationRejected();
        if (invitation.email.toLowerCase() !== email.toLowerCase()) throw otherAddress();
      } else if (!deps.signUpOpen && !(await database.system(needsOwner))) throw closed();
    },
    async create(newcomer, alongside) {
      const done = await database.system(async (tx) => {
        const userId = await insertAccount(tx, newcomer, clock.now());
        if (userId === null) throw emailTaken('sign in instead');
        const made = await settle(tx, userId, newcomer);
        return { made, result: await alongside(tx, userId) };
      });
      if (done.made !== null) await deps.onWorkspaceCreated(done.made);
      return done.result;
    },
  };
}

/** Makes an account with a password. */
export async function signUpWithPassword<T>(
  newcomers: Newcomers,
  input: Newcomer & { password: string },
  alongside: (tx: Tx, userId: string) => Promise<T>,
): Promise<T> {
  await newcomers.assertWelcome(input);
  assertGoodPassword(input.password, input, '/password');
  const passwordHash = await hashOf(input.password);
  const { email, name, invitationToken } = input;
  const newcomer = { email, name, invitationToken, passwordHash, emailVerified: false };
  return newcomers.create(newcomer, alongside);
}

export function emailTaken(wayOut: string): PlatformError {
  return new PlatformError({
    code: 'identity.email.taken',
    kind: 'conflict',
    message: `An account with this e-mail exists already; ${wayOut}.`,
    errors: [{ pointer: '/email', message: 'already in use' }],
  });
}

function closed(): PlatformError {
  return new PlatformError({
    code: 'identity.sign_up.closed',
    kind: 'forbidden',
    message:
      'Sign-up is closed: this installation has its owner. Ask them for an invitation, or to open sign-up (SIGNUP_OPEN=true).',
  });
}

function invitationRejected(): PlatformError {
  return new PlatformError({
    code: 'identity.sign_up.uninvited',
    kind: 'forbidden',
    message: 'This invitation is unknown, used, revoked or expired; ask for another one.',
    errors: [{ pointer: '/invitation_token', message: 'is not a living invitation' }],
  });
}

function otherAddress(): PlatformError {
  return invalidInput(
    'This invitation is for another e-mail address; sign up with the one that it was sent to.',
    [{ pointer: '/email', message: 'is not the invited one' }],
    'identity.sign_up.other_address',
  );
}
