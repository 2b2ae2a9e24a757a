import { notify } from '@automatos/database';
import type { Tx } from '@automatos/database';
import { and, desc, eq, sql } from 'drizzle-orm';
import { webhookDeliveries, webhooks } from './webhook-tables.ts';
import type { DeliveryStatus } from './webhook-tables.ts';

export type WebhookRow = typeof webhooks.$inferSelect;
export type DeliveryRow = typeof webhookDeliveries.$inferSelect;

/** Tells all processes that the webhooks of a workspace changed; the payload is its id. */
export const WEBHOOKS_CHANNEL = 'automatos_webhooks';
/** Wakes dispatchers. */
export const DELIVERIES_CHANNEL = 'automatos_webhook_deliveries';

/** By name; one row more than `limit` when there is a next page. */
export async function listWebhooks(
  tx: Tx,
  page: { limit: number; after?: { name: string; id: string } | undefined },
): Promise<WebhookRow[]> {
  const { after } = page;
  return tx
    .select()
    .from(webhooks)
    .where(
      after === undefined
        ? undefined
        : sql`(${webhooks.name}, ${webhooks.id}) > (${after.name}, ${after.id}::uuid)`,
    )
    .orderBy(webhooks.name, webhooks.id)
    .limit(page.limit + 1);
}

export async function findWebhook(
  tx: Tx,
  id: string,
  options: { lock?: boolean } = {},
): Promise<WebhookRow | undefined> {
  const query = tx.select().from(webhooks).where(eq(webhooks.id, id));
  const [row] = options.lock === true ? await query.for('update') : await query;
  return row;
}

export async function insertWebhook(tx: Tx, row: WebhookRow): Promise<void> {
  await tx.insert(webhooks).values(row);
  await notify(tx, WEBHOOKS_CHANNEL, row.workspaceId);
}

export async function updateWebhook(
  tx: Tx,
  row: Pick<WebhookRow, 'id' | 'workspaceId'>,
  change: Partial<WebhookRow>,
): Promise<void> {
  await tx.update(webhooks).set(change).where(eq(webhooks.id, row.id));
  await notify(tx, WEBHOOKS_CHANNEL, row.workspaceId);
  await notify(tx, DELIVERIES_CHANNEL, '');
}

export async function deleteWebhook(
  tx: Tx,
  row: Pick<WebhookRow, 'id' | 'workspaceId'>,
): Promise<void> {
  await tx.delete(webhookDeliveries).where(eq(webhookDeliveries.webhookId, row.id));
  await tx.delete(webhooks).where(eq(webhooks.id, row.id));
  await notify(tx, WEBHOOKS_CHANNEL, row.workspaceId);
}

/** What the projection must know of the enabled webhooks of a workspace. */
export interface Subscription {
  id: string;
  events: string[];
  recipe: string | null;
}

export async function listSubscriptions(tx: Tx, workspaceId: string): Promise<Subscription[]> {
  const { id, events, recipe } = webhooks;
  return tx
    .select({ id, events, recipe })
    .from(webhooks)
    .where(and(eq(webhooks.workspaceId, workspaceId), webhooks.enabled));
}

export interface NewDelivery {
  id: string;
  webhook_id: string;
  event_id: string;
  /** Time of the event as it was emitted. */
  at: string;
}

/**
 * Puts stored events on their way, in the transaction that stored them. The payload is made of the stored row, which the
 * database could keep; what was switched off or deleted meanwhile gets nothing.
 */
export async function insertDeliveries(
  tx: Tx,
  deliveries: NewDelivery[],
  now: Date,
): Promise<void> {
  const at = sql`${now.toISOString()}::timestamptz`;
  await tx.execute(sql`
    INSERT INTO webhook_deliveries (id, workspace_id, webhook_id, event_id, event_type, payload, status, next_attempt_at, created_at)
    SELECT x.id, e.workspace_id, w.id, e.id, e.type, jsonb_strip_nulls(jsonb_build_object('id', e.id, 'type', e.type,
      'timestamp', x.at, 'workspace_id', e.workspace_id, 'subject', e.subject, 'run_id', e.run_id, 'step_id', e.step_id,
      'seq', CASE WHEN e.run_id IS NULL THEN NULL ELSE e.seq END)) || jsonb_build_object('data', e.data), 'pending', ${at}, ${at}
    FROM jsonb_to_recordset(${JSON.stringify(deliveries)}::jsonb) AS x(id uuid, webhook_id uuid, event_id uuid, at text)
    JOIN events e ON e.id = x.event_id
    JOIN webhooks w ON w.id = x.webhook_id AND w.enabled AND w.workspace_id = e.workspace_id
    ON CONFLICT (webhook_id, event_id) DO NOTHING`);
  await notify(tx, DELIVERIES_CHANNEL, '');
}

/** Slugs of the recipes of these runs. */
export async function recipesOfRuns(
  tx: Tx,
  runIds: readonly string[],
): Promise<Map<string, string | null>> {
  const found = await tx.execute<{ id: string; recipe_slug: string | null }>(
    sql`SELECT id, recipe_slug FROM runs WHERE id = ANY(${sql.param(runIds)}::uuid[])`,
  );
  return new Map(found.rows.map((row) => [row.id, row.recipe_slug]));
}

