import type { Principal, Role, Session } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { sql } from 'drizzle-orm';
import type { WorkspaceId } from '@automatos/kernel';
import type { Membership } from '../identity-store.ts';
import type { AccountRow } from './account-store.ts';

/** Workspaces of a person, oldest membership first. Served by members_by_user. */
export async function membershipsOf(tx: Tx, userId: string): Promise<Membership[]> {
  const found = await tx.execute<{
    id: string;
    slug: string;
    name: string;
    role: Role;
    created_at: Date | string;
  }>(sql`
    SELECT w.id, w.slug, w.name, m.role, w.created_at FROM members m JOIN workspaces w ON w.id = m.workspace_id
    WHERE m.user_id = ${userId} ORDER BY m.created_at, w.id`);
  return found.rows.map((row) => ({
    id: row.id as WorkspaceId,
    slug: row.slug,
    name: row.name,
    role: row.role,
    createdAt: new Date(row.created_at),
  }));
}

export const presentUser = (
  user: Pick<AccountRow, 'id' | 'email' | 'name' | 'createdAt' | 'platformAdmin'>,
) => ({
  id: user.id,
  email: user.email,
  name: user.name,
  created_at: user.createdAt.toISOString(),
  platform_admin: user.platformAdmin,
});

const presentWorkspace = (member: Membership) => ({
  id: member.id,
  slug: member.slug,
  name: member.name,
  role: member.role,
  created_at: member.createdAt.toISOString(),
});

/** Who somebody is, where, and what they may do, for the wire. */
export function presentSession(from: {
  user: AccountRow | null;
  memberships: Membership[];
  workspace: Membership;
  principal: Pick<Principal, 'kind' | 'id' | 'name' | 'permissions'>;
}): Session {
  const { user, memberships, workspace, principal } = from;
  return {
    user: user && presentUser(user),
    principal: { kind: principal.kind, id: principal.id, name: principal.name },
    workspace: presentWorkspace(workspace),
    workspaces: memberships.map(presentWorkspace),
    permissions: [...principal.permissions],
  };
}
