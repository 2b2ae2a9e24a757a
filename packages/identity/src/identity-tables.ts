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
import type { Role } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** A person who can sign in. */
export const users = pgTable('users', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  email: text('email').notNull(),
  emailVerified: boolean('email_verified').notNull().default(false),
  image: text('image'),
  platformAdmin: boolean('platform_admin').notNull().default(false),
  disabledAt: time('disabled_at'),
  createdAt: time('created_at').notNull().defaultNow(),
  updatedAt: time('updated_at').notNull().defaultNow(),
});

/** Who is in which workspace, as what. */
export const members = pgTable(
  'members',
  {
    workspaceId: uuid('workspace_id').notNull(),
    userId: text('user_id').notNull(),
    role: text('role').$type<Role>().notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.userId] })],
);

/** API keys, by hash. */
export const apiKeys = pgTable('api_keys', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  name: text('name').notNull(),
  hash: text('hash').notNull(),
  start: text('start').notNull(),
  role: text('role').$type<Role>().notNull(),
  createdBy: text('created_by').notNull(),
  createdAt: time('created_at').notNull(),
  expiresAt: time('expires_at'),
  lastUsedAt: time('last_used_at'),
  kind: text('kind').$type<'server' | 'browser'>().notNull().default('server'),
  scopes: text('scopes').array(),
  origins: text('origins').array().notNull().default([]),
  rateLimitPerMinute: integer('rate_limit_per_minute'),
  rotatedAt: time('rotated_at'),
  previousHash: text('previous_hash'),
  previousUntil: time('previous_until'),
});

/** One-use WebSocket tickets, by hash. */
export const tickets = pgTable('tickets', {
  hash: text('hash').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  principal: jsonb('principal').$type<JsonObject>().notNull(),
  expiresAt: time('expires_at').notNull(),
});
