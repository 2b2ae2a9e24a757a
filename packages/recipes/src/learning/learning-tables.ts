import type { Change, DiffLine, Suggestion } from '@automatos/contracts';
import {
  boolean,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
import type { LearningStats } from './history.ts';

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** Suggestions that were shown, decided or measured; what is only computed stands nowhere. */
export const recipeSuggestions = pgTable(
  'recipe_suggestions',
  {
    recipeId: uuid('recipe_id').notNull(),
    id: text('id').notNull(),
    workspaceId: uuid('workspace_id').notNull(),
    kind: text('kind').$type<Suggestion['kind']>().notNull(),
    stepId: text('step_id'),
    title: text('title').notNull(),
    evidence: jsonb('evidence').$type<string[]>().notNull(),
    baseVersion: integer('base_version').notNull(),
    changes: jsonb('changes').$type<Change[]>().notNull(),
    diff: jsonb('diff').$type<DiffLine[]>().notNull(),
    status: text('status').$type<Suggestion['status']>().notNull(),
    appliedVersion: integer('applied_version'),
    automatic: boolean('automatic').notNull().default(false),
    before: jsonb('before').$type<LearningStats>(),
    after: jsonb('after').$type<LearningStats>(),
    verdict: text('verdict'),
    createdAt: time('created_at').notNull(),
    updatedAt: time('updated_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.recipeId, table.id] })],
);

/** How many ended runs of a recipe were looked at last. */
export const recipeLearning = pgTable('recipe_learning', {
  recipeId: uuid('recipe_id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  runsSeen: integer('runs_seen').notNull(),
  learntAt: time('learnt_at').notNull(),
});
