import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { newId } from '@automatos/kernel';
import { credentialError } from './credential-error.ts';
import { KEY_BYTES, toMasterKey } from './envelope.ts';
import type { MasterKey } from './envelope.ts';
import { parseMasterKey } from './key-ring.ts';
import type { KeyRing } from './key-ring.ts';

export interface FileKeyRingOptions {
  /** One key per line, the one in use first. */
  path: string;
  /** Whether a missing file may be made: not while something is encrypted under a key that would be lost. */
  mayMake: () => Promise<boolean>;
}

/**
 * Keys in a file that only its owner may read. Each change is a whole new file in place of the old one, on the disk before
 * it counts, so that no crash loses a key. The file is read again for each question: writes are rare, and another process
 * may have renewed the key.
 */
export function createFileKeyRing({ path, mayMake }: FileKeyRingOptions): KeyRing {
  async function read(): Promise<MasterKey[] | null> {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw unusable(path, error);
    });
    if (text === null) return null;
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    const keys = lines.map(parseMasterKey);
    if (keys.length === 0 || keys.includes(null))
      throw unusable(path, new Error('it holds something else than keys, one per line'));
    return keys.flatMap((bytes) => (bytes === null ? [] : [toMasterKey(bytes)]));
  }

  return {
    source: 'file',
    async primary() {
      const keys = await read();
      if (keys !== null) return keys[0] ?? null;
      if (!(await mayMake())) return null;
      await makeFirst(path);
      return (await read())?.[0] ?? null;
    },
    async find(id) {
      return (await read())?.find((key) => key.id === id) ?? null;
    },
    async renew() {
      const fresh = toMasterKey(randomBytes(KEY_BYTES));
      await replace(path, [fresh, ...((await read()) ?? [])]);
      return fresh;
    },
    async forget(ids) {
      const keys = (await read()) ?? [];
      const kept = keys.filter((key, index) => index === 0 || !ids.includes(key.id));
      if (kept.length < keys.length) await replace(path, kept);
    },
  };
}

/** Appears whole and only if there is none: of two processes that start at once, the second reads what the first made. */
async function makeFirst(path: string): Promise<void> {
  const temporary = `${path}.${newId()}.first`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeWhole(temporary, [toMasterKey(randomBytes(KEY_BYTES))]);
    await link(temporary, path);
    await syncFolder(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(path, error);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function replace(path: string, keys: readonly MasterKey[]): Promise<void> {
  const temporary = `${path}.${newId()}.new`;
  try {
    await writeWhole(temporary, keys);
    await rename(temporary, path);
    await syncFolder(path);
  } catch (error) {
    throw unusable(path, error);
  }
}

async function writeWhole(path: string, keys: readonly MasterKey[]): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(keys.map(line).join(''));
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

const line = (key: MasterKey) => `${Buffer.from(key.bytes).toString('base64')}\n`;

function unusable(path: string, error: unknown) {
  return credentialError('encryption.key.unreadable', {
    kind: 'unavailable',
    message: `The key file ${path} cannot be used: ${(error as Error).message}. Restore it from your backup; without it stored credentials cannot be read.`,
    cause: error,
  });
}
