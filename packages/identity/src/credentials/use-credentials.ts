import type { Database } from '@automatos/database';
import { isUuid } from '@automatos/kernel';
import type { Clock, Logger, WorkspaceId } from '@automatos/kernel';
import type { Fields } from './check-fields.ts';
import type { AuditCredentialUse } from './credential-audit.ts';
import { credentialNotFound } from './credential-error.ts';
import { findCredential, inScope, newestOfType, noteCredential } from './credential-store.ts';
import type { CredentialScope } from './credential-store.ts';
import type { CredentialRow } from './credential-tables.ts';
import { findCredentialType } from './credential-types.ts';
import type { SecretVault } from './secret-vault.ts';

/** A credential in clear, for the moment of its use. Must not be logged, stored or put into an error. */
export interface UsedCredential {
  id: string;
  type: string;
  name: string;
  fields: Fields;
  secrets: Record<string, string>;
  /** Those that check signatures, from before a rotation, while they count. */
  previous: Record<string, string>;
}

export interface UseDeps {
  database: Pick<Database, 'workspace' | 'system'>;
  vault: SecretVault;
  clock: Pick<Clock, 'now'>;
  logger: Logger;
  audit: AuditCredentialUse;
}

const NOTED_EVERY_MS = 60_000;
const NOTED_MAX = 10_000;

/** Creates the ways in which the product gets at secrets. */
export function createCredentialUse(deps: UseDeps) {
  const { database, vault } = deps;
  const noteUse = createUseNotes(deps);

  async function findRow(workspaceId: WorkspaceId, typeOrId: string) {
    if (isUuid(typeOrId))
      return inScope(database, workspaceId, (tx) =>
        findCredential(tx, workspaceId, { id: typeOrId }),
      );
    const own = await inScope(database, workspaceId, (tx) =>
      newestOfType(tx, workspaceId, typeOrId),
    );
    return own ?? inScope(database, null, (tx) => newestOfType(tx, null, typeOrId));
  }

  async function previousOf(row: CredentialRow): Promise<Record<string, string>> {
    const { previousRevision, previousUntil } = row;
    if (previousRevision === null || (previousUntil?.getTime() ?? 0) <= deps.clock.now()) return {};
    const { secret } = await vault.get(row, previousRevision);
    const verifies = new Set(
      findCredentialType(row.type)?.fields.flatMap((field) => (field.verifies ? [field.name] : [])),
    );
    return Object.fromEntries(Object.entries(secret).filter(([name]) => verifies.has(name)));
  }

  async function openRow(row: CredentialRow): Promise<UsedCredential> {
    const { open, secret } = await vault.get(row);
    const { id, type, name } = row;
    return { id, type, name, fields: open, secrets: secret, previous: await previousOf(row) };
  }

  return {
    /**
     * The credential with this id, or the newest of this type: of the workspace, else of the platform. `purpose` says what for
     * in a few words, e.g. `tool github.issues`. Throws `credentials.credential.not_found` and what stands in the way of reading.
     */
    async use(
      workspaceId: WorkspaceId,
      typeOrId: string,
      purpose: string,
    ): Promise<UsedCredential> {
      const row = await findRow(workspaceId, typeOrId);
      if (row === undefined)
        throw credentialNotFound(
          `No credential ${isUuid(typeOrId) ? typeOrId : `of type "${typeOrId}"`} in this workspace: add one under Settings, Credentials.`,
        );
      const used = await openRow(row);
      await noteUse({ row, workspaceId, purpose });
      return used;
    },
    /** As it is stored, for its own test; notes no use. */
    async read(scope: CredentialScope, id: string): Promise<UsedCredential> {
      const row = await inScope(database, scope, (tx) => findCredential(tx, scope, { id }));
      if (row === undefined) throw credentialNotFound(`No credential "${id}" in this workspace.`);
      return openRow(row);
    },
    noteUse,
  };
}

export type CredentialUse = ReturnType<typeof createCredentialUse>;

export interface CredentialUseNote {
  row: CredentialRow;
  workspaceId: WorkspaceId;
  purpose: string;
}

/** Writes down a use at most once a minute; a use never fails because of it. */
function createUseNotes(deps: UseDeps) {
  const notedAt = new Map<string, number>();
  return async ({ row, workspaceId, purpose }: CredentialUseNote): Promise<void> => {
    const key = `${row.id} ${workspaceId} ${purpose}`;
    const now = deps.clock.now();
    if (now - (notedAt.get(key) ?? -Infinity) < NOTED_EVERY_MS) return;
    if (notedAt.size >= NOTED_MAX) notedAt.clear();
    notedAt.set(key, now);
    try {
      deps.audit({ workspaceId, credential: row, purpose });
      const change = { lastUsedAt: new Date(now) };
      await inScope(deps.database, row.workspaceId as CredentialScope, (tx) =>
        noteCredential(tx, row.id, change),
      );
    } catch (error) {
      deps.logger.warn(
        { record: row.id, error: String(error) },
        'the use of a credential was not noted',
      );
    }
  };
}
