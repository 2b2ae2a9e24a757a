import type { BoundRoute } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { isPlatformError } from '@automatos/kernel';
import type { Clock, Logger, WorkspaceId } from '@automatos/kernel';
import type { AuditCredentialUse } from './credential-audit.ts';
import { createCredentialRoutes } from './credential-routes.ts';
import { createCredentialService } from './credential-service.ts';
import type { FindCredentialUsers } from './credential-service.ts';
import {
  listExpiredPrevious,
  pruneSecrets,
  updateCredential,
  inScope,
} from './credential-store.ts';
import type { CredentialScope } from './credential-store.ts';
import { createDatabaseSecretStore } from './database-secret-store.ts';
import { createEncryption } from './encryption.ts';
import type { Encryption } from './encryption.ts';
import type { KeyRing } from './key-ring.ts';
import { createSecretVault } from './secret-vault.ts';
import type { SecretVault } from './secret-vault.ts';
import { createCredentialTester } from './testing-access/create-tester.ts';
import type { AccessPorts } from './testing-access/access-ports.ts';
import { createCredentialUse } from './use-credentials.ts';
import type { UsedCredential } from './use-credentials.ts';
import { createVaultSecretStore } from './vault-secret-store.ts';
import { leaveWorkspace } from './leave-workspace.ts';
import type { VaultOptions } from './vault-secret-store.ts';
import { createVendorKeys } from './vendor-keys.ts';
import type { VendorKey } from './vendor-keys.ts';

export interface CredentialsDeps {
  database: Database;
  ring: KeyRing;
  /** Where secrets go; without it into the database. */
  vault?: VaultOptions | undefined;
  clock: Clock;
  logger: Logger;
  audit: AuditCredentialUse;
  /** How services are reached, and what is known of model vendors. */
  access: AccessPorts;
  /** Default: nothing names a credential by its id. */
  users?: FindCredentialUsers;
}

/** The credentials of workspaces and of the platform. */
export interface Credentials {
  routes: BoundRoute[];
  /** A credential in clear, for the moment of its use; see `UsedCredential`. */
  use(workspaceId: WorkspaceId, typeOrId: string, purpose: string): Promise<UsedCredential>;
  /** Key of a model vendor, from memory; null when neither workspace nor platform has one. */
  vendorKey(vendor: string, workspaceId: WorkspaceId): Promise<VendorKey | null>;
  /**
   * Before the rows of a workspace go, in its transaction: gives what forgets, once they are gone, its keys in memory and its
   * secrets outside of the database. What cannot be removed there is told in the log.
   */
  leaveWorkspace(tx: Tx, workspaceId: WorkspaceId): Promise<() => Promise<void>>;
  /** The encrypted store itself, for secrets of accounts. What no row names is cleared away after an hour. */
  secrets: SecretVault;
  /** What the operator has to know, in sentences. */
  findings(): Promise<string[]>;
  /** Hears of changes by other processes, and clears away what counts no more, until {@link stop}. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const UPKEEP_EVERY_MS = 600_000;
/** Longer than any request takes from the first write to the second. */
const ORPHAN_MS = 3_600_000;

export function createCredentials(deps: CredentialsDeps): Credentials {
  const { database, clock, logger, audit, access } = deps;
  const encryption = createEncryption(deps);
  const inDatabase = createDatabaseSecretStore({ database, encryption, clock });
  const vault =
    deps.vault === undefined
      ? createSecretVault(inDatabase, [])
      : createSecretVault(createVaultSecretStore(deps.vault), [inDatabase]);
  const use = createCredentialUse({ database, vault, clock, logger, audit });
  const { checkAddress } = access;
  const keys = createVendorKeys({ ...deps, vault, checkAddress, noteUse: use.noteUse });
  const service = createCredentialService({
    database,
    vault,
    clock,
    vendors: access.vendorIds(),
    checkAddress,
    users: deps.users ?? (() => Promise.resolve([])),
    onChange: keys.forget,
  });
  const tester = createCredentialTester({ access, clock });
  const upkeep = createUpkeep({ database, vault, clock, logger });
  let unlisten: (() => Promise<void>) | undefined;
  return {
    routes: createCredentialRoutes({ service, use, tester, encryption, store: vault.kind }),
    use: use.use,
    vendorKey: keys.find,
    secrets: vault,
    leaveWorkspace: (tx, workspaceId) => leaveWorkspace(tx, { ...deps, vault, keys, workspaceId }),
    findings: () => findingsOf(encryption),
    async start() {
      if (deps.vault === undefined) await prepareKey(encryption, logger);
      unlisten = await keys.listen();
      upkeep.start();
    },
    async stop() {
      await upkeep.stop();
      await unlisten?.();
    },
  };
}

/** Makes the first key with the first start; what is wrong with keys must not stop the rest of the product. */
async function prepareKey(encryption: Encryption, logger: Logger): Promise<void> {
  try {
    await encryption.current();
  } catch (error) {
    if (!isPlatformError(error) || !error.code.startsWith('encryption.')) throw error;
    logger.error(
      { code: error.code, reason: error.message },
      'credentials cannot be read or written',
    );
  }
}

async function findingsOf(encryption: Encryption): Promise<string[]> {
  try {
    return (await encryption.status()).findings;
  } catch (error) {
    if (isPlatformError(error) && error.code.startsWith('encryption.')) return [error.message];
    throw error;
  }
}

interface UpkeepDeps {
  database: Database;
  vault: SecretVault;
  clock: Clock;
  logger: Logger;
}

/** Forgets secrets from before rotations once they count no more, and what crashes left. */
function createUpkeep({ database, vault, clock, logger }: UpkeepDeps) {
  const stopping = new AbortController();
  let loop: Promise<void> = Promise.resolve();

  async function round(): Promise<void> {
    const now = new Date(clock.now());
    for (const row of await database.system((tx) => listExpiredPrevious(tx, now))) {
      const change = { previousRevision: null, previousUntil: null };
      await inScope(database, row.workspaceId as CredentialScope, (tx) =>
        updateCredential(tx, row, change),
      );
      await vault.drop(row, row.previousRevision === null ? [] : [row.previousRevision]);
    }
    const before = new Date(now.getTime() - ORPHAN_MS);
    await database.system((tx) => pruneSecrets(tx, before));
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await round().catch((error: unknown) =>
        logger.warn(
          { error: String(error) },
          'old secrets were not cleared away; tried again later',
        ),
      );
      await clock.sleep(UPKEEP_EVERY_MS, stopping.signal).catch(() => undefined);
    }
  }

  return {
    start: () => void (loop = run()),
    stop() {
      stopping.abort();
      return loop;
    },
  };
}
