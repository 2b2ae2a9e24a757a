import { randomBytes } from 'node:crypto';
import type { Database, Tx } from '@automatos/database';
import { PlatformError } from '@automatos/kernel';
import type { Clock } from '@automatos/kernel';
import { sha256 } from '@automatos/kernel/hash';
import {
  countBackupCodes,
  findMfa,
  insertChallenge,
  takeChallenge,
  tryChallenge,
} from '../mfa/mfa-store.ts';
import type { SecondFactors } from '../mfa/second-factors.ts';
import { startSession } from '../sessions/session-store.ts';
import type { SessionOrigin, StartedSession } from '../sessions/session-store.ts';
import { annotateAudit } from '../audit/index.ts';
import { findAccount } from './account-store.ts';
import type { Attempt } from './lock-audit.ts';
import { membershipsOf } from './present-session.ts';

const CHALLENGE_MS = 5 * 60_000;

/** What a first proof leads to. */
export type SignInStep =
  | { kind: 'session'; session: StartedSession }
  | {
      kind: 'challenge';
      /** Kept as a hash; good once, for five minutes and five tries. */
      challenge: string;
      methods: ('totp' | 'backup_code')[];
      expiresAt: Date;
    };

export interface FirstProof {
  userId: string;
  /** `password`, or the id of a provider. */
  method: string;
  /** Whether a provider saw a second factor of theirs. */
  mfa?: boolean;
}

/** The two steps of every sign-in, whatever the first proof was. */
export interface SignIns {
  /**
   * After a first proof: a session, or for people with a second factor a challenge, unless a provider says that it asked for one.
   * Throws `identity.sign_in.rejected` for accounts that are locked or gone.
   */
  begin(tx: Tx, person: FirstProof, from: SessionOrigin): Promise<SignInStep>;
  /** Answers a challenge; throws `identity.challenge.ended`, `identity.mfa.*`, or 429 while codes of the person are locked. */
  finish(
    answer: { challenge: string; code: string },
    attempt: Attempt,
  ): Promise<{ session: StartedSession; userId: string }>;
}

export function createSignIns(deps: {
  database: Database;
  clock: Clock;
  factors: Pick<SecondFactors, 'check' | 'use'>;
}): SignIns {
  const { database, clock, factors } = deps;

  async function challenge(
    tx: Tx,
    person: { userId: string; method: string },
  ): Promise<SignInStep> {
    const secret = randomBytes(32).toString('base64url');
    const nowMs = clock.now();
    const expiresMs = nowMs + CHALLENGE_MS;
    await insertChallenge(tx, { ...person, hash: sha256(secret), expiresMs, nowMs });
    const hasBackup = (await countBackupCodes(tx, person.userId)) > 0;
    return {
      kind: 'challenge',
      challenge: secret,
      methods: hasBackup ? ['totp', 'backup_code'] : ['totp'],
      expiresAt: new Date(expiresMs),
    };
  }

  return {
    async begin(tx, { userId, method, mfa = false }, from) {
      const person = { userId, method };
      const account = await findAccount(tx, person.userId);
      if (account === null || account.isDisabled) throw rejected();
      const factor = await findMfa(tx, person.userId);
      if (!mfa && factor !== null && factor.enabled_at !== null) return challenge(tx, person);
      const session = await startSession(tx, { ...person, ...from, mfa }, clock.now());
      return { kind: 'session', session };
    },
    async finish({ challenge: secret, code }, attempt) {
      const hash = sha256(secret);
      const waiting = await database.system((tx) => tryChallenge(tx, hash, clock.now()));
      if (waiting === null) throw challengeEnded();
      const { userId, method } = waiting;
      await nameInAudit(database, userId);
      const right = await factors.check(userId, { code, attempt, kind: 'unauthenticated' });
      const from = { ipAddress: attempt.remoteAddress, userAgent: attempt.headers['user-agent'] };
      const session = await database.system(async (tx) => {
        const account = await findAccount(tx, userId);
        if (account === null || account.isDisabled) throw rejected();
        if (!(await takeChallenge(tx, hash))) throw challengeEnded();
        await factors.use(tx, right, 'unauthenticated');
        return startSession(tx, { userId, method, ...from, mfa: true }, clock.now());
      });
      return { session, userId };
    },
  };
}

/** Whose account was tried goes into the log of their workspace. */
export async function nameInAudit(
  database: Pick<Database, 'system'>,
  userId: string,
): Promise<void> {
  await database.system((tx) => nameInAuditBy(tx, userId));
}

/** As {@link nameInAudit}, in a transaction of the system. */
export async function nameInAuditBy(tx: Tx, userId: string): Promise<void> {
  const [workspace] = await membershipsOf(tx, userId);
  if (workspace === undefined) return;
  annotateAudit({ target: { type: 'user', id: userId, name: '' }, workspaceId: workspace.id });
}

/** The same for an unknown address, a wrong password and a locked account. */
export function rejected(): PlatformError {
  return new PlatformError({
    code: 'identity.sign_in.rejected',
    kind: 'unauthenticated',
    message: 'E-mail or password is wrong.',
  });
}

function challengeEnded(): PlatformError {
  return new PlatformError({
    code: 'identity.challenge.ended',
    kind: 'unauthenticated',
    message:
      'This sign-in took too long, was finished already, or had too many wrong codes; sign in again.',
  });
}
