import type { Database, Tx } from '@automatos/database';
import { isPlatformError } from '@automatos/kernel';
import type { Clock, ErrorKind, PlatformError } from '@automatos/kernel';
import { recordLock } from '../accounts/lock-audit.ts';
import type { Attempt, LockAuditDeps } from '../accounts/lock-audit.ts';
import type { SignInGuard } from '../accounts/sign-in-guard.ts';
import { hashBackupCode } from './backup-codes.ts';
import type { FactorSecrets } from './factor-secrets.ts';
import { codeUsed, codeWrong } from './mfa-errors.ts';
import { hasBackupCode, takeBackupCode, takeStep } from './mfa-store.ts';
import type { MfaRow } from './mfa-store.ts';
import { matchingStep } from './totp.ts';

export interface CodeCheckDeps extends LockAuditDeps {
  database: Database;
  clock: Clock;
  guard: SignInGuard;
}

/** A try that was counted, to be taken back when it succeeds. */
export type CountedTry = { kind: 'mfa'; subject: string };

/** A code that is right so far, and not used up yet. */
export type RightCode = ShownCode & { counted: CountedTry };

type ShownCode = { userId: string } & (
  | { kind: 'step'; step: number }
  | { kind: 'backup'; hash: string }
);

/** Counts the try before `look` looks at it, so that many at once are no more than many in a row. */
export async function countTry<T extends object>(
  deps: CodeCheckDeps,
  who: { userId: string; attempt: Attempt },
  look: () => Promise<T | PlatformError>,
): Promise<T & { counted: CountedTry }> {
  const { userId, attempt } = who;
  const counted: CountedTry = { kind: 'mfa', subject: userId };
  const { locks } = await deps.guard.begin(counted);
  const found = await look();
  if (!isPlatformError(found)) return { ...found, counted };
  if (locks) await recordLock(deps, { userId, kind: 'mfa' }, attempt);
  throw found;
}

/** Which code of the factor it is, or why it is none. */
export async function findCode(
  { database, clock, secrets }: CodeCheckDeps & { secrets: FactorSecrets },
  row: MfaRow,
  { code, kind }: { code: string; kind: ErrorKind | undefined },
): Promise<ShownCode | PlatformError> {
  const { totp, pepper } = await secrets.read(row);
  const userId = row.user_id;
  if (/^\d{6}$/.test(code)) {
    const step = matchingStep(totp, code, { nowMs: clock.now(), lastStep: row.last_step });
    if (step === 'used') return codeUsed(kind);
    return step === null ? codeWrong(kind) : { userId, kind: 'step', step };
  }
  const hash = hashBackupCode(pepper, code);
  const isThere = await database.system((tx) => hasBackupCode(tx, userId, hash));
  return isThere ? { userId, kind: 'backup', hash } : codeWrong(kind);
}

/** Uses a code up; throws when another was quicker. */
export async function useCode(
  { clock, guard }: Pick<CodeCheckDeps, 'clock' | 'guard'>,
  tx: Tx,
  { code, kind }: { code: RightCode; kind: ErrorKind | undefined },
): Promise<void> {
  const { userId } = code;
  const taken =
    code.kind === 'step'
      ? await takeStep(tx, userId, code.step)
      : await takeBackupCode(tx, userId, { hash: code.hash, nowMs: clock.now() });
  if (!taken) throw code.kind === 'step' ? codeUsed(kind) : codeWrong(kind);
  await guard.succeeded(tx, code.counted, { forget: true });
}
