import { sql } from 'drizzle-orm';
import type { Permission, Role } from '@automatos/contracts';
import { executePrepared } from '@automatos/database';
import type { PreparedStatement, Tx } from '@automatos/database';
import { DEFAULT_WORKSPACE_ID, newId } from '@automatos/kernel';
import type { JsonObject, WorkspaceId } from '@automatos/kernel';
import { sha256 } from '@automatos/kernel/hash';
import { noteSessionUse } from './sessions/session-store.ts';

export interface Membership {
  id: WorkspaceId;
  slug: string;
  name: string;
  role: Role;
  createdAt: Date;
}

export interface UserRow {
  id: string;
  email: string;
  name: string;
  createdAt: Date;
  platformAdmin: boolean;
}

/** What a living session says of its own strength. */
export interface SessionState {
  id: string;
  /** When the person last proved themselves. */
  verifiedAt: Date;
  /** When a second factor was shown; null: never. */
  mfaAt: Date | null;
}

interface MembershipRow {
  id: string;
  slug: string;
  name: string;
  role: Role;
  created_at: Date | string;
}

const toMembership = (row: MembershipRow): Membership => ({
  id: row.id as WorkspaceId,
  slug: row.slug,
  name: row.name,
  role: row.role,
  createdAt: new Date(row.created_at),
});

/** Somebody who is signed in, with all memberships. */
export interface SignedIn {
  user: UserRow;
  memberships: Membership[];
  session: SessionState;
}

/** The person of a living session with all memberships, oldest first, in one query. Served by sessions_token_key, members_by_user. */
export async function findSession(tx: Tx, token: string, nowMs: number): Promise<SignedIn | null> {
  return readSession(tx, { ...BY_TOKEN, values: [sha256(token)] }, nowMs);
}

/**
 * The same for an access token: null also when the session has ended, is somebody else's, or the token was revoked. Served by
 * sessions_pkey, revoked_tokens_pkey, members_by_user.
 */
export async function findSessionOfToken(
  tx: Tx,
  token: { sessionId: string; userId: string; jti: string },
  nowMs: number,
): Promise<SignedIn | null> {
  const values = [token.sessionId, token.userId, token.jti];
  return readSession(tx, { ...BY_ACCESS_TOKEN, values }, nowMs);
}

/** `$1` is the time; both are asked at every request, so they are planned once for each connection. */
const sessionWhere = (isIt: string) => `
  SELECT s.id AS session_id, s.verified_at, s.mfa_at, s.last_used_at, u.id AS user_id, u.email, u.name AS user_name, u.created_at AS user_created_at, u.platform_admin, w.id, w.slug, w.name, m.role, w.created_at
  FROM sessions s JOIN users u ON u.id = s.user_id
  LEFT JOIN members m ON m.user_id = u.id LEFT JOIN workspaces w ON w.id = m.workspace_id
  WHERE ${isIt} AND u.disabled_at IS NULL AND s.expires_at > $1::timestamptz ORDER BY m.created_at, w.id`;
const BY_TOKEN = { name: 'automatos_session', text: sessionWhere('s.token = $2') };
const BY_ACCESS_TOKEN = {
  name: 'automatos_session_of_token',
  text: sessionWhere(
    's.id = $2 AND s.user_id = $3 AND NOT EXISTS (SELECT FROM revoked_tokens r WHERE r.jti = $4)',
  ),
};

interface SessionRow extends MembershipRow {
  user_id: string;
  email: string;
  user_name: string;
  user_created_at: Date | string;
  platform_admin: boolean;
  session_id: string;
  verified_at: Date | string;
  mfa_at: Date | string | null;
  last_used_at: Date | string;
}

async function readSession(
  tx: Tx,
  { name, text, values }: PreparedStatement,
  nowMs: number,
): Promise<SignedIn | null> {
  const rows = await executePrepared<SessionRow>(tx, {
    name,
    text,
    values: [new Date(nowMs).toISOString(), ...values],
  });
  const first = rows[0];
  if (!first) return null;
  await noteSessionUse(tx, { id: first.session_id, lastUsedAt: first.last_used_at }, nowMs);
  return {
    user: {
      id: first.user_id,
      email: first.email,
      name: first.user_name,
      createdAt: new Date(first.user_created_at),
      platformAdmin: first.platform_admin,
    },
    session: {
      id: first.session_id,
      verifiedAt: new Date(first.verified_at),
      mfaAt: first.mfa_at === null ? null : new Date(first.mfa_at),
    },
    memberships: rows.filter((row) => row.role !== null).map(toMembership),
  };
}

export async function findWorkspace(
  tx: Tx,
  workspaceId: string,
): Promise<Omit<Membership, 'role'> | null> {
  const result = await tx.execute(
    sql`SELECT id, slug, name, created_at FROM workspaces WHERE id = ${workspaceId}`,
  );
  const row = result.rows[0] as unknown as MembershipRow | undefined;
  return row ? toMembership(row) : null;
}

