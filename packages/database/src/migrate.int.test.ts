import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import pg from 'pg';
import { silentLogger } from '@automatos/kernel';
import { openDatabase, outbox, workspaces, type Database } from './index.ts';
import { migrate } from './migrate.ts';
import { readMigrations, type Migration } from './migration-files.ts';
import {
  assertTablesMatch,
  createTestDatabase,
  databaseKind,
  type TestDatabase,
} from './testing/index.ts';

let test: TestDatabase;
let database: Database;
let shipped: Migration[];

beforeAll(async () => {
  test = await createTestDatabase();
  ({ database } = test);
  shipped = await readMigrations();
});
afterAll(() => test.close());

const extra = (version: string, sql: string): Migration => ({
  version,
  sql,
  checksum: `checksum of ${sql}`,
});
const journal = async () =>
  (
    await database.pool.query<{ version: string }>(
      'SELECT version FROM schema_migrations ORDER BY version',
    )
  ).rows.map((row) => row.version);

describe('migrations', () => {
  it('have nothing to do twice', async () => {
    expect(await migrate(database)).toEqual({ applied: [] });
    expect(await journal()).toEqual(shipped.map(({ version }) => version));
  });

  it('run exactly once when several start together', async () => {
    const migrations = [
      ...shipped,
      extra('9001_once', 'CREATE TABLE made_once (id int); INSERT INTO made_once VALUES (1)'),
    ];
    const runs = await Promise.all(
      Array.from({ length: 4 }, () => migrate(database, { migrations })),
    );
    expect(runs.flatMap((run) => run.applied)).toEqual(['9001_once']);
    expect((await database.pool.query('SELECT count(*)::int AS n FROM made_once')).rows).toEqual([
      { n: 1 },
    ]);
  });

  it('leave nothing of one that fails, and name it', async () => {
    const before = await journal();
    const migrations = [
      ...shipped,
      extra('9001_once', 'CREATE TABLE made_once (id int); INSERT INTO made_once VALUES (1)'),
      extra('9002_bad', 'CREATE TABLE half (id int); SELECT 1/0'),
    ];
    await expect(migrate(database, { migrations })).rejects.toMatchObject({
      code: 'database.migration.failed',
      message: expect.stringContaining('9002_bad') as string,
    });
    expect((await database.pool.query(`SELECT to_regclass('half') AS half`)).rows).toEqual([
      { half: null },
    ]);
    expect(await journal()).toEqual(before);
  });

  it('refuse a database of a newer version', async () => {
    await expect(migrate(database)).rejects.toMatchObject({
      code: 'database.migration.unknown',
      message: expect.stringContaining('9001_once') as string,
    });
  });

  it('refuse files that were changed after they had been applied', async () => {
    const migrations = [...shipped, extra('9001_once', 'SELECT 1')];
    await expect(migrate(database, { migrations })).rejects.toMatchObject({
      code: 'database.migration.changed',
    });
  });

  it('put every table with a workspace_id under row-level security, forced on the owner too', async () => {
    const { rows } = await database.pool.query(`
      SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'workspace_id'
        AND NOT (c.relrowsecurity AND c.relforcerowsecurity)`);
    expect(rows).toEqual([]);
  });

  it('leave no function of ours that runs with its owner’s rights', async () => {
    const { rows } = await database.pool.query(
      `SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef AND proname LIKE 'automatos%'`,
    );
    expect(rows).toEqual([]);
  });

  it('agree with the table objects of this package', async () => {
    await expect(assertTablesMatch(database, [workspaces, outbox])).resolves.toBeUndefined();
  });

  it.runIf(databaseKind() === 'server')(
    'say how to get pgvector when the user may not create it',
    async () => {
      const name = `automatos_bare_${process.pid}`;
      const admin = new pg.Client({ connectionString: process.env['AUTOMATOS_TEST_DATABASE_URL'] });
      await admin.connect();
      await admin.query(`CREATE DATABASE ${name} TEMPLATE template0`);
      const bare = await openDatabase({
        url: (test.url ?? '').replace(/[^/]+$/, name),
        logger: silentLogger,
      });
      try {
        await expect(migrate(bare)).rejects.toMatchObject({
          code: 'database.vector.missing',
          message: expect.stringContaining('CREATE EXTENSION vector') as string,
        });
      } finally {
        await bare.close();
        await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
        await admin.end();
      }
    },
  );
});
