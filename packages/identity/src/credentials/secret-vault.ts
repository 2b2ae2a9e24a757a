import { z } from 'zod';
import type { CheckedFields } from './check-fields.ts';
import { credentialError } from './credential-error.ts';
import type { CredentialRow } from './credential-tables.ts';
import type { SecretOwner, SecretStore } from './secret-store.ts';

/** All fields of a credential: the open ones too, because what is used must not come from where it can be changed. */
export type CredentialContent = CheckedFields;

type Named = Pick<CredentialRow, 'id' | 'workspaceId' | 'type'>;
type Stored = Named & Pick<CredentialRow, 'store' | 'revision'>;

/** Contents of credentials in the store that their rows name. */
export interface SecretVault {
  /** Store of what is written now. */
  readonly kind: SecretStore['kind'];
  put(row: Named, content: CredentialContent): Promise<string>;
  /** Of the revision that counts, or of another one. */
  get(row: Stored, revision?: string): Promise<CredentialContent>;
  drop(row: Stored, revisions: readonly string[]): Promise<void>;
  remove(row: Stored): Promise<void>;
}

const contentSchema = z.object({
  open: z.record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean(), z.record(z.string(), z.string())]),
  ),
  secret: z.record(z.string(), z.string()),
});

/** `main` takes what is written; credentials written before a change of the setting stay in `others`. */
export function createSecretVault(main: SecretStore, others: readonly SecretStore[]): SecretVault {
  const stores = new Map([...others, main].map((store) => [store.kind, store]));

  function storeOf(row: Stored): SecretStore {
    const store = stores.get(row.store);
    if (store !== undefined) return store;
    throw credentialError('credentials.store.unavailable', {
      kind: 'unavailable',
      message: `The secrets of credential ${row.id} are in ${row.store}, which this process is not configured for: set VAULT_ADDR and VAULT_TOKEN again.`,
      retryable: false,
    });
  }

  return {
    kind: main.kind,
    put: (row, content) => main.put(ownerOf(row), JSON.stringify(content)),
    async get(row, revision = row.revision) {
      return contentSchema.parse(JSON.parse(await storeOf(row).get(ownerOf(row), revision)));
    },
    drop: (row, revisions) => storeOf(row).drop(ownerOf(row), revisions),
    remove: (row) => storeOf(row).remove(ownerOf(row)),
  };
}

export function ownerOf(row: Named): SecretOwner {
  return {
    workspaceId: row.workspaceId as SecretOwner['workspaceId'],
    credentialId: row.id,
    type: row.type,
  };
}
