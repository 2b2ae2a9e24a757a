import { randomBytes, randomUUID } from 'node:crypto';
import type { Database, Tx } from '@automatos/database';
import { PlatformError, isPlatformError } from '@automatos/kernel';
import type { Clock, ErrorKind } from '@automatos/kernel';
import { recordLock } from '../accounts/lock-audit.ts';
import type { Attempt, LockAuditDeps } from '../accounts/lock-audit.ts';
import type { SignInGuard } from '../accounts/sign-in-guard.ts';
import type { SecretVault } from '../credentials/secret-vault.ts';
import { hashBackupCode, makeBackupCodes } from './backup-codes.ts';
import {
  countBackupCodes,
  deleteMfa,
  enable,
  enabledFor,
  findMfa,
  hasBackupCode,
  putPending,
  replaceBackupCodes,
  takeBackupCode,
  takeStep,
} from './mfa-store.ts';
import type { MfaRow } from './mfa-store.ts';
import { matchingStep, otpauthUri, toBase32 } from './totp.ts';

const PENDING_MS = 10 * 60_000;
const SECRET_BYTES = 20;
const PEPPER_BYTES = 32;
const TYPE = 'second_factor';

export type SecondFactorSecrets = Pick<SecretVault, 'kind' | 'put' | 'get' | 'remove'>;

export interface SecondFactorDeps extends LockAuditDeps {
  database: Database;
  clock: Clock;
  /** Where secrets are kept encrypted; a change of the master key takes them along. */
  secrets: SecondFactorSecrets;
  guard: SignInGuard;
}

/** A code that is right so far; it is used up by {@link SecondFactors.use}. */
export type RightCode = Shown & { counted: Counted };

type Shown = { userId: string } & (
  | { kind: 'step'; step: number }
  | { kind: 'backup'; hash: string }
);

type Counted = { kind: 'mfa'; subject: string };

