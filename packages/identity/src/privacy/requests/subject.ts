import type { PersonalSubject, Tx } from '@automatos/database';
import type { WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import type { PersonShown } from '../people.ts';

/** A workspace that a person is in, with what decides whether they may leave it. */
export interface Membership {
  workspaceId: WorkspaceId;
  name: string;
  role: string;
  members: number;
  otherOwners: number;
}

/** Workspaces of the person, oldest first. */
export async function listMemberships(tx: Tx, userId: string): Promise<Membership[]> {
  const { rows } = await tx.execute(sql`
    SELECT m.workspace_id, w.name, m.role,
      (SELECT count(*)::int FROM members o WHERE o.workspace_id = m.workspace_id) AS members,
      (SELECT count(*)::int FROM members o WHERE o.workspace_id = m.workspace_id AND o.role = 'owner' AND o.user_id <> m.user_id) AS other_owners
    FROM members m JOIN workspaces w ON w.id = m.workspace_id WHERE m.user_id = ${userId} ORDER BY m.created_at, w.id`);
  return (
    rows as unknown as {
      workspace_id: WorkspaceId;
      name: string;
      role: string;
      members: number;
      other_owners: number;
    }[]
  ).map((row) => ({
    workspaceId: row.workspace_id,
    name: row.name,
    role: row.role,
    members: row.members,
    otherOwners: row.other_owners,
  }));
}

/** Workspaces in which the person is, or left a trace of having been. */
export async function listTraces(tx: Tx, userId: string): Promise<WorkspaceId[]> {
  const { rows } = await tx.execute<{ workspace_id: WorkspaceId }>(sql`
    SELECT workspace_id FROM members WHERE user_id = ${userId}
    UNION SELECT a.workspace_id FROM audit_log a JOIN workspaces w ON w.id = a.workspace_id WHERE a.actor_id = ${userId}
    UNION SELECT workspace_id FROM runs WHERE created_by_id = ${userId}
    UNION SELECT workspace_id FROM privacy_requests WHERE subject_id = ${userId}`);
  return rows.map(({ workspace_id: id }) => id);
}

export function toSubject(
  account: PersonShown,
  also: { email: string; name: string },
  reach: Pick<PersonalSubject, 'workspaces' | 'account'>,
): PersonalSubject {
  const known = (values: string[]) => [...new Set(values.filter((value) => value.trim() !== ''))];
  return {
    userId: account.id,
    emails: known([account.email, also.email]),
    names: known([account.name, also.name]),
    ...reach,
  };
}
