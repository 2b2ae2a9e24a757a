import type { Tx } from '@automatos/database';
import type { Attempt } from '../accounts/lock-audit.ts';
import { hashBackupCode, makeBackupCodes } from './backup-codes.ts';
import { countTry } from './check-codes.ts';
import type { CodeCheckDeps } from './check-codes.ts';
import type { FactorSecrets } from './factor-secrets.ts';
import { alreadyEnabled, codeWrong, notPending } from './mfa-errors.ts';
import { enable, findMfa, putPending, replaceBackupCodes } from './mfa-store.ts';
import { matchingStep, otpauthUri, toBase32 } from './totp.ts';

const PENDING_MS = 10 * 60_000;

/** Setting a second factor up, in two steps. */
export interface Enrolment {
  /** Begins; it counts once {@link confirm} saw a code of it. Throws `identity.mfa.enabled`. */
  enrol(account: {
    id: string;
    email: string;
  }): Promise<{ secret: string; otpauthUri: string; expiresAt: Date }>;
  /** Turns it on, does `alongside` in the same transaction and gives the backup codes. Throws `identity.mfa.not_pending`. */
  confirm(
    userId: string,
    shown: { code: string; attempt: Attempt },
    alongside: (tx: Tx) => Promise<void>,
  ): Promise<string[]>;
}

export function createEnrolment(deps: CodeCheckDeps & { secrets: FactorSecrets }): Enrolment {
  const { database, clock, guard, secrets } = deps;
  return {
    async enrol({ id: userId, email }) {
      const before = await database.system((tx) => findMfa(tx, userId));
      if (before !== null && before.enabled_at !== null) throw alreadyEnabled();
      const { totp, ...stored } = await secrets.make();
      const untilMs = clock.now() + PENDING_MS;
      const isBegun = await database.system((tx) =>
        putPending(tx, { user_id: userId, ...stored }, untilMs),
      );
      if (!isBegun) {
        await secrets.forget(stored);
        throw alreadyEnabled();
      }
      if (before !== null) await secrets.forget(before);
      const expiresAt = new Date(untilMs);
      return { secret: toBase32(totp), otpauthUri: otpauthUri(email, totp), expiresAt };
    },
    async confirm(userId, { code, attempt }, alongside) {
      const nowMs = clock.now();
      const row = await database.system((tx) => findMfa(tx, userId));
      if (row !== null && row.enabled_at !== null) throw alreadyEnabled();
      if (row === null || (row.pending_until?.getTime() ?? 0) <= nowMs) throw notPending();
      const { totp, pepper } = await secrets.read(row);
      const { step, counted } = await countTry(deps, { userId, attempt }, () => {
        const found = matchingStep(totp, code, { nowMs, lastStep: 0 });
        return Promise.resolve(typeof found === 'number' ? { step: found } : codeWrong());
      });
      const codes = makeBackupCodes();
      await database.system(async (tx) => {
        if (!(await enable(tx, row, { step, nowMs }))) throw notPending();
        await replaceBackupCodes(tx, userId, hashesOf(pepper, codes));
        await guard.succeeded(tx, counted, { forget: true });
        await alongside(tx);
      });
      return codes;
    },
  };
}

export function hashesOf(pepper: string, codes: readonly string[]): string[] {
  return codes.map((code) => hashBackupCode(pepper, code));
}
