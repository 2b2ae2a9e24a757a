import { sql } from 'drizzle-orm';
import type { Role } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import type { WorkspaceId } from '@automatos/kernel';

export type InvitationState = 'pending' | 'accepted' | 'expired' | 'revoked';

export interface InvitationRow {
  id: string;
  workspace_id: WorkspaceId;
  email: string;
  role: Role;
  invited_by: string;
  created_at: Date | string;
  expires_at: Date | string;
  state: InvitationState;
}

const instant = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`;

/** What ran out before it was replaced stays expired. */
const stateAt = (nowMs: number) => sql`CASE
  WHEN accepted_at IS NOT NULL THEN 'accepted'
  WHEN revoked_at IS NOT NULL AND revoked_at < expires_at THEN 'revoked'
  WHEN expires_at <= ${instant(nowMs)} THEN 'expired'
  ELSE 'pending' END`;

const columns = (nowMs: number) =>
  sql`id, workspace_id, email, role, invited_by, created_at, expires_at, ${stateAt(nowMs)} AS state`;

/** Newest first; one more than `limit` when there is a next page. Served by invitations_by_workspace. */
export async function listInvitations(
  tx: Tx,
  nowMs: number,
  page: { limit: number; before: string | undefined; state: InvitationState | undefined },
): Promise<InvitationRow[]> {
  const { before, state, limit } = page;
  const { rows } = await tx.execute(sql`
    SELECT ${columns(nowMs)} FROM invitations
    WHERE ${before === undefined ? sql`true` : sql`id < ${before}::uuid`}
      AND ${state === undefined ? sql`true` : sql`${stateAt(nowMs)} = ${state}`}
    ORDER BY id DESC LIMIT ${limit + 1}`);
  return rows as unknown as InvitationRow[];
}

export interface NewInvitation {
  id: string;
  workspaceId: WorkspaceId;
  email: string;
  role: Role;
  tokenHash: string;
  invitedById: string;
  invitedBy: string;
  createdMs: number;
  expiresMs: number;
}

export async function insertInvitation(tx: Tx, fresh: NewInvitation): Promise<InvitationRow> {
  const { rows } = await tx.execute(sql`
    INSERT INTO invitations (id, workspace_id, email, role, token_hash, invited_by_id, invited_by, created_at, expires_at)
    VALUES (${fresh.id}, ${fresh.workspaceId}, ${fresh.email}, ${fresh.role}, ${fresh.tokenHash}, ${fresh.invitedById},
      ${fresh.invitedBy}, ${instant(fresh.createdMs)}, ${instant(fresh.expiresMs)})
    RETURNING ${columns(fresh.createdMs)}`);
  return rows[0] as unknown as InvitationRow;
}

/** Takes back what is still open for this address. Served by invitations_open. */
export async function revokeOpen(tx: Tx, email: string, nowMs: number): Promise<void> {
  await tx.execute(sql`
    UPDATE invitations SET revoked_at = ${instant(nowMs)}
    WHERE email = ${email} AND accepted_at IS NULL AND revoked_at IS NULL`);
}

/** False when there is no such invitation that still waits. */
export async function revokeInvitation(tx: Tx, id: string, nowMs: number): Promise<boolean> {
  const { rowCount } = await tx.execute(sql`
    UPDATE invitations SET revoked_at = ${instant(nowMs)}
    WHERE id = ${id} AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > ${instant(nowMs)}`);
  return rowCount === 1;
}

/** By its token, in any state; needs the system's transaction. Served by invitations_token_hash_key. */
export async function findInvitation(
  tx: Tx,
  tokenHash: string,
  options: { nowMs: number; lock?: boolean },
): Promise<(InvitationRow & { workspace_name: string }) | null> {
  const { rows } = await tx.execute(sql`
    SELECT ${columns(options.nowMs)},
      (SELECT w.name FROM workspaces w WHERE w.id = i.workspace_id) AS workspace_name
    FROM invitations i WHERE token_hash = ${tokenHash} ${options.lock === true ? sql`FOR UPDATE` : sql``}`);
  return (rows[0] as unknown as (InvitationRow & { workspace_name: string }) | undefined) ?? null;
}

export async function acceptInvitation(
  tx: Tx,
  id: string,
  by: { userId: string; nowMs: number },
): Promise<void> {
  await tx.execute(sql`
    UPDATE invitations SET accepted_at = ${instant(by.nowMs)}, accepted_by = ${by.userId} WHERE id = ${id}`);
}

/** False when the person is in the workspace already. */
export async function joinWorkspace(
  tx: Tx,
  member: { workspaceId: WorkspaceId; userId: string; role: Role },
): Promise<boolean> {
  const { rowCount } = await tx.execute(sql`
    INSERT INTO members (workspace_id, user_id, role) VALUES (${member.workspaceId}, ${member.userId}, ${member.role})
    ON CONFLICT (workspace_id, user_id) DO NOTHING`);
  return rowCount === 1;
}

/** Whether somebody in the workspace has this address: its members say who they are, the accounts their addresses. */
export async function isMemberByEmail(
  database: Pick<Database, 'system' | 'workspaceReads'>,
  workspaceId: WorkspaceId,
  email: string,
): Promise<boolean> {
  const members = await database.workspaceReads(workspaceId, (tx) =>
    tx.execute<{ user_id: string }>(sql`SELECT user_id FROM members`),
  );
  const ids = members.rows.map((row) => row.user_id);
  const { rows } = await database.system((tx) =>
    tx.execute<{ known: boolean }>(sql`
      SELECT EXISTS (SELECT FROM users WHERE email = ${email} AND id = ANY(${sql.param(ids)}::text[])) AS known`),
  );
  return rows[0]?.known === true;
}

export async function hasAccount(tx: Tx, email: string): Promise<boolean> {
  const { rows } = await tx.execute(
    sql`SELECT EXISTS (SELECT FROM users WHERE email = ${email}) AS known`,
  );
  return (rows[0] as { known: boolean }).known;
}

/** Address of an account as it is now; needs the system's transaction. */
export async function emailOf(tx: Tx, userId: string): Promise<string> {
  const { rows } = await tx.execute(sql`SELECT email FROM users WHERE id = ${userId}`);
  return (rows[0] as { email: string } | undefined)?.email ?? '';
}