/** True until the first person owns the default workspace. */
export async function needsOwner(tx: Tx): Promise<boolean> {
  const result = await tx.execute(sql`SELECT NOT EXISTS (SELECT 1 FROM members) AS missing`);
  return (result.rows[0] as { missing: boolean }).missing;
}

/** Makes `userId` owner of the workspace of the single tenant and administrator of the platform if nobody is yet; the row lock lets exactly one of several racers win. */
export async function claimDefaultWorkspace(
  tx: Tx,
  userId: string,
  workspaceId: WorkspaceId = DEFAULT_WORKSPACE_ID,
): Promise<boolean> {
  await tx.execute(sql`SELECT id FROM workspaces WHERE id = ${workspaceId} FOR UPDATE`);
  if (!(await needsOwner(tx))) return false;
  await addMember(tx, { workspaceId, userId, role: 'owner' });
  await tx.execute(sql`UPDATE users SET platform_admin = true WHERE id = ${userId}`);
  return true;
}

export async function addMember(
  tx: Tx,
  member: { workspaceId: WorkspaceId; userId: string; role: Role },
): Promise<void> {
  await tx.execute(
    sql`INSERT INTO members (workspace_id, user_id, role) VALUES (${member.workspaceId}, ${member.userId}, ${member.role})`,
  );
}

/** A person's own workspace; the id is in the slug, so that names may repeat. */
export async function createPersonalWorkspace(
  tx: Tx,
  user: { id: string; name: string },
): Promise<WorkspaceId> {
  const id = newId<'workspace'>();
  await tx.execute(
    sql`INSERT INTO workspaces (id, slug, name) VALUES (${id}, ${`ws-${id}`}, ${`${user.name}'s workspace`})`,
  );
  await addMember(tx, { workspaceId: id, userId: user.id, role: 'owner' });
  return id;
}

export interface StoredPrincipal {
  kind: 'user' | 'api_key' | 'operator';
  id: string;
  name: string;
  role: Role;
  platformAdmin?: boolean;
  /** Session behind it, for people. */
  sessionId?: string;
  /** What the caller had in all: a ticket of a narrow key opens no more than the key. */
  scopes?: Permission[];
}

export async function insertTicket(
  tx: Tx,
  ticket: { hash: string; workspaceId: WorkspaceId; principal: StoredPrincipal; expiresAt: Date },
): Promise<void> {
  await tx.execute(sql`INSERT INTO tickets (hash, workspace_id, principal, expires_at)
    VALUES (${ticket.hash}, ${ticket.workspaceId}, ${JSON.stringify(ticket.principal)}::jsonb, ${ticket.expiresAt.toISOString()}::timestamptz)`);
}

/** Whether a person or key may still do in the workspace what it could; of a person also whether that session lives. */
export async function holdsStill(
  tx: Tx,
  caller: { kind: 'user' | 'api_key'; id: string; role: Role; workspaceId: WorkspaceId },
  session: { id: string | null; nowMs: number },
): Promise<boolean> {
  const { kind, id, role, workspaceId } = caller;
  const now = sql`${new Date(session.nowMs).toISOString()}::timestamptz`;
  const result = await tx.execute<{ holds: boolean }>(
    kind === 'api_key'
      ? sql`SELECT EXISTS (SELECT FROM api_keys WHERE id = ${id}::uuid AND workspace_id = ${workspaceId}
          AND role = ${role} AND (expires_at IS NULL OR expires_at > ${now})) AS holds`
      : sql`SELECT EXISTS (SELECT FROM members m JOIN users u ON u.id = m.user_id
          WHERE m.workspace_id = ${workspaceId} AND m.user_id = ${id} AND m.role = ${role} AND u.disabled_at IS NULL
            AND (${session.id}::text IS NULL OR EXISTS (SELECT FROM sessions WHERE id = ${session.id} AND expires_at > ${now}))) AS holds`,
  );
  return result.rows[0]?.holds === true;
}

/** Takes the ticket away, so that it opens one socket only; expired ones go with it. */
export async function takeTicket(
  tx: Tx,
  hash: string,
  nowMs: number,
): Promise<{ workspaceId: WorkspaceId; principal: StoredPrincipal } | null> {
  const now = new Date(nowMs).toISOString();
  const result =
    await tx.execute(sql`DELETE FROM tickets WHERE hash = ${hash} OR expires_at < ${now}::timestamptz
    RETURNING hash, workspace_id, principal, expires_at >= ${now}::timestamptz AS alive`);
  const row = (
    result.rows as { hash: string; workspace_id: string; principal: JsonObject; alive: boolean }[]
  ).find((taken) => taken.hash === hash && taken.alive);
  return row
    ? {
        workspaceId: row.workspace_id as WorkspaceId,
        principal: row.principal as unknown as StoredPrincipal,
      }
    : null;
}
