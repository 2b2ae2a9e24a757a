import { pgTable, text, timestamp } from 'drizzle-orm/pg-core';

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** Sign-ins under way at a provider. */
export const oidcSignIns = pgTable('oidc_sign_ins', {
  stateHash: text('state_hash').primaryKey(),
  providerId: text('provider_id').notNull(),
  nextPath: text('next_path').notNull(),
  linkUserId: text('link_user_id'),
  linkSessionId: text('link_session_id'),
  expiresAt: time('expires_at').notNull(),
});
