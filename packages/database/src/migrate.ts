import { PlatformError } from '@automatos/kernel';
import type pg from 'pg';
import type { Database } from './database.ts';
import { readMigrations, type Migration } from './migration-files.ts';
import { APP_ROLE } from './transaction.ts';

export interface MigrateOptions {
  /** Default: the migrations of this package. */
  migrations?: Migration[];
}

/** Any constant will do; it only has to be the same in every process that migrates this database. */
const LOCK_KEY = 7_140_229_113;

const JOURNAL = `CREATE TABLE IF NOT EXISTS schema_migrations (
  version text PRIMARY KEY,
  checksum text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
)`;

/**
 * Brings the schema to this version: each migration in a transaction of its own, in order, each exactly once even
 * when several processes start together. Resolves to the versions applied now.
 *
 * Throws `database.migration.changed` or `.unknown` when the database was migrated by other files than ours, and
 * `database.vector.missing` or `database.role.missing` with what an administrator must do.
 */
export async function migrate(
  database: Pick<Database, 'pool'>,
  options: MigrateOptions = {},
): Promise<{ applied: string[] }> {
  const migrations = options.migrations ?? (await readMigrations());
  const client = await database.pool.connect();
  try {
    await locked(client, async () => {
      await prepare(client);
      await client.query(JOURNAL);
      await checkJournal(client, migrations);
    });
    const applied: string[] = [];
    for (const migration of migrations) {
      if (await locked(client, () => applyOnce(client, migration))) applied.push(migration.version);
    }
    return { applied };
  } finally {
    client.release();
  }
}

/**
 * One transaction at a time across processes: a transaction-level advisory lock on a server. Where all connections
 * share one session the lock is void, but there transactions run one at a time anyway.
 */
async function locked<T>(client: pg.PoolClient, work: () => Promise<T>): Promise<T> {
  await client.query(
    `BEGIN; SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock(${LOCK_KEY})`,
  );
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** What the database must offer before the first migration. */
async function prepare(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{
    available: boolean;
    installed: boolean;
    member: boolean;
    may_create: boolean;
    name: string;
  }>(
    `SELECT exists(SELECT FROM pg_available_extensions WHERE name = 'vector') AS available,
            exists(SELECT FROM pg_extension WHERE extname = 'vector') AS installed,
            exists(SELECT FROM pg_roles WHERE rolname = $1 AND pg_has_role(current_user, oid, 'MEMBER')) AS member,
            (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) AS may_create,
            current_user::text AS name`,
    [APP_ROLE],
  );
  const found = rows[0];
  if (!found) return;
  if (!found.installed) await createVector(client, found.available);
  if (!found.member && !found.may_create) {
    throw new PlatformError({
      code: 'database.role.missing',
      kind: 'unavailable',
      message: `The database user ${found.name} is not a member of the role ${APP_ROLE} and may not create roles. As an administrator run: CREATE ROLE ${APP_ROLE} NOLOGIN; GRANT ${APP_ROLE} TO "${found.name}";`,
    });
  }
}

async function createVector(client: pg.PoolClient, available: boolean): Promise<void> {
  const missing = (reason: string, cause?: unknown) =>
    new PlatformError({
      code: 'database.vector.missing',
      kind: 'unavailable',
      message: `The PostgreSQL server ${reason}. Install pgvector (Debian: apt-get install postgresql-<version>-pgvector; image: pgvector/pgvector; managed servers: switch it on), then as an administrator run in this database: CREATE EXTENSION vector;`,
      cause,
    });
  if (!available) throw missing('does not have the extension "vector"');
  try {
    await client.query('CREATE EXTENSION IF NOT EXISTS vector');
  } catch (error) {
    throw missing(
      `does not let this user create the extension "vector" (${(error as Error).message})`,
      error,
    );
  }
}

async function checkJournal(client: pg.PoolClient, migrations: Migration[]): Promise<void> {
  const known = new Map(migrations.map((migration) => [migration.version, migration.checksum]));
  const { rows } = await client.query<{ version: string; checksum: string }>(
    'SELECT version, checksum FROM schema_migrations ORDER BY version',
  );
  for (const { version, checksum } of rows) {
    const expected = known.get(version);
    if (expected === checksum) continue;
    const unknown = expected === undefined;
    throw new PlatformError({
      code: unknown ? 'database.migration.unknown' : 'database.migration.changed',
      kind: 'conflict',
      message: unknown
        ? `The database has the migration ${version}, which this version does not know: it was used by a newer version. Start that version, or restore a backup made before it.`
        : `The migration ${version} was changed after it had been applied to this database. Restore its file and put the change into a new migration.`,
      details: { version },
    });
  }
}

async function applyOnce(client: pg.PoolClient, migration: Migration): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM schema_migrations WHERE version = $1', [
    migration.version,
  ]);
  if (rowCount) return false;
  try {
    await client.query(migration.sql);
    await client.query('INSERT INTO schema_migrations (version, checksum) VALUES ($1, $2)', [
      migration.version,
      migration.checksum,
    ]);
    return true;
  } catch (error) {
    const { message, where } = error as Error & { where?: string };
    throw new PlatformError({
      code: 'database.migration.failed',
      kind: 'internal',
      message: `The migration ${migration.version} failed and was rolled back: ${message}`,
      ...(where === undefined ? {} : { internalMessage: where }),
      cause: error,
    });
  }
}
