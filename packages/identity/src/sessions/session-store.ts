import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { Tx } from '@automatos/database';
import { cutText, newId } from '@automatos/kernel';
import { sha256 } from '@automatos/kernel/hash';

export const SESSION_SECONDS = 7 * 24 * 3600;

/** Where a session was begun from, for the person's list. */
export interface SessionOrigin {
  ipAddress: string;
  userAgent: string | undefined;
}

export interface NewSession extends SessionOrigin {
  userId: string;
  /** `password`, or the id of the OpenID provider. */
  method: string;
  /** Whether a second factor was shown. */
  mfa: boolean;
}

export interface StartedSession {
  id: string;
  userId: string;
  /** The secret that the cookie carries and that is the refresh token; nowhere kept. */
  token: string;
  maxAgeSeconds: number;
}

const at = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`;

/** Begins a session under a token of its own, whatever the request brought along; ended ones of the person go. */
export async function startSession(
  tx: Tx,
  session: NewSession,
  nowMs: number,
): Promise<StartedSession> {
  const id = newId(nowMs);
  const token = randomBytes(32).toString('base64url');
  const now = at(nowMs);
  const agent = session.userAgent === undefined ? null : cutText(session.userAgent, 500);
  await tx.execute(
    sql`DELETE FROM sessions WHERE user_id = ${session.userId} AND expires_at <= ${now}`,
  );
  await tx.execute(sql`
    INSERT INTO sessions (id, token, user_id, expires_at, ip_address, user_agent, method, mfa_at, verified_at, last_used_at, created_at, updated_at)
    VALUES (${id}, ${sha256(token)}, ${session.userId}, ${at(nowMs + SESSION_SECONDS * 1000)}, ${session.ipAddress}, ${agent},
      ${session.method}, ${session.mfa ? now : null}, ${now}, ${now}, ${now}, ${now})`);
  return { id, userId: session.userId, token, maxAgeSeconds: SESSION_SECONDS };
}

export interface SessionRow extends Record<string, unknown> {
  id: string;
  ip_address: string | null;
  user_agent: string | null;
  method: string;
  mfa_at: Date | string | null;
  verified_at: Date | string;
  created_at: Date | string;
  last_used_at: Date | string;
  expires_at: Date | string;
}

/** Living sessions of a person, the last used first. Served by sessions_by_user. */
export async function listSessions(tx: Tx, userId: string, nowMs: number): Promise<SessionRow[]> {
  const found = await tx.execute<SessionRow>(sql`
    SELECT id, ip_address, user_agent, method, mfa_at, verified_at, created_at, last_used_at, expires_at FROM sessions
    WHERE user_id = ${userId} AND expires_at > ${at(nowMs)} ORDER BY last_used_at DESC, id DESC`);
  return found.rows;
}

/** Ends one session of the person; false when they have none of this id. */
export async function endSession(tx: Tx, userId: string, sessionId: string): Promise<boolean> {
  const done = await tx.execute(
    sql`DELETE FROM sessions WHERE id = ${sessionId} AND user_id = ${userId}`,
  );
  return done.rowCount === 1;
}

/** Ends the person's sessions but the one to keep, and sign-ins that wait for a second factor; answers how many sessions. */
export async function endOtherSessions(
  tx: Tx,
  userId: string,
  keepId: string | undefined,
): Promise<number> {
  await tx.execute(sql`DELETE FROM mfa_challenges WHERE user_id = ${userId}`);
  const done = await tx.execute(
    sql`DELETE FROM sessions WHERE user_id = ${userId} AND id IS DISTINCT FROM ${keepId ?? null}`,
  );
  return done.rowCount ?? 0;
}

/** Notes that the person proved themselves again in a session. */
export async function noteVerified(
  tx: Tx,
  session: { userId: string; sessionId: string; mfa: boolean },
  nowMs: number,
): Promise<void> {
  const now = at(nowMs);
  await tx.execute(sql`UPDATE sessions SET verified_at = ${now}, mfa_at = ${session.mfa ? now : sql`mfa_at`}
    WHERE id = ${session.sessionId} AND user_id = ${session.userId}`);
}

/** When the person last proved themselves in a session; null when it is gone. */
export async function verifiedAt(
  tx: Tx,
  userId: string,
  sessionId: string,
): Promise<number | null> {
  const found = await tx.execute<{ verified_at: Date | string }>(
    sql`SELECT verified_at FROM sessions WHERE id = ${sessionId} AND user_id = ${userId}`,
  );
  const row = found.rows[0];
  return row === undefined ? null : new Date(row.verified_at).getTime();
}

/** Notes a use at most once a minute, so that reading stays cheap. */
export async function noteSessionUse(
  tx: Tx,
  session: { id: string; lastUsedAt: Date | string },
  nowMs: number,
): Promise<void> {
  if (nowMs - new Date(session.lastUsedAt).getTime() <= 60_000) return;
  await tx.execute(
    sql`UPDATE sessions SET last_used_at = ${at(nowMs)} WHERE id = ${session.id} AND last_used_at < ${at(nowMs - 60_000)}`,
  );
}
