import type { PatternInput, PatternKind } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';
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

/** What a version of a pattern fixes: everything but its identity. */
export type PatternDefinition = Omit<PatternInput, 'slug'>;

/** Patterns of coordination of a workspace. */
export const patterns = pgTable('patterns', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  slug: text('slug').notNull(),
  kind: text('kind').$type<PatternKind>().notNull(),
  name: text('name').notNull(),
  description: text('description').notNull(),
  settings: jsonb('settings').$type<JsonObject>().notNull(),
  version: integer('version').notNull(),
  seeded: boolean('seeded').notNull(),
  createdAt: time('created_at').notNull(),
  updatedAt: time('updated_at').notNull(),
});

/** What each version of a pattern was. */
export const patternVersions = pgTable(
  'pattern_versions',
  {
    patternId: uuid('pattern_id').notNull(),
    version: integer('version').notNull(),
    workspaceId: uuid('workspace_id').notNull(),
    definition: jsonb('definition').$type<PatternDefinition>().notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: time('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.patternId, table.version] })],
);
