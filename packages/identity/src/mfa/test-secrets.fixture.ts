import type { Database } from '@automatos/database';
import type { Clock } from '@automatos/kernel';
import { createDatabaseSecretStore } from '../credentials/database-secret-store.ts';
import { createEncryption } from '../credentials/encryption.ts';
import { createFixedKeyRing } from '../credentials/key-ring.ts';
import { createSecretVault } from '../credentials/secret-vault.ts';
import type { SecretVault } from '../credentials/secret-vault.ts';

/** The encrypted store of the database under a key of the test. */
export function testSecrets(database: Database, clock: Clock): SecretVault {
  const ring = createFixedKeyRing(['03'.repeat(32)]);
  const encryption = createEncryption({ database, ring, clock });
  return createSecretVault(createDatabaseSecretStore({ database, encryption, clock }), []);
}
