import { sql } from 'drizzle-orm';
import type { Permission, Role } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import type { WorkspaceId } from '@automatos/kernel';

export interface ApiKeyRow {
  id: string;
  workspace_id: string;
  name: string;
  start: string;
  role: Exclude<Role, 'owner'>;
  created_at: Date | string;
  expires_at: Date | string | null;
  last_used_at: Date | string | null;
  kind: 'server' | 'browser';
  scopes: Permission[] | null;
  origins: string[];
  rate_limit_per_minute: number | null;
  created_by: string;
  rotated_at: Date | string | null;
  previous_until: Date | string | null;
}

const COLUMNS = sql`id, workspace_id, name, start, role, created_at, expires_at, last_used_at, kind, scopes, origins, rate_limit_per_minute, created_by, rotated_at, previous_until`;

export async function insertApiKey(
  tx: Tx,
  key: {
    id: string;
    workspaceId: WorkspaceId;
    name: string;
    hash: string;
    start: string;
    role: Role;
    createdBy: string;
    createdAt: string;
    expiresAt: string | null;
  },
): Promise<ApiKeyRow> {
  const result =
    await tx.execute(sql`INSERT INTO api_keys (id, workspace_id, name, hash, start, role, created_by, created_at, expires_at)
    VALUES (${key.id}, ${key.workspaceId}, ${key.name}, ${key.hash}, ${key.start}, ${key.role}, ${key.createdBy}, ${key.createdAt}::timestamptz, ${key.expiresAt}::timestamptz)
    RETURNING ${COLUMNS}`);
  return result.rows[0] as unknown as ApiKeyRow;
}

/** Keys newest first, from the one after `afterId`. Served by api_keys_by_workspace; ids sort by time. */
export async function listApiKeys(
  tx: Tx,
  page: { limit: number; afterId: string | null },
): Promise<ApiKeyRow[]> {
  const after = page.afterId === null ? sql`` : sql`WHERE id < ${page.afterId}::uuid`;
  const result = await tx.execute(
    sql`SELECT ${COLUMNS} FROM api_keys ${after} ORDER BY id DESC LIMIT ${page.limit}`,
  );
  return result.rows as unknown as ApiKeyRow[];
}

/** Deletes a key and gives its name; null when there is none. */
export async function deleteApiKey(tx: Tx, keyId: string): Promise<string | null> {
  const result = await tx.execute(sql`DELETE FROM api_keys WHERE id = ${keyId} RETURNING name`);
  return (result.rows[0] as { name: string } | undefined)?.name ?? null;
}

/** The living key with this hash and whether this is its first use; notes uses at most once a minute, so that reading stays cheap. */
export async function useApiKey(
  tx: Tx,
  hash: string,
  nowMs: number,
): Promise<(ApiKeyRow & { isFirstUse: boolean }) | null> {
  const now = new Date(nowMs).toISOString();
  const result = await tx.execute(
    sql`SELECT ${COLUMNS} FROM api_keys WHERE hash = ${hash} AND (expires_at IS NULL OR expires_at > ${now}::timestamptz)`,
  );
  const row = result.rows[0] as unknown as ApiKeyRow | undefined;
  if (!row) return null;
  if (row.last_used_at === null || nowMs - new Date(row.last_used_at).getTime() > 60_000) {
    const noted = await tx.execute(
      sql`UPDATE api_keys SET last_used_at = ${now}::timestamptz WHERE id = ${row.id} AND last_used_at IS NOT DISTINCT FROM ${row.last_used_at === null ? null : new Date(row.last_used_at).toISOString()}::timestamptz`,
    );
    return { ...row, isFirstUse: row.last_used_at === null && noted.rowCount === 1 };
  }
  return { ...row, isFirstUse: false };
}
