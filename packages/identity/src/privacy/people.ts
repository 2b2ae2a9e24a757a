import type { Database, Tx } from '@automatos/database';
import type { WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';

/**
 * Accounts and sessions belong to no workspace, so the system is asked for them: by ids that rows of the workspace named, or by
 * that of the person who asks. Everything else of this room is asked in the workspace.
 */
type System = Pick<Database, 'system'>;

export interface Account {
  id: string;
  email: string;
  name: string;
  platformAdmin: boolean;
}

export type PersonShown = Pick<Account, 'id' | 'email' | 'name'>;

/** Needs the system's transaction. */
export async function findAccountById(tx: Tx, userId: string): Promise<Account | null> {
  return readAccount(tx, sql`id = ${userId}`);
}

/** The account of the person who asks. */
export function findOwnAccount({ system }: System, userId: string): Promise<Account | null> {
  return system((tx) => findAccountById(tx, userId));
}

/** The member of the workspace with this address; null when nobody there has it. */
export async function findMemberByEmail(
  database: Pick<Database, 'system' | 'workspaceReads'>,
  workspaceId: WorkspaceId,
  email: string,
): Promise<Account | null> {
  const ids = await database.workspaceReads(workspaceId, async (tx) => {
    const { rows } = await tx.execute<{ user_id: string }>(sql`SELECT user_id FROM members`);
    return rows.map((row) => row.user_id);
  });
  return database.system((tx) =>
    readAccount(tx, sql`email = ${email.toLowerCase()} AND id = ANY(${sql.param(ids)}::text[])`),
  );
}

/** Gives those people a name and an address whom rows of the workspace named; who was erased has neither. */
export async function describePeople(
  { system }: System,
  ids: readonly string[],
): Promise<(id: string) => PersonShown> {
  if (ids.length === 0) return (id) => ({ id, name: '', email: '' });
  const { rows } = await system((tx) =>
    tx.execute<{ id: string; name: string; email: string }>(
      sql`SELECT id, name, email FROM users WHERE id = ANY(${sql.param([...new Set(ids)])}::text[])`,
    ),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return (id) => byId.get(id) ?? { id, name: '', email: '' };
}

/** Whether the person has proven themselves in this session of theirs since then. */
export async function hasProvenSince(
  { system }: System,
  { sessionId, userId, sinceMs }: { sessionId: string; userId: string; sinceMs: number },
): Promise<boolean> {
  const since = sql`${new Date(sinceMs).toISOString()}::timestamptz`;
  const { rows } = await system((tx) =>
    tx.execute(
      sql`SELECT id FROM sessions WHERE id = ${sessionId} AND user_id = ${userId} AND verified_at > ${since}`,
    ),
  );
  return rows.length > 0;
}

async function readAccount(tx: Tx, where: SQL): Promise<Account | null> {
  const { rows } = await tx.execute<{
    id: string;
    email: string;
    name: string;
    platform_admin: boolean;
  }>(sql`SELECT id, email, name, platform_admin FROM users WHERE ${where}`);
  const row = rows[0];
  return row === undefined
    ? null
    : { id: row.id, email: row.email, name: row.name, platformAdmin: row.platform_admin };
}
