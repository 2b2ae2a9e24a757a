import { sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
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

const at = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`;

/** Drizzle spreads a plain array into a list of values; an array has to be one value. */
const textArray = (values: readonly string[]): SQL =>
  sql`ARRAY[${sql.join(
    values.map((value) => sql`${value}`),
    sql`, `,
  )}]::text[]`;
const scopesOf = (scopes: readonly string[] | null): SQL =>
  scopes === null ? sql`NULL` : textArray(scopes);

export interface NewApiKey {
  id: string;
  workspaceId: WorkspaceId;
  name: string;
  hash: string;
  start: string;
  role: Role;
  kind: 'server' | 'browser';
  scopes: readonly Permission[] | null;
  origins: readonly string[];
  rateLimitPerMinute: number | null;
  createdBy: string;
  createdAtMs: number;
  expiresAt: string | null;
}

export async function insertApiKey(tx: Tx, key: NewApiKey): Promise<ApiKeyRow> {
  const result =
    await tx.execute(sql`INSERT INTO api_keys (id, workspace_id, name, hash, start, role, kind, scopes, origins, rate_limit_per_minute, created_by, created_at, expires_at)
    VALUES (${key.id}, ${key.workspaceId}, ${key.name}, ${key.hash}, ${key.start}, ${key.role}, ${key.kind}, ${scopesOf(key.scopes)}, ${textArray(key.origins)}, ${key.rateLimitPerMinute}, ${key.createdBy}, ${at(key.createdAtMs)}, ${key.expiresAt}::timestamptz)
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

/** A key to be changed, held until the transaction ends; null when there is none. */
export async function holdApiKey(tx: Tx, keyId: string): Promise<ApiKeyRow | null> {
  const result = await tx.execute(
    sql`SELECT ${COLUMNS} FROM api_keys WHERE id = ${keyId} FOR UPDATE`,
  );
  return (result.rows[0] as unknown as ApiKeyRow | undefined) ?? null;
}

export async function updateApiKey(
  tx: Tx,
  keyId: string,
  key: Pick<NewApiKey, 'name' | 'scopes' | 'origins' | 'rateLimitPerMinute'>,
): Promise<ApiKeyRow> {
  const result = await tx.execute(sql`
    UPDATE api_keys SET name = ${key.name}, scopes = ${scopesOf(key.scopes)}, origins = ${textArray(key.origins)},
      rate_limit_per_minute = ${key.rateLimitPerMinute} WHERE id = ${keyId} RETURNING ${COLUMNS}`);
  return result.rows[0] as unknown as ApiKeyRow;
}

/** Puts another secret in the place of the one that counts, which still counts until `previousUntilMs`; null: no more. */
export async function rotateApiKey(
  tx: Tx,
  keyId: string,
  fresh: { hash: string; start: string; nowMs: number; previousUntilMs: number | null },
): Promise<ApiKeyRow> {
  const { previousUntilMs: until } = fresh;
  const result = await tx.execute(sql`
    UPDATE api_keys SET hash = ${fresh.hash}, start = ${fresh.start}, rotated_at = ${at(fresh.nowMs)},
      previous_hash = ${until === null ? sql`NULL` : sql`hash`}, previous_until = ${until === null ? sql`NULL` : at(until)}
    WHERE id = ${keyId} RETURNING ${COLUMNS}`);
  return result.rows[0] as unknown as ApiKeyRow;
}

/** Deletes a key; null when there is none. */
export async function deleteApiKey(
  tx: Tx,
  keyId: string,
): Promise<{ name: string; kind: 'server' | 'browser' } | null> {
  const result = await tx.execute<{ name: string; kind: 'server' | 'browser' }>(
    sql`DELETE FROM api_keys WHERE id = ${keyId} RETURNING name, kind`,
  );
  return result.rows[0] ?? null;
}

/**
 * The living key with this hash, or with it before its rotation while that still counts. Served by api_keys_hash_key and
 * api_keys_previous_hash_key.
 */
export async function findLivingKey(
  tx: Tx,
  hash: string,
  nowMs: number,
): Promise<ApiKeyRow | null> {
  const now = at(nowMs);
  const result = await tx.execute(sql`
    SELECT ${COLUMNS} FROM api_keys WHERE (hash = ${hash} OR (previous_hash = ${hash} AND previous_until > ${now}))
      AND (expires_at IS NULL OR expires_at > ${now})`);
  return (result.rows[0] as unknown as ApiKeyRow | undefined) ?? null;
}

/** Notes a use at most once a minute, so that reading stays cheap; true when it is the first of all. */
export async function noteKeyUse(
  tx: Tx,
  row: Pick<ApiKeyRow, 'id' | 'last_used_at'>,
  nowMs: number,
): Promise<boolean> {
  const last = row.last_used_at === null ? null : new Date(row.last_used_at);
  if (last !== null && nowMs - last.getTime() <= 60_000) return false;
  const noted = await tx.execute(
    sql`UPDATE api_keys SET last_used_at = ${at(nowMs)} WHERE id = ${row.id} AND last_used_at IS NOT DISTINCT FROM ${last === null ? null : last.toISOString()}::timestamptz`,
  );
  return last === null && noted.rowCount === 1;
}
