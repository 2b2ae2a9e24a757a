import { sql } from 'drizzle-orm';
import type { Tx } from '@automatos/database';

/** A second factor, set up or being set up. */
export interface MfaRow extends Record<string, unknown> {
  user_id: string;
  secret_id: string;
  store: 'database' | 'vault';
  revision: string;
  pending_until: Date | null;
  enabled_at: Date | null;
  last_step: number;
}

const at = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`;
const date = (value: Date | string | null): Date | null =>
  value === null ? null : new Date(value);

export async function findMfa(tx: Tx, userId: string): Promise<MfaRow | null> {
  const found = await tx.execute<MfaRow>(
    sql`SELECT user_id, secret_id, store, revision, pending_until, enabled_at, last_step FROM user_mfa WHERE user_id = ${userId}`,
  );
  const row = found.rows[0];
  if (row === undefined) return null;
  return {
    ...row,
    pending_until: date(row.pending_until),
    enabled_at: date(row.enabled_at),
    last_step: Number(row.last_step),
  };
}

/** Which of these people have a second factor. */
export async function enabledFor(tx: Tx, userIds: readonly string[]): Promise<ReadonlySet<string>> {
  const found = await tx.execute<{ user_id: string }>(sql`
    SELECT user_id FROM user_mfa WHERE enabled_at IS NOT NULL
      AND user_id IN (SELECT jsonb_array_elements_text(${JSON.stringify(userIds)}::jsonb))`);
  return new Set(found.rows.map((row) => row.user_id));
}

/** Begins an enrolment in place of one that was not finished; false when the factor is on already. */
export async function putPending(
  tx: Tx,
  row: Pick<MfaRow, 'user_id' | 'secret_id' | 'store' | 'revision'>,
  untilMs: number,
): Promise<boolean> {
  const done = await tx.execute(sql`
    INSERT INTO user_mfa (user_id, secret_id, store, revision, pending_until)
    VALUES (${row.user_id}, ${row.secret_id}, ${row.store}, ${row.revision}, ${at(untilMs)})
    ON CONFLICT (user_id) DO UPDATE SET secret_id = EXCLUDED.secret_id, store = EXCLUDED.store,
      revision = EXCLUDED.revision, pending_until = EXCLUDED.pending_until WHERE user_mfa.enabled_at IS NULL`);
  return done.rowCount === 1;
}

/** Turns on the factor that a code of `step` was shown of; false when it is no longer the pending one. */
export async function enable(
  tx: Tx,
  row: Pick<MfaRow, 'user_id' | 'revision'>,
  { step, nowMs }: { step: number; nowMs: number },
): Promise<boolean> {
  const done = await tx.execute(sql`
    UPDATE user_mfa SET enabled_at = ${at(nowMs)}, pending_until = NULL, last_step = ${step}
    WHERE user_id = ${row.user_id} AND revision = ${row.revision} AND enabled_at IS NULL AND pending_until > ${at(nowMs)}`);
  return done.rowCount === 1;
}

/** Takes a time-step: of several that show the same code at once exactly one gets it. */
export async function takeStep(tx: Tx, userId: string, step: number): Promise<boolean> {
  const done = await tx.execute(sql`
    UPDATE user_mfa SET last_step = ${step} WHERE user_id = ${userId} AND enabled_at IS NOT NULL AND last_step < ${step}`);
  return done.rowCount === 1;
}

export async function hasBackupCode(tx: Tx, userId: string, hash: string): Promise<boolean> {
  const found = await tx.execute(
    sql`SELECT 1 FROM mfa_backup_codes WHERE user_id = ${userId} AND hash = ${hash} AND used_at IS NULL`,
  );
  return found.rows.length === 1;
}

/** Takes a backup code; false when there is none such, or it was taken before. */
export async function takeBackupCode(
  tx: Tx,
  userId: string,
  { hash, nowMs }: { hash: string; nowMs: number },
): Promise<boolean> {
  const done = await tx.execute(sql`
    UPDATE mfa_backup_codes SET used_at = ${at(nowMs)} WHERE user_id = ${userId} AND hash = ${hash} AND used_at IS NULL`);
  return done.rowCount === 1;
}

export async function replaceBackupCodes(
  tx: Tx,
  userId: string,
  hashes: readonly string[],
): Promise<void> {
  await tx.execute(sql`DELETE FROM mfa_backup_codes WHERE user_id = ${userId}`);
  for (const hash of hashes) {
    await tx.execute(sql`INSERT INTO mfa_backup_codes (user_id, hash) VALUES (${userId}, ${hash})`);
  }
}

export async function countBackupCodes(tx: Tx, userId: string): Promise<number> {
  const found = await tx.execute<{ left: number }>(
    sql`SELECT count(*)::int AS left FROM mfa_backup_codes WHERE user_id = ${userId} AND used_at IS NULL`,
  );
  return found.rows[0]?.left ?? 0;
}

/** Turns the factor off, its backup codes with it; waiting sign-ins too. */
export async function deleteMfa(tx: Tx, userId: string): Promise<void> {
  await tx.execute(sql`DELETE FROM mfa_challenges WHERE user_id = ${userId}`);
  await tx.execute(sql`DELETE FROM user_mfa WHERE user_id = ${userId}`);
}

const CHALLENGE_TRIES = 5;

export async function insertChallenge(
  tx: Tx,
  challenge: { hash: string; userId: string; method: string; expiresMs: number; nowMs: number },
): Promise<void> {
  await tx.execute(sql`DELETE FROM mfa_challenges WHERE expires_at < ${at(challenge.nowMs)}`);
  await tx.execute(sql`INSERT INTO mfa_challenges (hash, user_id, method, expires_at)
    VALUES (${challenge.hash}, ${challenge.userId}, ${challenge.method}, ${at(challenge.expiresMs)})`);
}

/** Counts a try at a challenge that lives; null when there is none, or its five tries are over. */
export async function tryChallenge(
  tx: Tx,
  hash: string,
  nowMs: number,
): Promise<{ userId: string; method: string } | null> {
  const found = await tx.execute<{ user_id: string; method: string }>(sql`
    UPDATE mfa_challenges SET tries = tries + 1
    WHERE hash = ${hash} AND expires_at > ${at(nowMs)} AND tries < ${CHALLENGE_TRIES} RETURNING user_id, method`);
  const row = found.rows[0];
  return row === undefined ? null : { userId: row.user_id, method: row.method };
}

/** Uses a challenge up; false when somebody else did. */
export async function takeChallenge(tx: Tx, hash: string): Promise<boolean> {
  const done = await tx.execute(sql`DELETE FROM mfa_challenges WHERE hash = ${hash}`);
  return done.rowCount === 1;
}
