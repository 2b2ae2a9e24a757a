import { sql } from 'drizzle-orm';
import { bigint, integer, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { JsonObject } from '@automatos/kernel';

/** Events that must be handled at least once after the transaction that recorded them. */
export const outbox = pgTable('outbox', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  workspaceId: uuid('workspace_id').notNull(),
  topic: text('topic').notNull(),
  key: text('key').notNull(),
  payload: jsonb('payload').$type<JsonObject>().notNull(),
  createdAt: timestamp('created_at', { withTimezone: true })
    .notNull()
    .default(sql`now()`),
  attempts: integer('attempts').notNull().default(0),
  /** Not taken before this moment: end of a claim, or of a back-off. */
  availableAt: timestamp('available_at', { withTimezone: true })
    .notNull()
    .default(sql`now()`),
  dispatchedAt: timestamp('dispatched_at', { withTimezone: true }),
  /** Set when every attempt failed; the entry stays for people to see. */
  deadAt: timestamp('dead_at', { withTimezone: true }),
  lastError: text('last_error'),
});
