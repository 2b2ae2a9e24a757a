import type { Database } from '@automatos/database';
import { PlatformError, invalidInput } from '@automatos/kernel';
import type { Clock } from '@automatos/kernel';
import { verifiedAt } from '../sessions/session-store.ts';
import { findAccount } from './account-store.ts';
import type { AccountRow } from './account-store.ts';
import { recordLock } from './lock-audit.ts';
import type { Attempt, LockAuditDeps } from './lock-audit.ts';
import { isPassword } from './passwords.ts';
import type { Person } from './person.ts';
import type { SignInGuard } from './sign-in-guard.ts';

/** A sign-in, or a proof in a session, counts for so long. */
export const PROOF_MS = 10 * 60_000;

export interface ProofDeps extends LockAuditDeps {
  database: Database;
  clock: Clock;
  guard: SignInGuard;
}

/** Lets people who are signed in prove that it is still them. */
export interface Proofs {
  /**
   * By the password; people without one by a sign-in of the last ten minutes. Gives their account. Wrong passwords are counted,
   * so that a session left open is no way to find it out. `pointer` names the field of the password.
   */
  prove(
    person: Person,
    given: { password: string | undefined; pointer: string },
    attempt: Attempt,
  ): Promise<AccountRow>;
}

export function createProofs(deps: ProofDeps): Proofs {
  const { database, guard, clock } = deps;

  async function byPassword(
    account: AccountRow,
    given: { password: string; pointer: string },
    attempt: Attempt,
  ): Promise<void> {
    const tried = { kind: 'password', subject: account.id } as const;
    const { locks } = await guard.begin(tried);
    if (!(await isPassword(account.passwordHash, given.password))) {
      if (locks) await recordLock(deps, { userId: account.id, kind: tried.kind }, attempt);
      throw wrongPassword(given.pointer);
    }
    await database.system((tx) => guard.succeeded(tx, tried, { forget: true }));
  }

  async function byRecentSignIn({ userId, sessionId }: Person): Promise<void> {
    const at =
      sessionId === undefined
        ? null
        : await database.system((tx) => verifiedAt(tx, userId, sessionId));
    if (at === null || clock.now() - at > PROOF_MS) throw proofUnavailable();
  }

  return {
    async prove(person, { password, pointer }, attempt) {
      const account = await database.system((tx) => findAccount(tx, person.userId));
      if (account === null) throw accountGone();
      if (account.passwordHash === null) await byRecentSignIn(person);
      else if (password === undefined) throw missingPassword(pointer);
      else await byPassword(account, { password, pointer }, attempt);
      return account;
    },
  };
}

export function accountGone(): PlatformError {
  return new PlatformError({
    code: 'identity.session.ended',
    kind: 'unauthenticated',
    message: 'This session has ended; sign in again.',
  });
}

function wrongPassword(pointer: string): PlatformError {
  return new PlatformError({
    code: 'identity.password.wrong',
    kind: 'forbidden',
    message: 'The password is wrong.',
    errors: [{ pointer, message: 'is wrong' }],
  });
}

function missingPassword(pointer: string): PlatformError {
  return invalidInput(
    'Give your password too.',
    [{ pointer, message: 'is needed' }],
    'identity.password.missing',
  );
}

/** For people without password and second factor: they can only sign in again. */
export function proofUnavailable(): PlatformError {
  return new PlatformError({
    code: 'identity.proof.too_old',
    kind: 'forbidden',
    message:
      'Your account has no password, so this needs a sign-in of the last ten minutes: sign out and in again.',
  });
}
