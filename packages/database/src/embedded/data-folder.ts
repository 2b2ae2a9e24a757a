import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from '@automatos/kernel';
import { readSnapshot, snapshotFileName } from './snapshot.ts';
import { startEmbeddedServer } from './embedded-server.ts';

export interface PrepareFolderOptions {
  dataDir: string;
  fsync: boolean;
  logger: Logger;
  snapshotDir?: string;
}

/**
 * Path of the database files inside `dataDir`, made when missing: from the snapshot that fits the migrations of
 * this version, else from nothing. They appear by a rename, so a process that ends midway leaves no half of them.
 */
export async function prepareFolder(options: PrepareFolderOptions): Promise<string> {
  const folder = path.join(options.dataDir, 'postgres');
  if (existsSync(path.join(folder, 'PG_VERSION'))) return folder;
  const draft = path.join(options.dataDir, 'postgres.creating');
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  const snapshot =
    options.snapshotDir === undefined
      ? undefined
      : path.join(options.snapshotDir, await snapshotFileName());
  if (snapshot !== undefined && existsSync(snapshot)) await readSnapshot(snapshot, draft);
  else {
    options.logger.info({ folder }, 'creating the embedded database');
    const server = await startEmbeddedServer({
      folder: draft,
      fsync: false,
      logger: options.logger,
    });
    await server.close();
  }
  if (options.fsync) await syncTree(draft);
  await rename(draft, folder);
  if (options.fsync) await syncPath(options.dataDir);
  return folder;
}

async function syncPath(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Files first, then the folders that name them. */
async function syncTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  await Promise.all(
    entries.map((entry) =>
      (entry.isDirectory() ? syncTree : syncPath)(path.join(folder, entry.name)),
    ),
  );
  await syncPath(folder);
}
