import { sql } from 'drizzle-orm';
import type { Role } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import type { WorkspaceId } from '@automatos/kernel';

export interface WorkspaceRow {
  id: WorkspaceId;
  slug: string;
  name: string;
  role: Role;
  created_at: Date | string;
}

export interface WorkspacePage {
  limit: number;
  /** Id of the last one before; they are sorted by id, which is by age. */
  after: string | undefined;
}

const next = ({ after }: WorkspacePage) =>
  after === undefined ? sql`true` : sql`w.id > ${after}::uuid`;

/** Workspaces that a person is in; one more than `limit` when there is a next page. Served by members_by_user. */
export async function listOwnWorkspaces(
  tx: Tx,
  userId: string,
  page: WorkspacePage,
): Promise<WorkspaceRow[]> {
  const { rows } = await tx.execute(sql`
    SELECT w.id, w.slug, w.name, w.created_at, m.role FROM members m JOIN workspaces w ON w.id = m.workspace_id
    WHERE m.user_id = ${userId} AND ${next(page)} ORDER BY w.id LIMIT ${page.limit + 1}`);
  return rows as unknown as WorkspaceRow[];
}

/** Every workspace, as the operator sees it. Served by the primary key. */
export async function listEveryWorkspace(tx: Tx, page: WorkspacePage): Promise<WorkspaceRow[]> {
  const { rows } = await tx.execute(sql`
    SELECT w.id, w.slug, w.name, w.created_at, 'owner' AS role FROM workspaces w
    WHERE ${next(page)} ORDER BY w.id LIMIT ${page.limit + 1}`);
  return rows as unknown as WorkspaceRow[];
}

/** The workspace of the transaction, kept from changing until it ends; null when it is gone. */
export async function lockWorkspace(
  tx: Tx,
  workspaceId: WorkspaceId,
  strength: 'change' | 'delete',
): Promise<Omit<WorkspaceRow, 'role'> | null> {
  // The stronger lock also keeps rows that belong to it from being added.
  const lock = strength === 'delete' ? sql`FOR UPDATE` : sql`FOR NO KEY UPDATE`;
  const { rows } = await tx.execute(
    sql`SELECT id, slug, name, created_at FROM workspaces WHERE id = ${workspaceId} ${lock}`,
  );
  return (rows[0] as unknown as Omit<WorkspaceRow, 'role'> | undefined) ?? null;
}

/** False when the slug is taken. */
export async function insertWorkspace(
  tx: Tx,
  workspace: { id: WorkspaceId; slug: string; name: string; createdAt: string },
): Promise<boolean> {
  const { rowCount } = await tx.execute(sql`
    INSERT INTO workspaces (id, slug, name, created_at)
    VALUES (${workspace.id}, ${workspace.slug}, ${workspace.name}, ${workspace.createdAt}::timestamptz)
    ON CONFLICT (slug) DO NOTHING`);
  return rowCount === 1;
}

export async function updateWorkspace(
  tx: Tx,
  workspaceId: WorkspaceId,
  change: { name?: string | undefined; slug?: string | undefined },
): Promise<Omit<WorkspaceRow, 'role'> | null> {
  const { rows } = await tx.execute(sql`
    UPDATE workspaces SET name = coalesce(${change.name ?? null}, name), slug = coalesce(${change.slug ?? null}, slug)
    WHERE id = ${workspaceId} RETURNING id, slug, name, created_at`);
  return (rows[0] as unknown as Omit<WorkspaceRow, 'role'> | undefined) ?? null;
}

/** Takes the workspace away with every row that belongs to it; the audit log has no such tie. */
export async function deleteWorkspace(tx: Tx, workspaceId: WorkspaceId): Promise<void> {
  await tx.execute(sql`DELETE FROM workspaces WHERE id = ${workspaceId}`);
}

/** Makes the workspace that the settings name as that of the single tenant, when it is not there. */
export async function makeTenantWorkspace(
  database: Pick<Database, 'system'>,
  workspaceId: WorkspaceId,
): Promise<void> {
  await database.system((tx) =>
    tx.execute(sql`
      INSERT INTO workspaces (id, slug, name) VALUES (${workspaceId}, ${`ws-${workspaceId}`}, 'Default') ON CONFLICT (id) DO NOTHING`),
  );
}

/** Workspaces that a person owns; serialises with others that count for the same person. */
export async function countOwned(tx: Tx, userId: string): Promise<number> {
  await tx.execute(sql`SELECT id FROM users WHERE id = ${userId} FOR NO KEY UPDATE`);
  const { rows } = await tx.execute(
    sql`SELECT count(*)::int AS owned FROM members WHERE user_id = ${userId} AND role = 'owner'`,
  );
  return (rows[0] as { owned: number }).owned;
}
