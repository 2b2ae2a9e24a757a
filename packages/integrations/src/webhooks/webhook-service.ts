import type { Webhook, WebhookDelivery } from '@automatos/contracts';
import { decodeCursor, toPage } from '@automatos/database';
import type { Database, Tx } from '@automatos/database';
import { PlatformError, isUuid, newId } from '@automatos/kernel';
import type { JsonObject, WorkspaceId } from '@automatos/kernel';
import { deriveSecret } from '@automatos/recipes';
import { z } from 'zod';
import { sendWebhook } from './send-webhook.ts';
import type { SendDeps } from './send-webhook.ts';
import type { DeliveryStatus } from './webhook-tables.ts';
import {
  deleteWebhook,
  findWebhook,
  insertWebhook,
  listDeliveries,
  listWebhooks,
  restartDelivery,
  updateWebhook,
} from './webhook-store.ts';
import type { DeliveryRow, WebhookRow } from './webhook-store.ts';

export interface WebhookServiceDeps extends SendDeps {
  database: Pick<Database, 'workspace'>;
  /** Called when a change of the workspace's webhooks is committed. */
  onChanged: (workspaceId: WorkspaceId) => void;
}

/** What a person says of a webhook. */
export interface WebhookInput {
  name: string;
  url: string;
  events: string[];
  recipe: string | null;
  enabled: boolean;
}

interface Page {
  limit: number;
  cursor?: string | undefined;
}
interface Listed<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** Use cases of outgoing webhooks. */
export interface WebhookService {
  /** By name. */
  list(workspaceId: WorkspaceId, page: Page): Promise<Listed<Webhook>>;
  create(workspaceId: WorkspaceId, input: WebhookInput): Promise<Webhook & { secret: string }>;
  /** Switching on again forgets why it was switched off; what waits is sent then. */
  update(workspaceId: WorkspaceId, id: string, input: WebhookInput): Promise<Webhook>;
  remove(workspaceId: WorkspaceId, id: string): Promise<void>;
  /** For 24 h deliveries carry the signatures of both secrets. */
  rotateSecret(workspaceId: WorkspaceId, id: string): Promise<Webhook & { secret: string }>;
  /** Sends an event of type `webhook.test` at once; it is not kept and not repeated. */
  test(
    workspaceId: WorkspaceId,
    id: string,
  ): Promise<{
    delivered: boolean;
    response_status: number | null;
    duration_ms: number;
    error: string | null;
  }>;
  /** Newest first. */
  deliveries(
    workspaceId: WorkspaceId,
    id: string,
    page: Page & { status?: DeliveryStatus | undefined },
  ): Promise<Listed<WebhookDelivery & { payload: JsonObject }>>;
  /** Sends a delivery again from the first attempt on, with the same message id. */
  replay(workspaceId: WorkspaceId, id: string, deliveryId: string): Promise<WebhookDelivery>;
}

const CURSOR_INVALID = 'webhooks.list.cursor_invalid';
const nameCursorSchema = z.strictObject({ name: z.string().max(200), id: z.uuid() });
const timeCursorSchema = z.strictObject({ at: z.iso.datetime(), id: z.uuid() });

export function createWebhookService(deps: WebhookServiceDeps): WebhookService {
  const { database } = deps;
  const now = () => new Date(deps.clock.now());
  return {
    ...createWebhookChanges(deps, now),
    list: (workspaceId, { limit, cursor }) =>
      database.workspace(workspaceId, async (tx) => {
        const after =
          cursor === undefined ? undefined : decodeCursor(cursor, nameCursorSchema, CURSOR_INVALID);
        const page = toPage(await listWebhooks(tx, { limit, after }), limit, ({ name, id }) => ({
          name,
          id,
        }));
        return { items: page.rows.map(toWebhook), nextCursor: page.nextCursor };
      }),
    async test(workspaceId, id) {
      const webhook = await database.workspace(workspaceId, (tx) => mustFind(tx, id));
      const sent = await sendWebhook(deps, webhook, testMessage(webhook, now()));
      const { delivered, status, durationMs, error } = sent;
      return { delivered, response_status: status, duration_ms: durationMs, error };
    },
    deliveries: (workspaceId, id, { limit, cursor, status }) =>
      database.workspace(workspaceId, async (tx) => {
        await mustFind(tx, id);
        const before =
          cursor === undefined ? undefined : decodeCursor(cursor, timeCursorSchema, CURSOR_INVALID);
        const rows = await listDeliveries(tx, id, { limit, status, before });
        const page = toPage(rows, limit, (row) => ({
          at: row.createdAt.toISOString(),
          id: row.id,
        }));
        const items = page.rows.map((row) => ({ ...toDelivery(row), payload: row.payload }));
        return { items, nextCursor: page.nextCursor };
      }),
    replay: (workspaceId, id, deliveryId) =>
      database.workspace(workspaceId, async (tx) => {
        await mustFind(tx, id);
        const key = { webhookId: id, id: deliveryId };
        const row = isUuid(deliveryId) ? await restartDelivery(tx, key, now()) : undefined;
        if (row === undefined) throw deliveryNotFound(deliveryId);
        return toDelivery(row);
      }),
  };
}

