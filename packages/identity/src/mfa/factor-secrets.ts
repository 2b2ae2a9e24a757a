import { randomBytes, randomUUID } from 'node:crypto';
import type { SecretVault } from '../credentials/secret-vault.ts';
import type { MfaRow } from './mfa-store.ts';

const SECRET_BYTES = 20;
const PEPPER_BYTES = 32;
const TYPE = 'second_factor';

/** Where secrets of second factors are kept encrypted. */
export type SecondFactorSecrets = Pick<SecretVault, 'kind' | 'put' | 'get' | 'remove'>;

/** What is kept of an authenticator. */
export interface FactorContent {
  totp: Buffer;
  /** Key of the hashes of backup codes. */
  pepper: string;
}

export type StoredFactor = Pick<MfaRow, 'secret_id' | 'store' | 'revision'>;

/** Secrets of authenticators in the encrypted store; a change of the master key takes them along. */
export interface FactorSecrets {
  make(): Promise<StoredFactor & { totp: Buffer }>;
  read(row: StoredFactor): Promise<FactorContent>;
  forget(row: StoredFactor): Promise<void>;
}

export function createFactorSecrets(secrets: SecondFactorSecrets): FactorSecrets {
  return {
    async make() {
      const totp = randomBytes(SECRET_BYTES);
      const id = randomUUID();
      const revision = await secrets.put(
        { id, workspaceId: null, type: TYPE },
        {
          open: {},
          secret: { totp: totp.toString('hex'), pepper: randomBytes(PEPPER_BYTES).toString('hex') },
        },
      );
      return { secret_id: id, store: secrets.kind, revision, totp };
    },
    async read(row) {
      const { secret } = await secrets.get(placeOf(row));
      return { totp: Buffer.from(secret['totp'] ?? '', 'hex'), pepper: secret['pepper'] ?? '' };
    },
    forget: (row) => secrets.remove(placeOf(row)),
  };
}

function placeOf({ secret_id: id, store, revision }: StoredFactor) {
  return { id, workspaceId: null, type: TYPE, store, revision };
}
