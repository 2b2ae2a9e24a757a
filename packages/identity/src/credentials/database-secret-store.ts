import type { Database } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { Clock } from '@automatos/kernel';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { credentialError } from './credential-error.ts';
import { inScope } from './credential-store.ts';
import { credentialSecrets } from './credential-tables.ts';
import { open, seal } from './envelope.ts';
import type { Encryption } from './encryption.ts';
import type { SecretOwner, SecretStore } from './secret-store.ts';

export interface DatabaseSecretStoreDeps {
  database: Pick<Database, 'workspace' | 'system'>;
  encryption: Pick<Encryption, 'current' | 'keyOf'>;
  clock: Pick<Clock, 'now'>;
}

/** A rotation may begin between the choice of the key and the write. */
const ATTEMPTS = 3;

/** Keeps secrets in the database, encrypted under the current master key. */
export function createDatabaseSecretStore(deps: DatabaseSecretStoreDeps): SecretStore {
  const { database, encryption } = deps;
  const of = (owner: SecretOwner) => eq(credentialSecrets.credentialId, owner.credentialId);

  async function write(owner: SecretOwner, content: string): Promise<string | null> {
    const master = await encryption.current();
    const revision: string = newId(deps.clock.now());
    const sealed = seal(master, { ...owner, revision }, Buffer.from(content));
    const createdAt = new Date(deps.clock.now());
    const row = { ...owner, revision, createdAt };
    return inScope(database, owner.workspaceId, async (tx) => {
      const held = await tx.execute<{ held: boolean }>(
        sql`SELECT automatos_hold_encryption_key(${master.id}) AS held`,
      );
      if (held.rows[0]?.held !== true) return null;
      await tx.insert(credentialSecrets).values({ ...row, ...sealed });
      return revision;
    });
  }

  return {
    kind: 'database',
    async put(owner, content) {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const revision = await write(owner, content);
        if (revision !== null) return revision;
      }
      throw credentialError('encryption.key.changing', {
        kind: 'unavailable',
        message: 'The master key is being changed at this moment; try again.',
        retryAfterMs: 1_000,
      });
    },
    async get(owner, revision) {
      const [row] = await inScope(database, owner.workspaceId, (tx) =>
        tx
          .select()
          .from(credentialSecrets)
          .where(and(of(owner), eq(credentialSecrets.revision, revision))),
      );
      if (row === undefined) throw secretMissing(owner);
      return open(await encryption.keyOf(row.keyId), { ...owner, revision }, row).toString();
    },
    async drop(owner, revisions) {
      if (revisions.length === 0) return;
      await inScope(database, owner.workspaceId, (tx) =>
        tx
          .delete(credentialSecrets)
          .where(and(of(owner), inArray(credentialSecrets.revision, [...revisions]))),
      );
    },
    async remove(owner) {
      await inScope(database, owner.workspaceId, (tx) =>
        tx.delete(credentialSecrets).where(of(owner)),
      );
    },
  };
}

/** The error for secrets that a row names and no store holds. */
export function secretMissing({ credentialId }: SecretOwner) {
  return credentialError('credentials.secret.missing', {
    kind: 'internal',
    message: `The secrets of credential ${credentialId} are not where its row says. Delete the credential and enter it again.`,
  });
}
