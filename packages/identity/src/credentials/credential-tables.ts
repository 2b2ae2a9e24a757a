import type { CredentialTest } from '@automatos/contracts';
import {
  customType,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
import type { Fields } from './check-fields.ts';

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

/** What the product needs to act at other services; without a workspace it is the platform's. */
export const credentials = pgTable('credentials', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id'),
  type: text('type').notNull(),
  name: text('name').notNull(),
  provider: text('provider'),
  fields: jsonb('fields').$type<Fields>().notNull(),
  hints: jsonb('hints').$type<Record<string, string | null>>().notNull(),
  version: integer('version').notNull().default(1),
  store: text('store').$type<'database' | 'vault'>().notNull(),
  revision: text('revision').notNull(),
  previousRevision: text('previous_revision'),
  previousUntil: time('previous_until'),
  lastUsedAt: time('last_used_at'),
  lastTest: jsonb('last_test').$type<CredentialTest>(),
  createdBy: text('created_by').notNull(),
  createdAt: time('created_at').notNull(),
  updatedAt: time('updated_at').notNull(),
});
export type CredentialRow = typeof credentials.$inferSelect;

/** Encrypted fields, one row per revision. */
export const credentialSecrets = pgTable(
  'credential_secrets',
  {
    credentialId: uuid('credential_id').notNull(),
    revision: text('revision').notNull(),
    workspaceId: uuid('workspace_id'),
    type: text('type').notNull(),
    ciphertext: bytea('ciphertext').notNull(),
    wrappedKey: bytea('wrapped_key').notNull(),
    keyId: text('key_id').notNull(),
    createdAt: time('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.credentialId, table.revision] })],
);

/** Fingerprints of the master keys. */
export const encryptionKeys = pgTable('encryption_keys', {
  id: text('id').primaryKey(),
  state: text('state').$type<'current' | 'retiring' | 'retired'>().notNull(),
  createdAt: time('created_at').notNull(),
  changedAt: time('changed_at').notNull(),
});
