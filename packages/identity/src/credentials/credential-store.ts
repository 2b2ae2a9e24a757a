import { notify } from '@automatos/database';
import type { Database, Tx } from '@automatos/database';
import type { WorkspaceId } from '@automatos/kernel';
import { and, eq, isNull, sql } from 'drizzle-orm';
import { credentials } from './credential-tables.ts';
import type { CredentialRow } from './credential-tables.ts';

/** A workspace, or the platform. */
export type CredentialScope = WorkspaceId | null;

/** Tells all processes whose credentials changed; the payload is the workspace's id, empty for the platform. */
export const CREDENTIALS_CHANNEL = 'automatos_credentials';

/** Runs `work` behind the wall of the workspace; the platform's rows belong to none and are out of reach from there. */
export function inScope<T>(
  database: Pick<Database, 'workspace' | 'system'>,
  scope: CredentialScope,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  return scope === null ? database.system(work) : database.workspace(scope, work);
}

const of = (scope: CredentialScope) =>
  scope === null ? isNull(credentials.workspaceId) : eq(credentials.workspaceId, scope);

/** By name; one row more than `limit` when there is a next page. Index `credentials_by_name`. */
export async function listCredentials(
  tx: Tx,
  scope: CredentialScope,
  page: {
    limit: number;
    type?: string | undefined;
    after?: { name: string; id: string } | undefined;
  },
): Promise<CredentialRow[]> {
  const { after, type } = page;
  const { name, id } = credentials;
  return tx
    .select()
    .from(credentials)
    .where(
      and(
        of(scope),
        type === undefined ? undefined : eq(credentials.type, type),
        after === undefined
          ? undefined
          : sql`(${name}, ${id}) > (${after.name}, ${after.id}::uuid)`,
      ),
    )
    .orderBy(name, id)
    .limit(page.limit + 1);
}

export async function findCredential(
  tx: Tx,
  scope: CredentialScope,
  key: { id: string; lock?: boolean },
): Promise<CredentialRow | undefined> {
  const query = tx
    .select()
    .from(credentials)
    .where(and(of(scope), eq(credentials.id, key.id)));
  const [row] = key.lock === true ? await query.for('update') : await query;
  return row;
}

/** The newest of this type: whoever adds another one means it to be used. Index `credentials_by_type`. */
export async function newestOfType(
  tx: Tx,
  scope: CredentialScope,
  type: string,
): Promise<CredentialRow | undefined> {
  const [row] = await tx
    .select()
    .from(credentials)
    .where(and(of(scope), eq(credentials.type, type)))
    .orderBy(sql`${credentials.id} DESC`)
    .limit(1);
  return row;
}

/** The newest of each model vendor. */
export async function newestOfVendors(tx: Tx, scope: CredentialScope): Promise<CredentialRow[]> {
  return tx
    .selectDistinctOn([credentials.provider])
    .from(credentials)
    .where(and(of(scope), sql`${credentials.provider} IS NOT NULL`))
    .orderBy(credentials.provider, sql`${credentials.id} DESC`);
}

/** False when the name is taken. */
export async function insertCredential(tx: Tx, row: CredentialRow): Promise<boolean> {
  const added = await tx
    .insert(credentials)
    .values(row)
    .onConflictDoNothing({ target: [credentials.workspaceId, credentials.name] })
    .returning({ id: credentials.id });
  if (added.length > 0) await tellChange(tx, row.workspaceId);
  return added.length > 0;
}

export async function nameIsTaken(
  tx: Tx,
  scope: CredentialScope,
  other: { name: string; id: string },
): Promise<boolean> {
  const found = await tx
    .select({ id: credentials.id })
    .from(credentials)
    .where(and(of(scope), eq(credentials.name, other.name), sql`${credentials.id} <> ${other.id}`));
  return found.length > 0;
}

export async function updateCredential(
  tx: Tx,
  row: Pick<CredentialRow, 'id' | 'workspaceId'>,
  change: Partial<CredentialRow>,
): Promise<void> {
  await tx.update(credentials).set(change).where(eq(credentials.id, row.id));
  await tellChange(tx, row.workspaceId);
}

export async function deleteCredential(
  tx: Tx,
  row: Pick<CredentialRow, 'id' | 'workspaceId'>,
): Promise<void> {
  await tx.delete(credentials).where(eq(credentials.id, row.id));
  await tellChange(tx, row.workspaceId);
}

/** What does not change what is used needs no notification. */
export async function noteCredential(
  tx: Tx,
  id: string,
  change: Partial<Pick<CredentialRow, 'lastUsedAt' | 'lastTest'>>,
): Promise<void> {
  await tx.update(credentials).set(change).where(eq(credentials.id, id));
}

/** Credentials whose value before the last rotation counts no more. Index `credentials_previous`. */
export async function listExpiredPrevious(tx: Tx, now: Date): Promise<CredentialRow[]> {
  return tx
    .select()
    .from(credentials)
    .where(sql`${credentials.previousUntil} <= ${now.toISOString()}::timestamptz`)
    .limit(200);
}

/** Clears away revisions that no credential names, once no write can still be about to name them. */
export async function pruneSecrets(tx: Tx, before: Date): Promise<void> {
  await tx.execute(sql`
    DELETE FROM credential_secrets s WHERE s.created_at < ${before.toISOString()}::timestamptz AND NOT EXISTS (
      SELECT FROM credentials c WHERE c.id = s.credential_id AND s.revision IN (c.revision, c.previous_revision))
    AND NOT EXISTS (SELECT FROM user_mfa m WHERE m.secret_id = s.credential_id AND m.revision = s.revision)`);
}

function tellChange(tx: Tx, workspaceId: string | null): Promise<void> {
  return notify(tx, CREDENTIALS_CHANNEL, workspaceId ?? '');
}
