import { credentialError } from './credential-error.ts';
import { KEY_BYTES, toMasterKey } from './envelope.ts';
import type { MasterKey } from './envelope.ts';

/** The master keys that this process can get at. */
export interface KeyRing {
  readonly source: 'environment' | 'file';
  /** The key of new installations and of rotations; null when there is none and none may be made. */
  primary(): Promise<MasterKey | null>;
  /** The key with this id, looked for again where keys are kept when it is not known yet. */
  find(id: string): Promise<MasterKey | null>;
  /** Makes another primary key and keeps the old ones; null where only the operator can. */
  renew(): Promise<MasterKey | null>;
  /** Forgets keys that nothing is under any more. */
  forget(ids: readonly string[]): Promise<void>;
}

/** Reads a master key of 32 bytes in base64, base64url or hex; null for anything else. */
export function parseMasterKey(text: string): Uint8Array | null {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return null;
  const bytes = Buffer.from(trimmed, 'base64');
  return bytes.length === KEY_BYTES ? bytes : null;
}

/** Keys given by the operator: the first one is used, the others only read what is under them. */
export function createFixedKeyRing(texts: readonly string[]): KeyRing {
  const keys = texts.map((text) => {
    const bytes = parseMasterKey(text);
    if (bytes === null)
      throw credentialError('encryption.key.invalid', {
        kind: 'invalid-input',
        message:
          'A master key must be 32 random bytes as base64 or hex; "openssl rand -base64 32" makes one.',
      });
    return toMasterKey(bytes);
  });
  return {
    source: 'environment',
    primary: () => Promise.resolve(keys[0] ?? null),
    find: (id) => Promise.resolve(keys.find((key) => key.id === id) ?? null),
    renew: () => Promise.resolve(null),
    forget: () => Promise.resolve(),
  };
}

/** The first ring decides; keys of the second are still read, e.g. those of a file from before there was a setting. */
export function joinKeyRings(first: KeyRing, second: Pick<KeyRing, 'find'>): KeyRing {
  return { ...first, find: async (id) => (await first.find(id)) ?? second.find(id) };
}
