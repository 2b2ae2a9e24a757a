import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { constants, gunzip, gzip } from 'node:zlib';
import { PlatformError } from '@automatos/kernel';
import { sha256 } from '@automatos/kernel/hash';
import { migrationsHash } from '../migration-files.ts';

/** Version of the embedded engine whose folders a snapshot holds; a test compares it with package.json. */
export const ENGINE_VERSION = '0.5.14';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

interface Entry {
  path: string;
  mode: number;
  /** Bytes; -1 for a folder. */
  size: number;
}

/** Name of the snapshot that fits this version's migrations and engine; another name means another content. */
export async function snapshotFileName(): Promise<string> {
  return `database-${sha256(`${ENGINE_VERSION} ${await migrationsHash()}`).slice(0, 16)}.snapshot.gz`;
}

/** Packs a closed database folder into one file: a length, a JSON list of entries, then their bytes, gzipped. Appears by rename. */
export async function writeSnapshot(folder: string, file: string): Promise<void> {
  const entries: Entry[] = [];
  const contents: Buffer[] = [];
  const names = await readdir(folder, { recursive: true });
  for (const name of names.toSorted()) {
    if (path.basename(name).startsWith('postmaster.')) continue;
    const info = await stat(path.join(folder, name));
    entries.push({
      path: name.split(path.sep).join('/'),
      mode: info.mode & 0o777,
      size: info.isDirectory() ? -1 : info.size,
    });
    if (!info.isDirectory()) contents.push(await readFile(path.join(folder, name)));
  }
  const header = Buffer.from(JSON.stringify(entries));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(header.length);
  const packed = await compress(Buffer.concat([length, header, ...contents]), {
    level: constants.Z_BEST_SPEED,
  });
  await mkdir(path.dirname(file), { recursive: true });
  const draft = await mkdtemp(path.join(path.dirname(file), '.snapshot-'));
  await writeFile(path.join(draft, 'file'), packed);
  await rename(path.join(draft, 'file'), file);
  await rm(draft, { recursive: true });
}

/** Unpacks a snapshot into an empty folder. */
export async function readSnapshot(file: string, folder: string): Promise<void> {
  const { bytes, entries, start } = await parse(file);
  let offset = start;
  const writes: Array<Promise<void>> = [];
  for (const entry of entries) {
    const target = path.join(folder, entry.path);
    if (entry.size < 0) await mkdir(target, { recursive: true, mode: 0o700 });
    else {
      writes.push(
        writeFile(target, bytes.subarray(offset, offset + entry.size), { mode: entry.mode }),
      );
      offset += entry.size;
    }
  }
  await Promise.all(writes);
}

async function parse(file: string): Promise<{ bytes: Buffer; entries: Entry[]; start: number }> {
  try {
    const bytes = await decompress(await readFile(file));
    const start = 4 + bytes.readUInt32BE(0);
    return { bytes, start, entries: JSON.parse(bytes.subarray(4, start).toString()) as Entry[] };
  } catch (error) {
    throw new PlatformError({
      code: 'database.snapshot.invalid',
      kind: 'internal',
      message: `The snapshot ${file} is damaged (${(error as Error).message}); delete it and start again.`,
      cause: error,
    });
  }
}
