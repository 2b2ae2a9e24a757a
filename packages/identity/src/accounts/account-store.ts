import { sql } from 'drizzle-orm';
import type { Tx } from '@automatos/database';
import { newId } from '@automatos/kernel';

/** Name of the way in by password in the rows of `accounts`. */
const BY_PASSWORD = 'credential';

/** What signing in needs of an account. */
export interface AccountRow {
  id: string;
  email: string;
  name: string;
  createdAt: Date;
  platformAdmin: boolean;
  isDisabled: boolean;
  /** scrypt; null for people who sign in elsewhere only. */
  passwordHash: string | null;
}

interface RawAccount extends Record<string, unknown> {
  id: string;
  email: string;
  name: string;
  created_at: Date | string;
  platform_admin: boolean;
  disabled_at: Date | string | null;
  password: string | null;
}

export function findAccountByEmail(tx: Tx, email: string): Promise<AccountRow | null> {
  return find(tx, sql`u.email = ${email.toLowerCase()}`);
}

export function findAccount(tx: Tx, userId: string): Promise<AccountRow | null> {
  return find(tx, sql`u.id = ${userId}`);
}

/** Served by users_email_key or users_pkey, accounts_by_user. */
async function find(tx: Tx, isIt: ReturnType<typeof sql>): Promise<AccountRow | null> {
  const found = await tx.execute<RawAccount>(sql`
    SELECT u.id, u.email, u.name, u.created_at, u.platform_admin, u.disabled_at, a.password FROM users u
    LEFT JOIN accounts a ON a.user_id = u.id AND a.provider_id = ${BY_PASSWORD} WHERE ${isIt} LIMIT 1`);
  const row = found.rows[0];
  if (row === undefined) return null;
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    createdAt: new Date(row.created_at),
    platformAdmin: row.platform_admin,
    isDisabled: row.disabled_at !== null,
    passwordHash: row.password,
  };
}

/** Makes a person, with a password unless they sign in elsewhere; null when the address is taken. */
export async function insertAccount(
  tx: Tx,
  person: {
    email: string;
    name: string;
    passwordHash: string | null;
    emailVerified: boolean;
  },
  nowMs: number,
): Promise<string | null> {
  const id = newId(nowMs);
  const now = sql`${new Date(nowMs).toISOString()}::timestamptz`;
  const made = await tx.execute(sql`
    INSERT INTO users (id, name, email, email_verified, created_at, updated_at)
    VALUES (${id}, ${person.name}, ${person.email.toLowerCase()}, ${person.emailVerified}, ${now}, ${now})
    ON CONFLICT (email) DO NOTHING`);
  if (made.rowCount !== 1) return null;
  if (person.passwordHash !== null) {
    await tx.execute(sql`
      INSERT INTO accounts (id, account_id, provider_id, user_id, password, created_at, updated_at)
      VALUES (${newId(nowMs)}, ${id}, ${BY_PASSWORD}, ${id}, ${person.passwordHash}, ${now}, ${now})`);
  }
  return id;
}

/** Changes what is given; false when the address is somebody else's. */
export async function updateAccount(
  tx: Tx,
  userId: string,
  change: { name?: string | undefined; email?: string | undefined },
): Promise<boolean> {
  const email = change.email?.toLowerCase();
  const done = await tx.execute(sql`
    UPDATE users SET name = ${change.name ?? sql`name`}, email = ${email ?? sql`email`},
      email_verified = ${email === undefined ? sql`email_verified` : sql`false`}, updated_at = now()
    WHERE id = ${userId} AND ${email === undefined ? sql`true` : sql`NOT EXISTS (SELECT FROM users o WHERE o.email = ${email} AND o.id <> ${userId})`}`);
  return done.rowCount === 1;
}

/** Replaces the password; false when the person has none, or it is another than the one that was proved. */
export async function updatePassword(
  tx: Tx,
  userId: string,
  { from, to }: { from: string; to: string },
): Promise<boolean> {
  const done = await tx.execute(sql`UPDATE accounts SET password = ${to}, updated_at = now()
    WHERE user_id = ${userId} AND provider_id = ${BY_PASSWORD} AND password = ${from}`);
  return done.rowCount === 1;
}

/** Whether the person is signed in from this address now. */
export async function isKnownAddress(
  tx: Tx,
  userId: string,
  { address, nowMs }: { address: string; nowMs: number },
): Promise<boolean> {
  const found = await tx.execute(
    sql`SELECT 1 FROM sessions WHERE user_id = ${userId} AND ip_address = ${address} AND expires_at > ${new Date(nowMs).toISOString()}::timestamptz LIMIT 1`,
  );
  return found.rows.length > 0;
}
