import type { Tx } from '@automatos/database';
import { sql } from 'drizzle-orm';

export interface KeyRow extends Record<string, unknown> {
  id: string;
  state: 'current' | 'retiring' | 'retired';
  /** Secrets under it. */
  records: number;
}

/** All keys ever used with what is under them, the newest first. Index `credential_secrets_by_key`. */
export async function listKeys(tx: Tx): Promise<KeyRow[]> {
  const found = await tx.execute<KeyRow>(sql`
    SELECT k.id, k.state, count(s.*)::int AS records FROM encryption_keys k LEFT JOIN credential_secrets s ON s.key_id = k.id
    GROUP BY k.id ORDER BY k.created_at DESC, k.id`);
  return found.rows;
}

/** Makes the key the current one unless another is; returns which is. */
export async function useFirstKey(tx: Tx, id: string, now: Date): Promise<string> {
  const at = sql`${now.toISOString()}::timestamptz`;
  await tx.execute(sql`
    INSERT INTO encryption_keys (id, state, created_at, changed_at) VALUES (${id}, 'current', ${at}, ${at})
    ON CONFLICT (state) WHERE state = 'current' DO NOTHING`);
  const found = await tx.execute<{ id: string }>(
    sql`SELECT id FROM encryption_keys WHERE state = 'current'`,
  );
  return found.rows[0]?.id ?? id;
}
