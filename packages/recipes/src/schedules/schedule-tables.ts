import type { ErrorInfo, ScheduleSpec } from '@automatos/contracts';
import { boolean, integer, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** What starts recipes by the clock. */
export const schedules = pgTable('schedules', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  recipeId: uuid('recipe_id').notNull(),
  name: text('name').notNull(),
  source: text('source').$type<'recipe' | 'api'>().notNull(),
  position: integer('position'),
  spec: jsonb('spec').$type<ScheduleSpec>().notNull(),
  enabled: boolean('enabled').notNull(),
  anchorAt: time('anchor_at').notNull(),
  nextDueAt: time('next_due_at'),
  lastDueAt: time('last_due_at'),
  lastOutcome: text('last_outcome'),
  createdAt: time('created_at').notNull(),
  updatedAt: time('updated_at').notNull(),
});

export type FireOutcome = 'started' | 'queued' | 'skipped_overlap' | 'skipped_misfire' | 'failed';

/** Due times and what came of them; one row per schedule and time. */
export const scheduleFires = pgTable('schedule_fires', {
  scheduleId: uuid('schedule_id').notNull(),
  dueAt: time('due_at').notNull(),
  workspaceId: uuid('workspace_id').notNull(),
  firedAt: time('fired_at').notNull(),
  outcome: text('outcome').$type<FireOutcome>().notNull(),
  runId: uuid('run_id'),
  error: jsonb('error').$type<ErrorInfo>(),
});
