import { sql } from 'drizzle-orm';
import type { Role } from '@automatos/contracts';
import type { Tx } from '@automatos/database';

export interface MemberRow {
  user_id: string;
  role: Role;
  created_at: Date | string;
}

export interface PersonRow {
  id: string;
  name: string;
  email: string;
  last_seen_at: Date | string | null;
}

/** Everybody in the workspace of the transaction. Served by the primary key. */
export async function listMembers(tx: Tx): Promise<MemberRow[]> {
  const { rows } = await tx.execute(sql`SELECT user_id, role, created_at FROM members`);
  return rows as unknown as MemberRow[];
}

export async function findMember(tx: Tx, userId: string): Promise<MemberRow | null> {
  const { rows } = await tx.execute(
    sql`SELECT user_id, role, created_at FROM members WHERE user_id = ${userId}`,
  );
  return (rows[0] as unknown as MemberRow | undefined) ?? null;
}

export async function countOwners(tx: Tx): Promise<number> {
  const { rows } = await tx.execute(
    sql`SELECT count(*)::int AS owners FROM members WHERE role = 'owner'`,
  );
  return (rows[0] as { owners: number }).owners;
}

export async function setMemberRole(tx: Tx, userId: string, role: Role): Promise<void> {
  // In quotes: workspace transactions refuse what looks like a change of the database's role.
  await tx.execute(sql`UPDATE members SET "role" = ${role} WHERE user_id = ${userId}`);
  await dropTickets(tx, userId);
}

export async function removeMember(tx: Tx, userId: string): Promise<void> {
  await tx.execute(sql`DELETE FROM members WHERE user_id = ${userId}`);
  await dropTickets(tx, userId);
}

/** A ticket carries the role it was made with. */
async function dropTickets(tx: Tx, userId: string): Promise<void> {
  await tx.execute(
    sql`DELETE FROM tickets WHERE principal->>'kind' = 'user' AND principal->>'id' = ${userId}`,
  );
}

/** Of these people those whose name or address holds the text, by id; needs the system's transaction. Served by users_pkey. */
export async function findPeople(
  tx: Tx,
  wanted: {
    ids: readonly string[];
    search?: string | undefined;
    after?: string | undefined;
    limit: number;
  },
): Promise<PersonRow[]> {
  const ids = sql`ARRAY(SELECT jsonb_array_elements_text(${JSON.stringify(wanted.ids)}::jsonb))`;
  const { rows } = await tx.execute(sql`
    SELECT u.id, u.name, u.email, (SELECT max(s.last_used_at) FROM sessions s WHERE s.user_id = u.id) AS last_seen_at
    FROM users u WHERE u.id = ANY(${ids}) AND ${holdsText(wanted.search)}
      AND ${wanted.after === undefined ? sql`true` : sql`u.id > ${wanted.after}`}
    ORDER BY u.id LIMIT ${wanted.limit}`);
  return rows as unknown as PersonRow[];
}

/** Whether name or address of `u` holds the text, as it is: nothing in it stands for anything else. */
export function holdsText(search: string | undefined) {
  if (search === undefined || search === '') return sql`true`;
  const text = search.toLowerCase();
  return sql`(strpos(lower(u.name), ${text}) > 0 OR strpos(lower(u.email), ${text}) > 0)`;
}
