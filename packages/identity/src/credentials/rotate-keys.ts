import type { Database, Tx } from '@automatos/database';
import { isPlatformError } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import { rewrap } from './envelope.ts';
import type { MasterKey } from './envelope.ts';

/** Makes a key the current one. Waits for writes under the one before, so that the rotation finds what they wrote. */
export async function adoptKey(tx: Tx, id: string, now: Date): Promise<void> {
  const at = sql`${now.toISOString()}::timestamptz`;
  // The other side is `automatos_hold_encryption_key`.
  await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtext('automatos.encryption_keys'))`);
  await tx.execute(
    sql`UPDATE encryption_keys SET state = 'retiring', changed_at = ${at} WHERE state = 'current' AND id <> ${id}`,
  );
  await tx.execute(sql`
    INSERT INTO encryption_keys (id, state, created_at, changed_at) VALUES (${id}, 'current', ${at}, ${at})
    ON CONFLICT (id) DO UPDATE SET state = 'current', changed_at = EXCLUDED.changed_at`);
}

interface SecretRow extends Record<string, unknown> {
  credential_id: string;
  revision: string;
  workspace_id: string | null;
  type: string;
  wrapped_key: Buffer;
  key_id: string;
}

/** Place in the order of the records. */
export interface RewrapCursor {
  credentialId: string;
  revision: string;
}

export interface RewrapBatch {
  to: MasterKey;
  keyOf: (id: string) => Promise<MasterKey>;
  limit: number;
  after: RewrapCursor | null;
}

/**
 * Puts up to `limit` records under the key, in one transaction; resolves to where to go on, null at the end. What another
 * process is working on is left to it, and what cannot be opened stays under its key, counted by the caller's next look.
 */
export async function rewrapBatch(
  database: Pick<Database, 'system'>,
  { to, keyOf, limit, after }: RewrapBatch,
): Promise<RewrapCursor | null> {
  return database.system(async (tx) => {
    const beyond =
      after === null
        ? sql``
        : sql`AND (credential_id, revision) > (${after.credentialId}::uuid, ${after.revision})`;
    const found = await tx.execute<SecretRow>(sql`
      SELECT credential_id, revision, workspace_id, type, wrapped_key, key_id FROM credential_secrets
      WHERE key_id <> ${to.id} ${beyond} ORDER BY credential_id, revision LIMIT ${limit} FOR UPDATE SKIP LOCKED`);
    for (const row of found.rows) {
      const wrapped = rewrapped(row, { from: await keyOf(row.key_id), to });
      if (wrapped === null) continue;
      await tx.execute(sql`
        UPDATE credential_secrets SET wrapped_key = ${wrapped}, key_id = ${to.id}
        WHERE credential_id = ${row.credential_id} AND revision = ${row.revision}`);
    }
    const last = found.rows.at(-1);
    if (last === undefined || found.rows.length < limit) return null;
    return { credentialId: last.credential_id, revision: last.revision };
  });
}

function rewrapped(row: SecretRow, keys: { from: MasterKey; to: MasterKey }): Buffer | null {
  const { workspace_id: workspaceId, credential_id: credentialId, type, revision } = row;
  try {
    const place = { workspaceId, credentialId, type, revision };
    return rewrap(keys, place, { wrappedKey: row.wrapped_key });
  } catch (error) {
    if (isPlatformError(error) && error.code === 'credentials.record.damaged') return null;
    throw error;
  }
}

/** Ends keys that nothing is under any more. */
export async function retireEmptyKeys(tx: Tx, now: Date): Promise<void> {
  await tx.execute(sql`
    UPDATE encryption_keys k SET state = 'retired', changed_at = ${now.toISOString()}::timestamptz
    WHERE k.state = 'retiring' AND NOT EXISTS (SELECT FROM credential_secrets s WHERE s.key_id = k.id)`);
}
