import type { JsonObject } from '@automatos/kernel';
import { boolean, integer, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** Where events go. */
export const webhooks = pgTable('webhooks', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  name: text('name').notNull(),
  url: text('url').notNull(),
  events: jsonb('events').$type<string[]>().notNull(),
  recipe: text('recipe'),
  enabled: boolean('enabled').notNull(),
  disabledReason: text('disabled_reason'),
  deadInARow: integer('dead_in_a_row').notNull().default(0),
  secretVersion: integer('secret_version').notNull().default(1),
  rotatedAt: time('rotated_at'),
  createdAt: time('created_at').notNull(),
  updatedAt: time('updated_at').notNull(),
});

export type DeliveryStatus = 'pending' | 'delivered' | 'dead';

/** Each event on its way to a webhook, until it arrived or was given up. */
export const webhookDeliveries = pgTable('webhook_deliveries', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  webhookId: uuid('webhook_id').notNull(),
  eventId: uuid('event_id').notNull(),
  eventType: text('event_type').notNull(),
  payload: jsonb('payload').$type<JsonObject>().notNull(),
  status: text('status').$type<DeliveryStatus>().notNull(),
  attempts: integer('attempts').notNull().default(0),
  nextAttemptAt: time('next_attempt_at'),
  responseStatus: integer('response_status'),
  error: text('error'),
  createdAt: time('created_at').notNull(),
  deliveredAt: time('delivered_at'),
});