/** A delivery that this process sends now, with where to. */
export interface ClaimedDelivery extends Record<string, unknown> {
  id: string;
  workspace_id: string;
  webhook_id: string;
  event_id: string;
  event_type: string;
  payload: DeliveryRow['payload'];
  attempts: number;
  url: string;
  secret_version: number;
  rotated_at: Date | string | null;
}

/**
 * Takes the oldest due deliveries of enabled webhooks, those of `busy` webhooks aside; a crashed process's come back after
 * `claimMs`. Rows that another process is taking are skipped. Index `webhook_deliveries_due`.
 */
export async function claimDeliveries(
  tx: Tx,
  claim: { now: Date; claimMs: number; limit: number; busy: readonly string[] },
): Promise<ClaimedDelivery[]> {
  const until = new Date(claim.now.getTime() + claim.claimMs);
  const found = await tx.execute<ClaimedDelivery>(sql`
    UPDATE webhook_deliveries d SET attempts = d.attempts + 1, next_attempt_at = ${until.toISOString()}::timestamptz
    FROM webhooks w
    WHERE w.id = d.webhook_id AND d.id IN (
      SELECT due.id FROM webhook_deliveries due JOIN webhooks v ON v.id = due.webhook_id AND v.enabled
      WHERE due.status = 'pending' AND due.next_attempt_at <= ${claim.now.toISOString()}::timestamptz
        AND due.webhook_id <> ALL(${sql.param(claim.busy)}::uuid[])
      ORDER BY due.next_attempt_at LIMIT ${claim.limit} FOR UPDATE OF due SKIP LOCKED)
    RETURNING d.id, d.workspace_id, d.webhook_id, d.event_id, d.event_type, d.payload, d.attempts, w.url, w.secret_version,
      w.rotated_at`);
  return found.rows;
}

/** When the next delivery is due; null when none is. */
export async function nextAttempt(tx: Tx): Promise<Date | null> {
  const found = await tx.execute<{ at: Date | string | null }>(sql`
    SELECT min(d.next_attempt_at) AS at FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id AND w.enabled
    WHERE d.status = 'pending'`);
  const at = found.rows[0]?.at ?? null;
  return at === null ? null : new Date(at);
}

/** Writes what became of an attempt; false when another attempt or a replay came in between. */
export async function settleAttempt(
  tx: Tx,
  attempt: Pick<ClaimedDelivery, 'id' | 'attempts'>,
  change: Partial<DeliveryRow>,
): Promise<boolean> {
  const written = await tx
    .update(webhookDeliveries)
    .set(change)
    .where(
      and(
        eq(webhookDeliveries.id, attempt.id),
        eq(webhookDeliveries.attempts, attempt.attempts),
        eq(webhookDeliveries.status, 'pending'),
      ),
    )
    .returning({ id: webhookDeliveries.id });
  return written.length > 0;
}

/** Newest first; one row more than `limit` when there is a next page. Index `webhook_deliveries_by_time`. */
export async function listDeliveries(
  tx: Tx,
  webhookId: string,
  page: {
    limit: number;
    status?: DeliveryStatus | undefined;
    before?: { at: string; id: string } | undefined;
  },
): Promise<DeliveryRow[]> {
  const { before, status } = page;
  const { createdAt, id } = webhookDeliveries;
  return tx
    .select()
    .from(webhookDeliveries)
    .where(
      and(
        eq(webhookDeliveries.webhookId, webhookId),
        status === undefined ? undefined : eq(webhookDeliveries.status, status),
        before === undefined
          ? undefined
          : sql`(${createdAt}, ${id}) < (${before.at}::timestamptz, ${before.id}::uuid)`,
      ),
    )
    .orderBy(desc(createdAt), desc(id))
    .limit(page.limit + 1);
}

/** Sends a delivery again from the first attempt on; nothing when the webhook has no such delivery. */
export async function restartDelivery(
  tx: Tx,
  key: { webhookId: string; id: string },
  now: Date,
): Promise<DeliveryRow | undefined> {
  const fresh = { status: 'pending' as const, attempts: 0, nextAttemptAt: now };
  const [row] = await tx
    .update(webhookDeliveries)
    .set({ ...fresh, responseStatus: null, error: null, deliveredAt: null })
    .where(and(eq(webhookDeliveries.webhookId, key.webhookId), eq(webhookDeliveries.id, key.id)))
    .returning();
  if (row !== undefined) await notify(tx, DELIVERIES_CHANNEL, '');
  return row;
}

/** Clears away what ended before, and what a deleted webhook left. */
export async function pruneDeliveries(tx: Tx, before: Date): Promise<void> {
  const at = before.toISOString();
  await tx.execute(sql`
    DELETE FROM webhook_deliveries d WHERE (d.status <> 'pending' AND d.created_at < ${at}::timestamptz)
      OR NOT EXISTS (SELECT FROM webhooks w WHERE w.id = d.webhook_id)`);
}
