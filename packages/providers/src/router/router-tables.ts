import type { RouterSettings } from '@automatos/contracts';
import {
  bigint,
  doublePrecision,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
import type { Figures } from './stats/figures.ts';

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** Router settings that a workspace made its own. */
export const routerSettings = pgTable('router_settings', {
  workspaceId: uuid('workspace_id').primaryKey(),
  settings: jsonb('settings').$type<RouterSettings>().notNull(),
  version: integer('version').notNull(),
  updatedAt: time('updated_at').notNull(),
});

/** Circuits that are not closed, of all workspaces. */
export const providerCircuits = pgTable('provider_circuits', {
  id: text('id').primaryKey(),
  provider: text('provider').notNull(),
  model: text('model').notNull(),
  credential: text('credential').notNull(),
  state: text('state').$type<'open' | 'half_open'>().notNull(),
  reason: text('reason'),
  failures: integer('failures').notNull(),
  openedAt: time('opened_at'),
  retryAt: time('retry_at').notNull(),
  cooldownMs: bigint('cooldown_ms', { mode: 'number' }).notNull(),
  probeToken: text('probe_token'),
});

/** What is left of a limit at a time. */
export const providerBuckets = pgTable('provider_buckets', {
  id: text('id').primaryKey(),
  remaining: doublePrecision('remaining').notNull(),
  at: time('at').notNull(),
});

/** Places of calls under way, per process. */
export const providerSlots = pgTable(
  'provider_slots',
  {
    bucketId: text('bucket_id').notNull(),
    owner: text('owner').notNull(),
    held: integer('held').notNull(),
    expiresAt: time('expires_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.bucketId, table.owner] })],
);

/** What a process saw of a model in a minute. */
export const providerStats = pgTable(
  'provider_stats',
  {
    workspaceId: uuid('workspace_id').notNull(),
    provider: text('provider').notNull(),
    model: text('model').notNull(),
    minute: time('minute').notNull(),
    process: text('process').notNull(),
    figures: jsonb('figures').$type<Figures>().notNull(),
  },
  (table) => [
    primaryKey({
      columns: [table.workspaceId, table.minute, table.provider, table.model, table.process],
    }),
  ],
);
