import type { Tx } from '@automatos/database';
import type { ErrorKind } from '@automatos/kernel';
import type { Attempt } from '../accounts/lock-audit.ts';
import { makeBackupCodes } from './backup-codes.ts';
import { countTry, findCode, useCode } from './check-codes.ts';
import type { CodeCheckDeps, RightCode } from './check-codes.ts';
import { createEnrolment, hashesOf } from './enrolment.ts';
import type { Enrolment } from './enrolment.ts';
import { createFactorSecrets } from './factor-secrets.ts';
import type { SecondFactorSecrets } from './factor-secrets.ts';
import { notEnabled } from './mfa-errors.ts';
import {
  countBackupCodes,
  deleteMfa,
  enabledFor,
  findMfa,
  replaceBackupCodes,
} from './mfa-store.ts';
import type { MfaRow } from './mfa-store.ts';

export interface SecondFactorDeps extends CodeCheckDeps {
  secrets: SecondFactorSecrets;
}

/** Authenticators of people and their backup codes. */
export interface SecondFactors extends Enrolment {
  status(userId: string): Promise<{ enabledAt: Date | null; backupCodesLeft: number }>;
  /** Looks whether a code is right, without using it up. Counts wrong ones; throws `identity.mfa.code_wrong`, or 429 while locked. */
  check(
    userId: string,
    shown: { code: string; attempt: Attempt; kind?: ErrorKind },
  ): Promise<RightCode>;
  /** Uses a code up; throws `identity.mfa.code_used` when it was used meanwhile, so that the transaction is undone. */
  use(tx: Tx, code: RightCode, kind?: ErrorKind): Promise<void>;
  /** Uses the code up and gives fresh backup codes; the old ones count no more. */
  renewBackupCodes(code: RightCode): Promise<string[]>;
  /** Turns it off in the transaction, if there is one; `forget` then removes the secret from its store. */
  remove(tx: Tx, userId: string): Promise<{ forget: () => Promise<void> }>;
  /** Which of these people have one. */
  enabledFor(tx: Tx, userIds: readonly string[]): Promise<ReadonlySet<string>>;
}

export function createSecondFactors(deps: SecondFactorDeps): SecondFactors {
  const { database } = deps;
  const secrets = createFactorSecrets(deps.secrets);
  const inner = { ...deps, secrets };

  async function enabled(userId: string): Promise<MfaRow> {
    const row = await database.system((tx) => findMfa(tx, userId));
    if (row === null || row.enabled_at === null) throw notEnabled();
    return row;
  }

  return {
    ...createEnrolment(inner),
    status: (userId) =>
      database.system(async (tx) => {
        const enabledAt = (await findMfa(tx, userId))?.enabled_at ?? null;
        const left = enabledAt === null ? 0 : await countBackupCodes(tx, userId);
        return { enabledAt, backupCodesLeft: left };
      }),
    async check(userId, { code, attempt, kind }) {
      const row = await enabled(userId);
      return countTry(deps, { userId, attempt }, () => findCode(inner, row, { code, kind }));
    },
    use: (tx, code, kind) => useCode(deps, tx, { code, kind }),
    async renewBackupCodes(code) {
      const { pepper } = await secrets.read(await enabled(code.userId));
      const codes = makeBackupCodes();
      await database.system(async (tx) => {
        await useCode(deps, tx, { code, kind: undefined });
        await replaceBackupCodes(tx, code.userId, hashesOf(pepper, codes));
      });
      return codes;
    },
    enabledFor,
    async remove(tx, userId) {
      const row = await findMfa(tx, userId);
      await deleteMfa(tx, userId);
      return { forget: () => (row === null ? Promise.resolve() : secrets.forget(row)) };
    },
  };
}