function createWebhookChanges(
  deps: WebhookServiceDeps,
  now: () => Date,
): Pick<WebhookService, 'create' | 'update' | 'remove' | 'rotateSecret'> {
  const change = async <T>(workspaceId: WorkspaceId, work: (tx: Tx) => Promise<T>): Promise<T> => {
    const result = await deps.database.workspace(workspaceId, work);
    deps.onChanged(workspaceId);
    return result;
  };
  const secretOf = (id: string, version: number) =>
    deriveSecret(deps.instanceSecret, { kind: 'webhook', id, version });
  return {
    create: (workspaceId, input) =>
      change(workspaceId, async (tx) => {
        mustBeUsable(input.url);
        const at = now();
        const row: WebhookRow = {
          id: newId<'webhook'>(at.getTime()),
          workspaceId,
          ...input,
          disabledReason: null,
          deadInARow: 0,
          secretVersion: 1,
          rotatedAt: null,
          createdAt: at,
          updatedAt: at,
        };
        await insertWebhook(tx, row);
        return { ...toWebhook(row), secret: secretOf(row.id, 1) };
      }),
    update: (workspaceId, id, input) =>
      change(workspaceId, async (tx) => {
        mustBeUsable(input.url);
        const row = await mustFind(tx, id, { lock: true });
        const again = input.enabled && !row.enabled ? { disabledReason: null, deadInARow: 0 } : {};
        const changes = { ...input, ...again, updatedAt: now() };
        await updateWebhook(tx, row, changes);
        return toWebhook({ ...row, ...changes });
      }),
    remove: (workspaceId, id) =>
      change(workspaceId, async (tx) => {
        await deleteWebhook(tx, await mustFind(tx, id, { lock: true }));
      }),
    rotateSecret: (workspaceId, id) =>
      change(workspaceId, async (tx) => {
        const row = await mustFind(tx, id, { lock: true });
        const secretVersion = row.secretVersion + 1;
        const changes = { secretVersion, rotatedAt: now(), updatedAt: now() };
        await updateWebhook(tx, row, changes);
        return { ...toWebhook({ ...row, ...changes }), secret: secretOf(id, secretVersion) };
      }),
  };
}

function testMessage(webhook: WebhookRow, at: Date) {
  const id = newId<'event'>(at.getTime());
  const payload: JsonObject = {
    id,
    type: 'webhook.test',
    timestamp: at.toISOString(),
    workspace_id: webhook.workspaceId,
    subject: `webhook:${webhook.id}`,
    data: { webhook_id: webhook.id, name: webhook.name },
  };
  return { id, payload };
}

async function mustFind(tx: Tx, id: string, options: { lock?: boolean } = {}): Promise<WebhookRow> {
  const row = isUuid(id) ? await findWebhook(tx, id, options) : undefined;
  if (row !== undefined) return row;
  throw new PlatformError({
    code: 'webhooks.webhook.not_found',
    kind: 'not-found',
    message: `No webhook "${id}" in this workspace.`,
  });
}

function deliveryNotFound(id: string): PlatformError {
  return new PlatformError({
    code: 'webhooks.delivery.not_found',
    kind: 'not-found',
    message: `The webhook has no delivery "${id}"; those that ended are kept for 30 days.`,
  });
}

function mustBeUsable(url: string): void {
  const { username, password } = new URL(url);
  if (username === '' && password === '') return;
  throw new PlatformError({
    code: 'webhooks.url.invalid',
    kind: 'invalid-input',
    message:
      'The address must not carry a user name or password: receivers know us by the signature.',
    errors: [{ pointer: '/url', message: 'must have no user name or password' }],
  });
}

function toWebhook(row: WebhookRow): Webhook {
  return {
    id: row.id,
    name: row.name,
    url: row.url,
    events: row.events,
    recipe: row.recipe,
    enabled: row.enabled,
    disabled_reason: row.disabledReason,
    secret_version: row.secretVersion,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

function toDelivery(row: DeliveryRow): WebhookDelivery {
  return {
    id: row.id,
    event_id: row.eventId,
    event_type: row.eventType,
    status: row.status,
    attempts: row.attempts,
    next_attempt_at: row.nextAttemptAt?.toISOString() ?? null,
    response_status: row.responseStatus,
    error: row.error,
    created_at: row.createdAt.toISOString(),
    delivered_at: row.deliveredAt?.toISOString() ?? null,
  };
}
