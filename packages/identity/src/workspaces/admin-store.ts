import { sql } from 'drizzle-orm';
import type { Tx } from '@automatos/database';
import { holdsText } from './member-store.ts';

/** A person as platform administrators see them. */
export interface AccountRow {
  id: string;
  email: string;
  name: string;
  platform_admin: boolean;
  disabled: boolean;
  workspaces: number;
  created_at: Date | string;
  last_seen_at: Date | string | null;
}

const ACCOUNT = sql`u.id, u.email, u.name, u.platform_admin, u.disabled_at IS NOT NULL AS disabled, u.created_at,
  (SELECT count(*)::int FROM members m WHERE m.user_id = u.id) AS workspaces,
  (SELECT max(s.last_used_at) FROM sessions s WHERE s.user_id = u.id) AS last_seen_at`;

/** By id, which is by age; one more than `limit` when there is a next page. */
export async function listAccounts(
  tx: Tx,
  page: { limit: number; after: string | undefined; search: string | undefined },
): Promise<AccountRow[]> {
  const { rows } = await tx.execute(sql`
    SELECT ${ACCOUNT} FROM users u
    WHERE ${holdsText(page.search)} AND ${page.after === undefined ? sql`true` : sql`u.id > ${page.after}`}
    ORDER BY u.id LIMIT ${page.limit + 1}`);
  return rows as unknown as AccountRow[];
}

export async function findAccount(tx: Tx, userId: string): Promise<AccountRow | null> {
  const { rows } = await tx.execute(sql`SELECT ${ACCOUNT} FROM users u WHERE u.id = ${userId}`);
  return (rows[0] as unknown as AccountRow | undefined) ?? null;
}

/** Lets changes of who administers the platform go one after the other, until the transaction ends. */
export async function lockAdministrators(tx: Tx): Promise<void> {
  await tx.execute(
    sql`SELECT pg_advisory_xact_lock(hashtextextended('automatos.administrators', 0))`,
  );
}

/** Administrators who can sign in. */
export async function countAdministrators(tx: Tx): Promise<number> {
  const { rows } = await tx.execute(
    sql`SELECT count(*)::int AS able FROM users WHERE platform_admin AND disabled_at IS NULL`,
  );
  return (rows[0] as { able: number }).able;
}

export async function setAdministrator(tx: Tx, userId: string, isOne: boolean): Promise<void> {
  await tx.execute(sql`UPDATE users SET platform_admin = ${isOne} WHERE id = ${userId}`);
}

/** Locks or unlocks an account. Locking ends its sessions, with the access tokens that stand on them, and its tickets. */
export async function setDisabled(
  tx: Tx,
  userId: string,
  change: { disabled: boolean; nowMs: number },
): Promise<void> {
  const at = change.disabled ? new Date(change.nowMs).toISOString() : null;
  await tx.execute(sql`UPDATE users SET disabled_at = ${at}::timestamptz WHERE id = ${userId}`);
  if (!change.disabled) return;
  await tx.execute(sql`DELETE FROM sessions WHERE user_id = ${userId}`);
  await tx.execute(
    sql`DELETE FROM tickets WHERE principal->>'kind' = 'user' AND principal->>'id' = ${userId}`,
  );
}

export interface InstalledWorkspaceRow {
  id: string;
  slug: string;
  name: string;
  created_at: Date | string;
  members: number;
  /** Their addresses. */
  owners: string[];
}

/** Every workspace, by id; one more than `limit` when there is a next page. */
export async function listInstalledWorkspaces(
  tx: Tx,
  page: { limit: number; after: string | undefined; search: string | undefined },
): Promise<InstalledWorkspaceRow[]> {
  const text = (page.search ?? '').toLowerCase();
  const { rows } = await tx.execute(sql`
    SELECT w.id, w.slug, w.name, w.created_at,
      (SELECT count(*)::int FROM members m WHERE m.workspace_id = w.id) AS members,
      ARRAY(SELECT u.email FROM members m JOIN users u ON u.id = m.user_id
        WHERE m.workspace_id = w.id AND m.role = 'owner' ORDER BY m.created_at LIMIT 10) AS owners
    FROM workspaces w
    WHERE (strpos(lower(w.name), ${text}) > 0 OR strpos(w.slug, ${text}) > 0)
      AND ${page.after === undefined ? sql`true` : sql`w.id > ${page.after}::uuid`}
    ORDER BY w.id LIMIT ${page.limit + 1}`);
  return rows as unknown as InstalledWorkspaceRow[];
}
