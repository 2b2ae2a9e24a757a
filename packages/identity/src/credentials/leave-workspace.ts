import { notify } from '@automatos/database';
import type { Tx } from '@automatos/database';
import type { Logger, WorkspaceId } from '@automatos/kernel';
import { CREDENTIALS_CHANNEL } from './credential-store.ts';
import { credentials } from './credential-tables.ts';
import type { SecretVault } from './secret-vault.ts';
import type { VendorKeys } from './vendor-keys.ts';

/** Prepares that everything of a workspace goes; `tx` is a transaction of that workspace. */
export async function leaveWorkspace(
  tx: Tx,
  deps: {
    workspaceId: WorkspaceId;
    vault: Pick<SecretVault, 'remove'>;
    keys: Pick<VendorKeys, 'forget'>;
    logger: Logger;
  },
): Promise<() => Promise<void>> {
  const { workspaceId, vault, keys, logger } = deps;
  const rows = await tx.select().from(credentials);
  await notify(tx, CREDENTIALS_CHANNEL, workspaceId);
  return async () => {
    keys.forget(workspaceId);
    // Those in the database go with their rows.
    for (const row of rows.filter(({ store }) => store !== 'database')) {
      await vault
        .remove(row)
        .catch((error: unknown) =>
          logger.error(
            { credential_id: row.id, workspace_id: workspaceId, reason: String(error) },
            'the secrets of a credential of a deleted workspace were left in Vault; remove them there',
          ),
        );
    }
  };
}
