import { sql } from 'drizzle-orm';
import { PlatformError, type JsonObject, type WorkspaceId } from '@automatos/kernel';
import type { Tx } from './transaction.ts';

/** NOTIFY channel that wakes outbox dispatchers; the payload is the topic. */
export const OUTBOX_CHANNEL = 'automatos_outbox';

const PAYLOAD_BYTES_MAX = 7_999;

/** Sends `payload` to listeners of `channel` when the transaction commits. At most 7,999 bytes: `database.notification.too_large`. */
export async function notify(tx: Tx, channel: string, payload: string): Promise<void> {
  const bytes = Buffer.byteLength(payload);
  if (bytes > PAYLOAD_BYTES_MAX) {
    throw new PlatformError({
      code: 'database.notification.too_large',
      kind: 'internal',
      message: `A notification on ${channel} has ${bytes} bytes; at most ${PAYLOAD_BYTES_MAX} fit. Send an id and read the rest from a table.`,
    });
  }
  await tx.execute(sql`SELECT pg_notify(${channel}, ${payload})`);
}

export interface NewOutboxEntry {
  workspaceId: WorkspaceId;
  topic: string;
  /** Names the event within its workspace and topic: the same key twice is one entry. */
  key: string;
  payload: JsonObject;
}

/** Records an event that is handled at least once after, and only if, this transaction commits. */
export async function enqueueOutbox(tx: Tx, entry: NewOutboxEntry): Promise<void> {
  await tx.execute(sql`
    WITH added AS (
      INSERT INTO outbox (workspace_id, topic, key, payload)
      VALUES (${entry.workspaceId}, ${entry.topic}, ${entry.key}, ${JSON.stringify(entry.payload)}::jsonb)
      ON CONFLICT (workspace_id, topic, key) DO NOTHING RETURNING topic
    ) SELECT pg_notify(${OUTBOX_CHANNEL}, topic) FROM added`);
}
