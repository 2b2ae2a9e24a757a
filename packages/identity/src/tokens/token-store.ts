import type { Tx } from '@automatos/database';
import { asc, eq, lt, sql } from 'drizzle-orm';
import { revokedTokens, tokenKeys } from './token-tables.ts';
import type { TokenKeyRow } from './token-tables.ts';

/** All keys, the oldest first; a handful. Index `token_keys_by_time`. */
export async function listTokenKeys(tx: Tx): Promise<TokenKeyRow[]> {
  return tx.select().from(tokenKeys).orderBy(asc(tokenKeys.createdAt), asc(tokenKeys.kid));
}

/** Lets one process at a time make a key, until the transaction ends. */
export async function holdTokenKeys(tx: Tx): Promise<void> {
  await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtext('automatos.token_keys'))`);
}

export async function insertTokenKey(tx: Tx, row: TokenKeyRow): Promise<void> {
  await tx.insert(tokenKeys).values(row);
}

export async function deleteTokenKey(tx: Tx, kid: string): Promise<void> {
  await tx.delete(tokenKeys).where(eq(tokenKeys.kid, kid));
}

/** Ends a token; what has run out by itself is cleared away with it. Index `revoked_tokens_by_end`. */
export async function revokeJti(
  tx: Tx,
  token: { jti: string; expiresAt: Date },
  now: Date,
): Promise<void> {
  await tx.delete(revokedTokens).where(lt(revokedTokens.expiresAt, now));
  if (token.expiresAt < now) return;
  await tx.insert(revokedTokens).values(token).onConflictDoNothing();
}
