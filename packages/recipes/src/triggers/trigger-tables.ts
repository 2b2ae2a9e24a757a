import type { ErrorInfo, TriggerSpec } from '@automatos/contracts';
import { boolean, integer, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** What starts recipes when something comes in or another run ends. */
export const triggers = pgTable('triggers', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  recipeId: uuid('recipe_id').notNull(),
  name: text('name').notNull(),
  type: text('type').$type<TriggerSpec['type']>().notNull(),
  source: text('source').$type<'recipe' | 'api'>().notNull(),
  position: integer('position'),
  spec: jsonb('spec').$type<TriggerSpec>().notNull(),
  enabled: boolean('enabled').notNull(),
  watches: text('watches'),
  secretVersion: integer('secret_version').notNull().default(1),
  createdAt: time('created_at').notNull(),
  updatedAt: time('updated_at').notNull(),
});

export type DeliveryOutcome = 'started' | 'filtered' | 'refused' | 'failed';

/** What came in and what was done with it. */
export const triggerDeliveries = pgTable('trigger_deliveries', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  triggerId: uuid('trigger_id').notNull(),
  deliveryId: text('delivery_id').notNull(),
  receivedAt: time('received_at').notNull(),
  outcome: text('outcome').$type<DeliveryOutcome>().notNull(),
  runId: uuid('run_id'),
  error: jsonb('error').$type<ErrorInfo>(),
});
