import type { BudgetWindow } from '@automatos/contracts';
import {
  bigint,
  boolean,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
const micros = (name: string) => bigint(name, { mode: 'number' });

/** Limits on money, as people set them. */
export const budgets = pgTable('budgets', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  name: text('name').notNull(),
  window: text('window_kind').$type<BudgetWindow>().notNull(),
  agent: text('agent'),
  limitMicros: micros('limit_micros').notNull(),
  ceilingInputMicros: micros('ceiling_input_micros'),
  ceilingOutputMicros: micros('ceiling_output_micros'),
  enabled: boolean('enabled').notNull(),
  version: integer('version').notNull().default(1),
  createdAt: time('created_at').notNull(),
  updatedAt: time('updated_at').notNull(),
});

/** What is spent and set aside, per budget and window. */
export const budgetCounters = pgTable(
  'budget_counters',
  {
    budgetId: uuid('budget_id').notNull(),
    windowKey: text('window_key').notNull(),
    workspaceId: uuid('workspace_id').notNull(),
    spentMicros: micros('spent_micros').notNull().default(0),
    reservedMicros: micros('reserved_micros').notNull().default(0),
    refused: micros('refused').notNull().default(0),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.budgetId, table.windowKey] })],
);

/** Money that one process holds of a counter. */
export const budgetGrants = pgTable(
  'budget_grants',
  {
    budgetId: uuid('budget_id').notNull(),
    windowKey: text('window_key').notNull(),
    holder: uuid('holder').notNull(),
    workspaceId: uuid('workspace_id').notNull(),
    heldMicros: micros('held_micros').notNull(),
    seq: micros('seq').notNull(),
    firstSeq: micros('first_seq').notNull(),
    grantedMicros: micros('granted_micros').notNull(),
    leaseUntil: time('lease_until').notNull(),
  },
  (table) => [primaryKey({ columns: [table.budgetId, table.windowKey, table.holder] })],
);

export type BudgetRow = typeof budgets.$inferSelect;
