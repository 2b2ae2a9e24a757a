import type { RecipeDefinition } from '@automatos/contracts';
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

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** Recipes of a workspace; what the current version says stands in {@link recipeVersions}. */
export const recipes = pgTable('recipes', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  slug: text('slug').notNull(),
  name: text('name').notNull(),
  description: text('description').notNull(),
  tags: jsonb('tags').$type<string[]>().notNull(),
  category: text('category'),
  version: integer('version').notNull(),
  seeded: boolean('seeded').notNull(),
  seedVersion: integer('seed_version'),
  stepCount: integer('step_count').notNull(),
  agents: jsonb('agents').$type<string[]>().notNull(),
  createdAt: time('created_at').notNull(),
  updatedAt: time('updated_at').notNull(),
  deletedAt: time('deleted_at'),
});

/** Every version of every recipe; rows are written once. */
export const recipeVersions = pgTable(
  'recipe_versions',
  {
    recipeId: uuid('recipe_id').notNull(),
    version: integer('version').notNull(),
    workspaceId: uuid('workspace_id').notNull(),
    definition: jsonb('definition').$type<RecipeDefinition>().notNull(),
    yaml: text('yaml').notNull(),
    definitionHash: text('definition_hash').notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: time('created_at').notNull(),
    /** What made it when it was not an edit. */
    note: text('note'),
  },
  (table) => [primaryKey({ columns: [table.recipeId, table.version] })],
);
