import type { Database, Tx } from '@automatos/database';
import { sql } from 'drizzle-orm';
import type {
  IdempotencyClaim,
  IdempotencyStore,
  IdempotentRequest,
  StoredAnswer,
} from './idempotency.ts';

interface Row extends Record<string, unknown> {
  fingerprint: string;
  answer: StoredAnswer | null;
}

/** Keeps answers in `idempotency_keys`; the primary key decides between requests that arrive together. */
export function createIdempotencyStore(deps: {
  database: Pick<Database, 'workspace'>;
}): IdempotencyStore {
  const { database } = deps;
  return {
    claim: (request) => database.workspace(request.workspaceId, (tx) => claim(tx, request)),
    async keep(request, answer) {
      await database.workspace(request.workspaceId, (tx) =>
        tx.execute(sql`
          UPDATE idempotency_keys SET answer = ${JSON.stringify(answer)}::jsonb
          WHERE workspace_id = ${request.workspaceId} AND key = ${request.key} AND fingerprint = ${request.fingerprint}`),
      );
    },
    async release(request) {
      await database.workspace(request.workspaceId, (tx) =>
        tx.execute(sql`
          DELETE FROM idempotency_keys
          WHERE workspace_id = ${request.workspaceId} AND key = ${request.key}
            AND fingerprint = ${request.fingerprint} AND answer IS NULL`),
      );
    },
  };
}

/**
 * One statement inserts the key, or takes over a row that is over (24 h) or whose request was lost (60 s without an
 * answer); it returns a row only to the winner. Served by the primary key.
 */
async function claim(tx: Tx, request: IdempotentRequest): Promise<IdempotencyClaim> {
  const taken = await tx.execute(sql`
    INSERT INTO idempotency_keys AS held (workspace_id, key, fingerprint)
    VALUES (${request.workspaceId}, ${request.key}, ${request.fingerprint})
    ON CONFLICT (workspace_id, key) DO UPDATE
      SET fingerprint = excluded.fingerprint, answer = NULL, created_at = now()
      WHERE held.created_at < now() - interval '24 hours'
         OR (held.answer IS NULL AND held.created_at < now() - interval '60 seconds')
    RETURNING key`);
  if (taken.rows.length > 0) {
    await forgetSomeExpired(tx);
    return { state: 'claimed' };
  }
  const held = await tx.execute<Row>(sql`
    SELECT fingerprint, answer FROM idempotency_keys
    WHERE workspace_id = ${request.workspaceId} AND key = ${request.key}`);
  const row = held.rows[0];
  // Released between the two statements: its request failed, so this one may simply come again.
  if (row === undefined) return { state: 'in_progress' };
  if (row.fingerprint !== request.fingerprint) return { state: 'reused' };
  return row.answer === null ? { state: 'in_progress' } : { state: 'replay', answer: row.answer };
}

/** Each claim removes a few rows that are over, so that the table needs no sweeper. Served by `idempotency_keys_age`. */
async function forgetSomeExpired(tx: Tx): Promise<void> {
  await tx.execute(sql`
    DELETE FROM idempotency_keys WHERE (workspace_id, key) IN (
      SELECT workspace_id, key FROM idempotency_keys
      WHERE created_at < now() - interval '24 hours' ORDER BY created_at LIMIT 5 FOR UPDATE SKIP LOCKED)`);
}
