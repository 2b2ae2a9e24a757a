import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { credentialError } from './credential-error.ts';

/** A master key; its id is a fingerprint that does not give it away. */
export interface MasterKey {
  id: string;
  bytes: Uint8Array;
}

/** What a sealed record is bound to: it opens nowhere else. */
export interface RecordPlace {
  workspaceId: string | null;
  credentialId: string;
  type: string;
  revision: string;
}

export interface Sealed {
  ciphertext: Buffer;
  wrappedKey: Buffer;
  keyId: string;
}

export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function toMasterKey(bytes: Uint8Array): MasterKey {
  const id = createHash('sha256').update('automatos master key').update(bytes).digest('hex');
  return { id: id.slice(0, 16), bytes };
}

/** Encrypts under a key of its own, which is wrapped by the master key; both are bound to the place. */
export function seal(master: MasterKey, place: RecordPlace, plain: Uint8Array): Sealed {
  const key = randomBytes(KEY_BYTES);
  const aad = aadOf(place);
  const ciphertext = encrypt(key, plain, aad);
  const wrappedKey = encrypt(master.bytes, key, wrapAad(master.id, aad));
  key.fill(0);
  return { ciphertext, wrappedKey, keyId: master.id };
}

/** Throws `credentials.record.damaged` when anything was changed, or the record belongs to another place. */
export function open(master: MasterKey, place: RecordPlace, sealed: Sealed): Buffer {
  const aad = aadOf(place);
  const key = unwrap(master, aad, sealed);
  try {
    return decrypt(key, sealed.ciphertext, aad);
  } catch (error) {
    throw damaged(place, error);
  } finally {
    key.fill(0);
  }
}

/** The record's key under another master key; what it encrypts stays as it is. Throws as {@link open} does. */
export function rewrap(
  keys: { from: MasterKey; to: MasterKey },
  place: RecordPlace,
  sealed: Pick<Sealed, 'wrappedKey'>,
): Buffer {
  const aad = aadOf(place);
  const key = unwrap(keys.from, aad, sealed);
  const wrapped = encrypt(keys.to.bytes, key, wrapAad(keys.to.id, aad));
  key.fill(0);
  return wrapped;
}

function unwrap(master: MasterKey, aad: Buffer, sealed: Pick<Sealed, 'wrappedKey'>): Buffer {
  try {
    return decrypt(master.bytes, sealed.wrappedKey, wrapAad(master.id, aad));
  } catch (error) {
    const [, workspaceId, credentialId, type, revision] = JSON.parse(aad.toString()) as string[];
    const place = { workspaceId, credentialId, type, revision } as RecordPlace;
    throw damaged(place, error);
  }
}

/** JSON, so that no two places have the same bytes. */
function aadOf(place: RecordPlace): Buffer {
  const { workspaceId, credentialId, type, revision } = place;
  return Buffer.from(
    JSON.stringify(['automatos credential 1', workspaceId, credentialId, type, revision]),
  );
}

function wrapAad(keyId: string, aad: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`automatos key ${keyId} `), aad]);
}

function encrypt(key: Uint8Array, plain: Uint8Array, aad: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(aad);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Uint8Array, sealed: Buffer, aad: Buffer): Buffer {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new Error('it is cut short');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const body = sealed.subarray(NONCE_BYTES, -TAG_BYTES);
  return Buffer.concat([decipher.update(body), decipher.final()]);
}

function damaged(place: RecordPlace, cause: unknown) {
  return credentialError('credentials.record.damaged', {
    kind: 'internal',
    message: `The stored secrets of credential ${place.credentialId} were changed or moved from where they belong. Delete the credential and enter it again, and find out who wrote to the database.`,
    cause,
  });
}
