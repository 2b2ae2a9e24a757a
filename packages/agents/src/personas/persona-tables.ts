import { boolean, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** Ways of working that agents take on; predefined ones are read-only. */
export const personas = pgTable('personas', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  slug: text('slug').notNull(),
  name: text('name').notNull(),
  category: text('category').notNull(),
  description: text('description').notNull(),
  prompt: text('prompt').notNull(),
  predefined: boolean('predefined').notNull(),
  createdAt: time('created_at').notNull(),
  updatedAt: time('updated_at').notNull(),
});
