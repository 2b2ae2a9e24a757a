import type { AgentInput, Agent, ModelConfig } from '@automatos/contracts';
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

/** What a version of an agent fixes: everything but identity and status. */
export type AgentDefinition = Omit<AgentInput, 'slug'>;

/** Agents of a workspace. Columns that a version fixes are called as in the definition. */
export const agents = pgTable('agents', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  slug: text('slug').notNull(),
  status: text('status').$type<Agent['status']>().notNull(),
  version: integer('version').notNull(),
  seeded: boolean('seeded').notNull(),
  name: text('name').notNull(),
  category: text('category').notNull(),
  description: text('description').notNull(),
  tags: jsonb('tags').$type<string[]>().notNull(),
  persona: text('persona'),
  instructions: text('instructions').notNull(),
  model: jsonb('model').$type<ModelConfig>().notNull(),
  tools: jsonb('tools').$type<Agent['tools']>().notNull(),
  capabilities: jsonb('capabilities').$type<string[]>().notNull(),
  limits: jsonb('limits').$type<Agent['limits']>().notNull(),
  persona_text: text('persona_text').notNull().default(''),
  concurrency_limit: integer('concurrency_limit').notNull().default(5),
  priority: text('priority').$type<Agent['priority']>().notNull().default('normal'),
  visibility: text('visibility').$type<Agent['visibility']>().notNull().default('workspace'),
  family: text('family').$type<Agent['family']>(),
  /** Principal that made it; null for what came with the product. */
  createdById: text('created_by_id'),
  createdAt: time('created_at').notNull(),
  updatedAt: time('updated_at').notNull(),
});

/** What each version of an agent was. */
export const agentVersions = pgTable(
  'agent_versions',
  {
    agentId: uuid('agent_id').notNull(),
    version: integer('version').notNull(),
    workspaceId: uuid('workspace_id').notNull(),
    definition: jsonb('definition').$type<AgentDefinition>().notNull(),
    createdBy: text('created_by').notNull(),
    /** What made it when it was not an edit. */
    note: text('note'),
    createdAt: time('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.agentId, table.version] })],
);