/** Authenticators of people and their backup codes. */
export interface SecondFactors {
  status(userId: string): Promise<{ enabledAt: Date | null; backupCodesLeft: number }>;
  /** Begins to set one up, which counts once {@link confirm} saw a code of it. Throws `identity.mfa.enabled`. */
  enrol(account: {
    id: string;
    email: string;
  }): Promise<{ secret: string; otpauthUri: string; expiresAt: Date }>;
  /** Turns it on, does `alongside` in the same transaction and gives the backup codes. */
  confirm(
    userId: string,
    shown: { code: string; attempt: Attempt },
    alongside: (tx: Tx) => Promise<void>,
  ): Promise<string[]>;
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

interface Content {
  totp: Buffer;
  pepper: string;
}

export function createSecondFactors(deps: SecondFactorDeps): SecondFactors {
  const { database, clock, guard, secrets } = deps;
  const read = (userId: string) => database.system((tx) => findMfa(tx, userId));

  async function contentOf(row: MfaRow): Promise<Content> {
    const { secret } = await secrets.get(storedOf(row));
    return { totp: Buffer.from(secret['totp'] ?? '', 'hex'), pepper: secret['pepper'] ?? '' };
  }

  async function enabled(userId: string): Promise<MfaRow> {
    const row = await read(userId);
    if (row === null || row.enabled_at === null) throw notEnabled();
    return row;
  }

  /** Counts the try before it is looked at, so that many at once are no more than many in a row. */
  async function counting<T extends object>(
    userId: string,
    attempt: Attempt,
    look: () => Promise<T | PlatformError>,
  ): Promise<T & { counted: Counted }> {
    const counted: Counted = { kind: 'mfa', subject: userId };
    const { locks } = await guard.begin(counted);
    const found = await look();
    if (!isPlatformError(found)) return { ...found, counted };
    if (locks) await recordLock(deps, { userId, kind: 'mfa' }, attempt);
    throw found;
  }

  /** Which code it is, or why it is none. */
  async function rightCode(
    row: MfaRow,
    code: string,
    kind: ErrorKind | undefined,
  ): Promise<Shown | PlatformError> {
    const { totp, pepper } = await contentOf(row);
    const userId = row.user_id;
    if (/^\d{6}$/.test(code)) {
      const at = { nowMs: clock.now(), lastStep: row.last_step };
      const step = matchingStep(totp, code, at);
      if (step === 'used') return codeUsed(kind);
      return step === null ? codeWrong(kind) : { userId, kind: 'step', step };
    }
    const hash = hashBackupCode(pepper, code);
    const isThere = await database.system((tx) => hasBackupCode(tx, userId, hash));
    return isThere ? { userId, kind: 'backup', hash } : codeWrong(kind);
  }

  async function use(tx: Tx, code: RightCode, kind?: ErrorKind): Promise<void> {
    const { userId } = code;
    const taken =
      code.kind === 'step'
        ? await takeStep(tx, userId, code.step)
        : await takeBackupCode(tx, userId, { hash: code.hash, nowMs: clock.now() });
    if (!taken) throw code.kind === 'step' ? codeUsed(kind) : codeWrong(kind);
    await guard.succeeded(tx, code.counted, { forget: true });
  }

  return {
    async status(userId) {
      return database.system(async (tx) => {
        const row = await findMfa(tx, userId);
        const on = row !== null && row.enabled_at !== null;
        return {
          enabledAt: row?.enabled_at ?? null,
          backupCodesLeft: on ? await countBackupCodes(tx, userId) : 0,
        };
      });
    },
    async enrol({ id: userId, email }) {
      const before = await read(userId);
      if (before !== null && before.enabled_at !== null) throw alreadyEnabled();
      const totp = randomBytes(SECRET_BYTES);
      const named = { id: randomUUID(), workspaceId: null, type: TYPE };
      const revision = await secrets.put(named, {
        open: {},
        secret: { totp: totp.toString('hex'), pepper: randomBytes(PEPPER_BYTES).toString('hex') },
      });
      const untilMs = clock.now() + PENDING_MS;
      const row = { user_id: userId, secret_id: named.id, store: secrets.kind, revision };
      if (!(await database.system((tx) => putPending(tx, row, untilMs)))) {
        await secrets.remove(storedOf(row));
        throw alreadyEnabled();
      }
      if (before !== null) await secrets.remove(storedOf(before));
      return {
        secret: toBase32(totp),
        otpauthUri: otpauthUri(email, totp),
        expiresAt: new Date(untilMs),
      };
    },
    async confirm(userId, { code, attempt }, alongside) {
      const nowMs = clock.now();
      const row = await read(userId);
      if (row !== null && row.enabled_at !== null) throw alreadyEnabled();
      if (row === null || (row.pending_until?.getTime() ?? 0) <= nowMs) throw notPending();
      const { totp, pepper } = await contentOf(row);
      const { step, counted } = await counting(userId, attempt, () => {
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
    async check(userId, { code, attempt, kind }) {
      const row = await enabled(userId);
      return counting(userId, attempt, () => rightCode(row, code, kind));
    },
    use,
    async renewBackupCodes(code) {
      const { pepper } = await contentOf(await enabled(code.userId));
      const codes = makeBackupCodes();
      await database.system(async (tx) => {
        await use(tx, code);
        await replaceBackupCodes(tx, code.userId, hashesOf(pepper, codes));
      });
      return codes;
    },
    enabledFor,
    async remove(tx, userId) {
      const row = await findMfa(tx, userId);
      await deleteMfa(tx, userId);
      return {
        forget: () => (row === null ? Promise.resolve() : secrets.remove(storedOf(row))),
      };
    },
  };
}

function hashesOf(pepper: string, codes: readonly string[]): string[] {
  return codes.map((code) => hashBackupCode(pepper, code));
}

function storedOf(row: Pick<MfaRow, 'secret_id' | 'store' | 'revision'>) {
  const { secret_id: id, store, revision } = row;
  return { id, workspaceId: null, type: TYPE, store, revision };
}

function codeError(code: string, message: string, kind: ErrorKind = 'forbidden'): PlatformError {
  return new PlatformError({
    code,
    kind,
    message,
    errors: [{ pointer: '/code', message: 'is not accepted' }],
  });
}

function codeUsed(kind?: ErrorKind): PlatformError {
  return codeError(
    'identity.mfa.code_used',
    'This code was used already; wait for the next one of your authenticator.',
    kind,
  );
}

function codeWrong(kind?: ErrorKind): PlatformError {
  return codeError('identity.mfa.code_wrong', 'The code is wrong.', kind);
}

function notEnabled(): PlatformError {
  return new PlatformError({
    code: 'identity.mfa.not_enabled',
    kind: 'conflict',
    message: 'Your account has no second factor; set one up first.',
  });
}

function alreadyEnabled(): PlatformError {
  return new PlatformError({
    code: 'identity.mfa.enabled',
    kind: 'conflict',
    message: 'Your account has a second factor already; turn it off before you set up another.',
  });
}

function notPending(): PlatformError {
  return new PlatformError({
    code: 'identity.mfa.not_pending',
    kind: 'conflict',
    message: 'There is nothing to confirm, or the ten minutes are over; begin again.',
  });
}
