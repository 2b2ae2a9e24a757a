import type { Tx } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { eq, lt, or, sql } from 'drizzle-orm';
import type { Membership } from '../identity-store.ts';
import { oidcSignIns } from './oidc-tables.ts';

/** Somebody with a connected account elsewhere. */
export interface KnownPerson {
  id: string;
  email: string;
  name: string;
  platformAdmin: boolean;
  isDisabled: boolean;
  memberships: Membership[];
}

interface Subject {
  issuer: string;
  subject: string;
}

interface PersonRow extends Record<string, unknown> {
  user_id: string;
  user_name: string;
  email: string;
  platform_admin: boolean;
  disabled: boolean;
  id: string | null;
  slug: string;
  name: string;
  role: Membership['role'];
  created_at: Date | string;
}

/** The person that this account elsewhere belongs to, with all memberships, oldest first, in one query. Served by accounts_by_provider, members_by_user. */
export async function findPerson(
  tx: Tx,
  { issuer, subject }: Subject,
): Promise<KnownPerson | null> {
  const found = await tx.execute<PersonRow>(sql`
    SELECT u.id AS user_id, u.name AS user_name, u.email, u.platform_admin, u.disabled_at IS NOT NULL AS disabled, w.id, w.slug, w.name, m.role, w.created_at
    FROM accounts a JOIN users u ON u.id = a.user_id
    LEFT JOIN members m ON m.user_id = u.id LEFT JOIN workspaces w ON w.id = m.workspace_id
    WHERE a.provider_id = ${issuer} AND a.account_id = ${subject} ORDER BY m.created_at, w.id`);
  const [first] = found.rows;
  if (first === undefined) return null;
  return {
    id: first.user_id,
    email: first.email,
    name: first.user_name,
    platformAdmin: first.platform_admin,
    isDisabled: first.disabled,
    memberships: found.rows.flatMap(({ id, slug, name, role, created_at: createdAt }) =>
      id === null
        ? []
        : [{ id: id as WorkspaceId, slug, name, role, createdAt: new Date(createdAt) }],
    ),
  };
}

/** One at a time per account elsewhere, until the transaction ends. */
export async function holdSubject(tx: Tx, { issuer, subject }: Subject): Promise<void> {
  const name = JSON.stringify(['automatos.accounts', issuer, subject]);
  await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`);
}

/** Connects an account elsewhere with a person. */
export async function insertIdentity(
  tx: Tx,
  { issuer, subject, userId, now }: Subject & { userId: string; now: Date },
): Promise<void> {
  const at = sql`${now.toISOString()}::timestamptz`;
  await tx.execute(sql`
    INSERT INTO accounts (id, account_id, provider_id, user_id, created_at, updated_at)
    VALUES (${newId(now.getTime())}, ${subject}, ${issuer}, ${userId}, ${at}, ${at})`);
}

export interface IdentityRow extends Record<string, unknown> {
  id: string;
  provider_id: string;
  created_at: Date | string;
}

/** Ways in of a person, the oldest first. Served by accounts_by_user. */
export async function listIdentities(tx: Tx, userId: string): Promise<IdentityRow[]> {
  const found = await tx.execute<IdentityRow>(sql`
    SELECT id, provider_id, created_at FROM accounts WHERE user_id = ${userId} ORDER BY created_at, id`);
  return found.rows;
}

/** Lets nobody else change the person until the transaction ends. */
export async function holdPerson(tx: Tx, userId: string): Promise<void> {
  await tx.execute(sql`SELECT id FROM users WHERE id = ${userId} FOR UPDATE`);
}

export async function deleteIdentity(tx: Tx, id: string): Promise<void> {
  await tx.execute(sql`DELETE FROM accounts WHERE id = ${id}`);
}

/** The newest invitation that waits for this address, held until the transaction ends. Asked for strangers only: it reads all that are open. */
export async function findOpenInvitation(
  tx: Tx,
  email: string,
  nowMs: number,
): Promise<{ id: string; workspaceId: WorkspaceId; role: Membership['role'] } | null> {
  const isOpen = sql`email = ${email} AND accepted_at IS NULL AND revoked_at IS NULL
    AND expires_at > ${new Date(nowMs).toISOString()}::timestamptz`;
  const found = await tx.execute<{ id: string; workspace_id: string }>(
    sql`SELECT id, workspace_id FROM invitations WHERE ${isOpen} ORDER BY id DESC LIMIT 1`,
  );
  const [open] = found.rows;
  if (open === undefined) return null;
  // Workspace before invitation, as everywhere, so that none waits for the other in a circle.
  await tx.execute(sql`SELECT id FROM workspaces WHERE id = ${open.workspace_id} FOR KEY SHARE`);
  const held = await tx.execute<{ role: Membership['role'] }>(
    sql`SELECT role FROM invitations WHERE id = ${open.id} AND ${isOpen} FOR UPDATE`,
  );
  const [row] = held.rows;
  if (row === undefined) return null;
  return { id: open.id, workspaceId: open.workspace_id as WorkspaceId, role: row.role };
}

export type OidcSignIn = typeof oidcSignIns.$inferSelect;

/** Keeps a sign-in under way; those that took too long are cleared away with it. Index `oidc_sign_ins_by_end`. */
export async function insertSignIn(tx: Tx, signIn: OidcSignIn, now: Date): Promise<void> {
  await tx.delete(oidcSignIns).where(lt(oidcSignIns.expiresAt, now));
  await tx.insert(oidcSignIns).values(signIn);
}

/** Takes a sign-in away, so that its answer counts once; null when it is unknown, used or too old. */
export async function takeSignIn(tx: Tx, stateHash: string, now: Date): Promise<OidcSignIn | null> {
  const taken = await tx
    .delete(oidcSignIns)
    .where(or(eq(oidcSignIns.stateHash, stateHash), lt(oidcSignIns.expiresAt, now)))
    .returning();
  const own = taken.find((row) => row.stateHash === stateHash);
  return own !== undefined && own.expiresAt >= now ? own : null;
}
