import { createPrivateKey, createPublicKey, generateKeyPairSync, hkdfSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Database, Tx } from '@automatos/database';
import { isPlatformError } from '@automatos/kernel';
import type { Clock } from '@automatos/kernel';
import { calculateJwkThumbprint } from 'jose';
import { open, seal, toMasterKey } from '../credentials/envelope.ts';
import type { MasterKey } from '../credentials/envelope.ts';
import { deleteTokenKey, holdTokenKeys, insertTokenKey, listTokenKeys } from './token-store.ts';
import type { TokenKeyRow } from './token-tables.ts';

/** A key of ours; the public half is what anybody may know. */
export interface SigningKey {
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
  /** Base64url of the public point. */
  x: string;
  createdAtMs: number;
}

export interface SigningKeys {
  /** The key to sign with now; makes it when there is none, and its successor in time. */
  current(): Promise<SigningKey>;
  /** A key that a token may still be signed with; null for all others. From memory: a successor is known long before it signs. */
  find(kid: string): Promise<SigningKey | null>;
  /** What is published: the keys that sign, that will, and that did until a moment ago. */
  published(): Promise<SigningKey[]>;
}

export interface SigningKeysDeps {
  database: Pick<Database, 'system'>;
  /** Secret of the installation, the same in every process. */
  secret: Uint8Array;
  clock: Pick<Clock, 'now'>;
}

export const TOKEN_SECONDS = 15 * 60;
const MINUTE_MS = 60_000;
/** A key signs for so long. */
export const KEY_AGE_MS = 30 * 24 * 60 * MINUTE_MS;
/** A successor is published so long before it signs, so that others who keep our keys have it by then. */
export const KEY_LEAD_MS = 15 * MINUTE_MS;
/** A key stays published for so long after the last token by it: clocks differ, and another process may be a minute behind. */
const KEY_REST_MS = TOKEN_SECONDS * 1000 + 5 * MINUTE_MS;
/** How long a process believes that no other has made a successor; well below the lead. */
const FRESH_MS = MINUTE_MS;

/**
 * The signing keys of the installation, shared by its processes through the database. Which key signs follows from their ages
 * alone, so that no process has to tell another. They are sealed under a key derived from the secret of the installation and
 * not under the master key of credentials: a change of that one does not concern them.
 */
export function createSigningKeys(deps: SigningKeysDeps): SigningKeys {
  const { database, clock } = deps;
  const master = masterOf(deps.secret);
  let known: SigningKey[] = [];
  let readAtMs = Number.NEGATIVE_INFINITY;

  async function read(tx: Tx): Promise<SigningKey[]> {
    const rows = await listTokenKeys(tx);
    const keys = await Promise.all(rows.map((row) => openKey(master, row)));
    return keys.filter((key) => key !== null);
  }

  async function refresh(): Promise<SigningKey[]> {
    const now = clock.now();
    let keys = await database.system(read);
    if (isSuccessorDue(keys, now)) keys = await makeSuccessor();
    known = keys;
    readAtMs = now;
    return livingKeys(keys, now);
  }

  /** One process makes it; the others find it when their turn comes. */
  async function makeSuccessor(): Promise<SigningKey[]> {
    const fresh = await createKey(master, clock.now());
    return database.system(async (tx) => {
      await holdTokenKeys(tx);
      const keys = await read(tx);
      if (!isSuccessorDue(keys, clock.now())) return keys;
      await insertTokenKey(tx, fresh.row);
      const all = [...keys, fresh.key];
      const living = livingKeys(all, clock.now());
      for (const key of all) if (!living.includes(key)) await deleteTokenKey(tx, key.kid);
      return living;
    });
  }

  async function living(): Promise<SigningKey[]> {
    const now = clock.now();
    const isFresh = now - readAtMs < FRESH_MS && now >= readAtMs;
    return isFresh && !isSuccessorDue(known, now) ? livingKeys(known, now) : refresh();
  }

  return {
    async current() {
      const key = signerOf(await living(), clock.now());
      if (key === undefined) throw new Error('no signing key was made');
      return key;
    },
    async find(kid) {
      return (await living()).find((key) => key.kid === kid) ?? null;
    },
    published: living,
  };
}

/** Keys by age, the oldest first: the newest that was published for long enough, at the beginning the only one. */
export function signerOf(keys: readonly SigningKey[], nowMs: number): SigningKey | undefined {
  return keys.findLast((key) => key.createdAtMs + KEY_LEAD_MS <= nowMs) ?? keys[0];
}

/** Those that a token which still counts may be signed with, and those yet to sign. */
export function livingKeys(keys: readonly SigningKey[], nowMs: number): SigningKey[] {
  return keys.filter((_, index) => {
    const next = keys[index + 1];
    return next === undefined || nowMs < next.createdAtMs + KEY_LEAD_MS + KEY_REST_MS;
  });
}

export function isSuccessorDue(keys: readonly SigningKey[], nowMs: number): boolean {
  const newest = keys.at(-1);
  return newest === undefined || nowMs >= newest.createdAtMs + KEY_AGE_MS;
}

function masterOf(secret: Uint8Array): MasterKey {
  return toMasterKey(new Uint8Array(hkdfSync('sha256', secret, '', 'automatos token keys 1', 32)));
}

const placeOf = (kid: string) => ({
  workspaceId: null,
  credentialId: kid,
  type: 'token_key',
  revision: '1',
});

async function createKey(master: MasterKey, nowMs: number) {
  const { privateKey } = generateKeyPairSync('ed25519');
  const key = await toSigningKey(privateKey, nowMs);
  const plain = privateKey.export({ format: 'der', type: 'pkcs8' });
  const { ciphertext, wrappedKey } = seal(master, placeOf(key.kid), plain);
  plain.fill(0);
  return { key, row: { kid: key.kid, ciphertext, wrappedKey, createdAt: new Date(nowMs) } };
}

/** Null for a row that the secret does not open: it was changed, or is not ours, and so it proves nothing. */
async function openKey(master: MasterKey, row: TokenKeyRow): Promise<SigningKey | null> {
  try {
    const { ciphertext, wrappedKey } = row;
    const der = open(master, placeOf(row.kid), { ciphertext, wrappedKey, keyId: master.id });
    const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    der.fill(0);
    return await toSigningKey(privateKey, row.createdAt.getTime());
  } catch (error) {
    if (isPlatformError(error) && error.code === 'credentials.record.damaged') return null;
    throw error;
  }
}

async function toSigningKey(privateKey: KeyObject, createdAtMs: number): Promise<SigningKey> {
  const publicKey = createPublicKey(privateKey);
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const kid = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x });
  return { kid, privateKey, publicKey, x, createdAtMs };
}
