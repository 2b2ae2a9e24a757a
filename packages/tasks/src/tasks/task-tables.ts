import type { Budget, TaskEstimate } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';
import { integer, jsonb, pgTable, real, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** Tasks; the run of the same id carries each out. */
export const tasks = pgTable('tasks', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  goal: text('goal').notNull(),
  target: text('target'),
  parameters: jsonb('parameters').$type<JsonObject>().notNull(),
  agents: jsonb('agents').$type<string[]>(),
  pattern: text('pattern'),
  budget: jsonb('budget').$type<Budget>(),
  qualityThreshold: real('quality_threshold'),
  maxRefinements: integer('max_refinements').notNull(),
  retryOf: uuid('retry_of'),
  createdAt: time('created_at').notNull(),
  outcome: text('outcome').$type<'complete' | 'partial'>(),
  summary: text('summary'),
  agentsUsed: jsonb('agents_used').$type<string[]>().notNull().default([]),
  unitsTotal: integer('units_total').notNull().default(0),
  unitsFailed: integer('units_failed').notNull().default(0),
  estimate: jsonb('estimate').$type<TaskEstimate>(),
  storedAt: time('stored_at'),
});
