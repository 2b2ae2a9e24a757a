import { customType, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

/** Keys that access tokens are signed with, sealed. */
export const tokenKeys = pgTable('token_keys', {
  kid: text('kid').primaryKey(),
  ciphertext: bytea('ciphertext').notNull(),
  wrappedKey: bytea('wrapped_key').notNull(),
  createdAt: time('created_at').notNull(),
});
export type TokenKeyRow = typeof tokenKeys.$inferSelect;

/** Access tokens that were ended before their time. */
export const revokedTokens = pgTable('revoked_tokens', {
  jti: text('jti').primaryKey(),
  expiresAt: time('expires_at').notNull(),
});
