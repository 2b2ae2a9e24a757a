import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger, type Logger } from '@automatos/kernel';
import { openDatabase, type Database } from './database.ts';
import { snapshotFileName, writeSnapshot } from './embedded/snapshot.ts';
import { migrate } from './migrate.ts';

export interface BuildSnapshotOptions {
  /** Runs on the migrated database before it is packed. */
  seed?: (database: Database) => Promise<void>;
  logger?: Logger;
}

/** Name that `openDatabase` looks for in its `snapshotDir`; it changes with the migrations and the engine. */
export { snapshotFileName };

/** Makes a migrated, empty embedded database and packs it into `outFile`, which appears whole or not at all. */
export async function buildSnapshot(
  outFile: string,
  options: BuildSnapshotOptions = {},
): Promise<void> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'automatos-snapshot-'));
  try {
    const database = await openDatabase({
      dataDir,
      fsync: false,
      logger: options.logger ?? silentLogger,
    });
    try {
      await migrate(database);
      await options.seed?.(database);
      await database.pool.query('VACUUM (ANALYZE)');
      await database.pool.query('CHECKPOINT');
    } finally {
      await database.close();
    }
    await writeSnapshot(path.join(dataDir, 'postgres'), outFile);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
