import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger, type Logger, type WorkspaceId } from '@automatos/kernel';
import { buildSnapshot, snapshotFileName } from '../build-snapshot.ts';
import { openDatabase, type Database } from '../database.ts';
import { migrationsHash } from '../migration-files.ts';
import { createFromTemplate } from './server-template.ts';

const WORKSPACE = '01990000-0000-7000-8000-00000000000a' as WorkspaceId;
const OTHER_WORKSPACE = '01990000-0000-7000-8000-00000000000b' as WorkspaceId;

export interface TestDatabase {
  database: Database;
  /** Two workspaces that exist in it. */
  workspaceId: WorkspaceId;
  otherWorkspaceId: WorkspaceId;
  /** Where a second process may connect; only of a server. */
  url?: string;
  /** Folder of an embedded one. */
  dataDir?: string;
  close(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** Default: a server when AUTOMATOS_TEST_DATABASE_URL names one, else embedded. */
  kind?: 'embedded' | 'server';
  logger?: Logger;
  poolSize?: number;
  /** As for `openDatabase`. */
  idleInTransactionMs?: number;
}

const serverUrl = (): string | undefined => process.env['AUTOMATOS_TEST_DATABASE_URL'] || undefined;

/** The kind of database that `createTestDatabase` gives in this run. */
export function databaseKind(): 'embedded' | 'server' {
  return serverUrl() === undefined ? 'embedded' : 'server';
}

async function seed(database: Database): Promise<void> {
  const rows = [WORKSPACE, 'test', 'Test workspace', OTHER_WORKSPACE, 'other', 'Other workspace'];
  await database.pool.query(
    'INSERT INTO workspaces (id, slug, name) VALUES ($1, $2, $3), ($4, $5, $6)',
    rows,
  );
}

/** A migrated database of its own with two workspaces; `close` removes it. Meant for one per test file or suite. */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const kind = options.kind ?? databaseKind();
  const made = kind === 'server' ? await onServer(options) : await embedded(options);
  return { ...made, workspaceId: WORKSPACE, otherWorkspaceId: OTHER_WORKSPACE };
}

type Made = Omit<TestDatabase, 'workspaceId' | 'otherWorkspaceId'>;

function openOptions(options: TestDatabaseOptions) {
  return {
    logger: options.logger ?? silentLogger,
    refusePoolInTransactions: true,
    ...(options.poolSize === undefined ? {} : { poolSize: options.poolSize }),
    ...(options.idleInTransactionMs === undefined
      ? {}
      : { idleInTransactionMs: options.idleInTransactionMs }),
  };
}

async function onServer(options: TestDatabaseOptions): Promise<Made> {
  const admin = serverUrl();
  if (admin === undefined)
    throw new Error('set AUTOMATOS_TEST_DATABASE_URL to a superuser URL of a PostgreSQL server');
  const copy = await createFromTemplate(admin, await migrationsHash(), seed);
  const database = await openDatabase({ url: copy.url, ...openOptions(options) });
  return {
    database,
    url: copy.url,
    async close() {
      await database.close();
      await copy.drop();
    },
  };
}

async function embedded(options: TestDatabaseOptions): Promise<Made> {
  const snapshotDir = path.join(tmpdir(), 'automatos-test-snapshots');
  const snapshot = path.join(snapshotDir, await snapshotFileName());
  // Two test processes may both build it; the file appears whole, so the later one merely replaces it by an equal one.
  if (!existsSync(snapshot)) await buildSnapshot(snapshot, { seed });
  const dataDir = await mkdtemp(path.join(tmpdir(), 'automatos-test-'));
  const database = await openDatabase({
    dataDir,
    snapshotDir,
    fsync: false,
    ...openOptions(options),
  });
  return {
    database,
    dataDir,
    async close() {
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
