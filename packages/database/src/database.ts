import { PlatformError, noMetrics, type Logger, type Metrics } from '@automatos/kernel';
import pg from 'pg';
import {
  EMBEDDED_CAPABILITIES,
  SERVER_CAPABILITIES,
  type DatabaseCapabilities,
} from './capabilities.ts';
import { acquireDataDirLock } from './data-dir-lock.ts';
import { prepareFolder } from './embedded/data-folder.ts';
import { startEmbeddedServer } from './embedded/embedded-server.ts';
import { createListener } from './listener.ts';
import { startMaintenance } from './maintenance.ts';
import { reportPool } from './pool-metrics.ts';
import { createTransactions, type Transactions } from './transaction.ts';

/** The one database of the product, server or embedded. */
export interface Database extends Transactions {
  readonly capabilities: DatabaseCapabilities;
  /** Connections as the owner, for libraries. A query on it awaited inside a transaction callback never gets its turn on the embedded database. */
  readonly pool: pg.Pool;
  /** Hears NOTIFY on `channel`, again after the server restarted; resolves to a function that stops it. */
  listen(channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export interface OpenDatabaseOptions {
  /** `postgres://…` of a server; without it the database is embedded in `dataDir`. */
  url?: string;
  /** Folder of the embedded database; created, and locked for this process. */
  dataDir?: string;
  /** Connections at most; default 10. */
  poolSize?: number;
  /** How long a transaction may wait for its own client before it is ended and its locks go, ms; default 10,000. */
  idleInTransactionMs?: number;
  /** Embedded only: sync each commit to disk; default true. */
  fsync?: boolean;
  /** Folder in which `buildSnapshot` left its file; makes the first start of an embedded database short. */
  snapshotDir?: string;
  /** Fail at once when the pool is used inside a transaction callback, which would wait for itself on the embedded database. Tests switch it on. */
  refusePoolInTransactions?: boolean;
  logger: Logger;
  metrics?: Metrics;
}

const LIMITS = {
  statementMs: 60_000,
  // A process that freezes inside a transaction keeps its locks until then, and whoever takes over its runs waits for them.
  idleInTransactionMs: 10_000,
  connectMs: 30_000,
} as const;

/** Opens the database; the caller runs `migrate` next. Throws a `database.*` error that says what to do. */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  if (options.url !== undefined) return openServer(options, options.url);
  if (options.dataDir !== undefined) return openEmbedded(options, options.dataDir);
  throw new PlatformError({
    code: 'database.folder.invalid',
    kind: 'invalid-input',
    message: 'No database is configured: give a data folder, or the URL of a PostgreSQL server.',
  });
}

async function openServer(options: OpenDatabaseOptions, url: string): Promise<Database> {
  const connection: pg.ClientConfig = {
    connectionString: url,
    application_name: 'automatos',
    keepAlive: true,
    options: '-c TimeZone=UTC',
    connectionTimeoutMillis: LIMITS.connectMs,
  };
  const pool = new pg.Pool({
    ...connection,
    max: options.poolSize ?? 10,
    statement_timeout: LIMITS.statementMs,
    idle_in_transaction_session_timeout: options.idleInTransactionMs ?? LIMITS.idleInTransactionMs,
  });
  const database = assemble(options, {
    pool,
    connection,
    capabilities: SERVER_CAPABILITIES,
    closers: [],
  });
  try {
    await pool.query('SELECT 1');
  } catch (error) {
    await database.close();
    throw unreachable(url, error as Error);
  }
  return database;
}

async function openEmbedded(options: OpenDatabaseOptions, dataDir: string): Promise<Database> {
  const fsync = options.fsync ?? true;
  const lock = await acquireDataDirLock(dataDir);
  try {
    const { logger } = options;
    const folder = await prepareFolder({
      dataDir,
      fsync,
      logger,
      ...(options.snapshotDir === undefined ? {} : { snapshotDir: options.snapshotDir }),
    });
    const server = await startEmbeddedServer({
      folder,
      fsync,
      logger,
      idleInTransactionMsMax: options.idleInTransactionMs ?? LIMITS.idleInTransactionMs,
    });
    const connection: pg.ClientConfig = {
      stream: () => server.connect(),
      connectionTimeoutMillis: LIMITS.connectMs,
      user: 'postgres',
      database: 'postgres',
    };
    const pool = new pg.Pool({ ...connection, max: options.poolSize ?? 10 });
    const capabilities = { ...EMBEDDED_CAPABILITIES, fsync };
    return assemble(options, {
      pool,
      connection,
      capabilities,
      closers: [() => server.close(), () => lock.release()],
    });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

interface Parts {
  pool: pg.Pool;
  connection: pg.ClientConfig;
  capabilities: DatabaseCapabilities;
  /** Run in order after the pool is closed. */
  closers: Array<() => Promise<void>>;
}

function assemble(options: OpenDatabaseOptions, parts: Parts): Database {
  const { pool, capabilities } = parts;
  const logger = options.logger.child({ room: 'database' });
  // Without a listener, an idle connection cut by a restarting server would end the process.
  pool.on('error', (error) =>
    logger.warn({ reason: error.message }, 'an idle database connection was lost'),
  );
  pool.on('connect', (client) => {
    client.on('error', (error: Error) =>
      logger.warn({ reason: error.message }, 'a database connection was lost'),
    );
  });
  const listener = createListener(parts.connection, logger);
  const stopMetrics = reportPool(pool, options.metrics ?? noMetrics, capabilities);
  const maintenance = capabilities.autovacuum ? undefined : startMaintenance(pool, logger);
  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    stopMetrics();
    await maintenance?.stop();
    await listener.close();
    await pool.end();
    for (const closer of parts.closers) await closer();
  }
  return {
    capabilities,
    pool,
    ...createTransactions(pool, {
      metrics: options.metrics,
      refusePoolInside: options.refusePoolInTransactions,
    }),
    listen: (channel, onPayload) => listener.listen(channel, onPayload),
    close: () => (closing ??= close()),
  };
}

function unreachable(url: string, cause: Error): PlatformError {
  const { hostname, port, pathname } = URL.canParse(url)
    ? new URL(url)
    : { hostname: 'the given address', port: '', pathname: '' };
  return new PlatformError({
    code: 'database.server.unavailable',
    kind: 'unavailable',
    message: `The PostgreSQL server at ${hostname}${port ? `:${port}` : ''}${pathname} cannot be used: ${cause.message}. Check DATABASE_URL and that the server runs.`,
    cause,
  });
}
