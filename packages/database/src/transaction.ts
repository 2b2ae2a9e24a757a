import { AsyncLocalStorage } from 'node:async_hooks';
import {
  PlatformError,
  isUuid,
  noMetrics,
  type Metrics,
  type WorkspaceId,
} from '@automatos/kernel';
import { PgDialect, type PgDatabase } from 'drizzle-orm/pg-core';
import {
  NodePgSession,
  NodePgTransaction,
  type NodePgQueryResultHKT,
} from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { toDatabaseError, unwrapQueryError } from './database-errors.ts';
import { queryScoped, type ScopedStatement } from './scoped-query.ts';
import { createScopeCheck } from './statement-guard.ts';
import { measured } from './statement-metrics.ts';
import { createStatementNames } from './statement-names.ts';

/** A drizzle database bound to one open transaction; `tx.transaction` inside it makes savepoints. */
export type Tx = PgDatabase<NodePgQueryResultHKT, Record<string, never>>;

/** Role that workspace transactions run as; row-level security applies to it. */
export const APP_ROLE = 'automatos_app';

export interface Transactions {
  system<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  workspace<T>(workspaceId: WorkspaceId, work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Reads of a workspace without a transaction around them: each statement costs one round trip instead of three, has the same walls
   * as in `workspace`, and sees what was committed when it began. Writes are refused by the server.
   */
  workspaceReads<T>(workspaceId: WorkspaceId, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Statements of the system that need no transaction around them: each is one of its own. */
  systemStatements<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

interface OpenTransaction {
  open: boolean;
}

export interface TransactionOptions {
  metrics?: Metrics | undefined;
  /** Refuse the pool itself inside a transaction callback; there it would wait for itself on the embedded database. */
  refusePoolInside?: boolean | undefined;
}

/** Role and workspace. */
type Scope = readonly [role: string, workspaceId: string];

interface GuardOptions {
  state: OpenTransaction;
  /** Of a workspace transaction: which statements stay inside of it. */
  staysInScope: ((text: string) => boolean) | undefined;
  metrics: Metrics;
  /** Sent along with each statement, where no transaction around them holds it. */
  scoped?: { scope: Scope; nameOf: Engine['nameOf'] } | null;
}

const dialect = new PgDialect();
/** The guarded connection of each open transaction, for statements that drizzle cannot name. */
const clients = new WeakMap<object, pg.PoolClient>();

/** A statement that is parsed and planned once per connection; the same name must always stand for the same text. */
export interface PreparedStatement {
  name: string;
  text: string;
  values: unknown[];
}

/** Runs a hot statement under its name and returns its rows. `tx` must be the transaction itself, not a savepoint of it. */
export async function executePrepared<Row>(tx: Tx, statement: PreparedStatement): Promise<Row[]> {
  const client = clients.get(tx);
  if (!client) throw new Error('prepared statements need the outermost transaction');
  const result = await client.query(statement);
  return result.rows as Row[];
}

/** What transactions on one pool share. */
interface Engine {
  connect: () => Promise<pg.PoolClient>;
  /** The transaction that the running code is inside of. */
  inside: AsyncLocalStorage<OpenTransaction>;
  staysInScope: (text: string) => boolean;
  nameOf: (text: string) => string | undefined;
  metrics: Metrics;
}

/**
 * Transactions on `pool`. A workspace transaction starts with one round trip that begins it, takes the
 * restricted role and names the workspace; both end with the transaction, so no connection carries them on.
 */
export function createTransactions(pool: pg.Pool, options: TransactionOptions = {}): Transactions {
  const inside = new AsyncLocalStorage<OpenTransaction>();
  const engine: Engine = {
    connect: pool.connect.bind(pool) as () => Promise<pg.PoolClient>,
    inside,
    staysInScope: createScopeCheck(),
    nameOf: createStatementNames(),
    metrics: options.metrics ?? noMetrics,
  };
  if (options.refusePoolInside) refuseInside(pool, () => inside.getStore()?.open === true);
  return {
    system: (work) => runTransaction(engine, { begin: 'BEGIN', restricted: false }, work),
    systemStatements: (work) => runSingly(engine, null, work),
    workspaceReads(workspaceId, work) {
      if (!isUuid(workspaceId)) return Promise.reject(badScope());
      return runSingly(engine, [APP_ROLE, workspaceId], work);
    },
    workspace(workspaceId, work) {
      if (!isUuid(workspaceId)) return Promise.reject(badScope());
      // The id is checked above, so it may stand in the text: one simple query is one round trip.
      const begin = `BEGIN; SET LOCAL ROLE ${APP_ROLE}; SET LOCAL app.workspace_id = '${workspaceId}'`;
      return runTransaction(engine, { begin, restricted: true }, work);
    },
  };
}

async function runTransaction<T>(
  engine: Engine,
  { begin, restricted }: { begin: string; restricted: boolean },
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const client = await takeClient(engine);
  const state: OpenTransaction = { open: true };
  let broken: Error | undefined;
  try {
    await control(client, begin);
    const staysInScope = restricted ? engine.staysInScope : undefined;
    const tx = toTx(guard(client, { state, staysInScope, metrics: engine.metrics }));
    const result = await engine.inside.run(state, () => work(tx));
    state.open = false;
    await control(client, 'COMMIT');
    return result;
  } catch (error) {
    state.open = false;
    broken = await client.query('ROLLBACK').then(
      () => undefined,
      (failure: Error) => failure,
    );
    throw unwrapQueryError(error);
  } finally {
    // A connection whose rollback failed may still be inside the transaction: it must not be used again.
    client.release(broken);
  }
}

/** Statements that each are a transaction of their own; `scope` binds them to a workspace. */
async function runSingly<T>(
  engine: Engine,
  scope: Scope | null,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const client = await takeClient(engine);
  const state: OpenTransaction = { open: true };
  const staysInScope = scope === null ? undefined : engine.staysInScope;
  try {
    const scoped = scope === null ? null : { scope, nameOf: engine.nameOf };
    const tx = toTx(guard(client, { state, staysInScope, metrics: engine.metrics, scoped }));
    return await engine.inside.run(state, () => work(tx));
  } catch (error) {
    throw unwrapQueryError(error);
  } finally {
    state.open = false;
    client.release();
  }
}

async function takeClient({ connect, inside }: Engine): Promise<pg.PoolClient> {
  if (inside.getStore()?.open) throw nested();
  return connect().catch((error: unknown) => {
    throw toDatabaseError(error);
  });
}

function toTx(guarded: pg.PoolClient): Tx {
  const session = new NodePgSession<Record<string, never>, Record<string, never>>(
    guarded,
    dialect,
    undefined,
  );
  const tx = new NodePgTransaction(dialect, session, undefined);
  clients.set(tx, guarded);
  return tx as unknown as Tx;
}

function badScope(): PlatformError {
  return new PlatformError({
    code: 'database.scope.invalid',
    kind: 'invalid-input',
    message: 'The workspace id is not a lower-case UUID.',
  });
}

/** A statement that begins or ends the transaction. */
async function control(client: pg.PoolClient, statement: string): Promise<void> {
  try {
    await client.query(statement);
  } catch (error) {
    throw toDatabaseError(error, statement === 'COMMIT');
  }
}

/** A client that refuses use after the end, and in a workspace any statement that could leave it. */
function guard(
  client: pg.PoolClient,
  { state, staysInScope, metrics, scoped = null }: GuardOptions,
): pg.PoolClient {
  const send = (config: string | { text: string }, params?: unknown[]) =>
    scoped === null
      ? client.query(config as string, params)
      : queryScoped(client, scoped.scope, toStatement(config, params, scoped.nameOf));
  const query = (config: string | { text: string }, params?: unknown[]) => {
    const text = typeof config === 'string' ? config : config.text;
    if (!state.open) {
      return Promise.reject(
        new PlatformError({
          code: 'database.transaction.closed',
          kind: 'internal',
          message:
            'A transaction was used after its callback had ended; await every query inside the callback.',
          internalMessage: text,
        }),
      );
    }
    if (staysInScope?.(text) === false) {
      return Promise.reject(
        new PlatformError({
          code: 'database.scope.escape',
          kind: 'internal',
          message:
            'A statement inside a workspace transaction reads or writes rows; it may not change the role, the scope or the transaction.',
          internalMessage: text,
        }),
      );
    }
    return measured(metrics, text, () => send(config, params)).catch((error: unknown) => {
      throw toDatabaseError(error);
    });
  };
  return { query } as unknown as pg.PoolClient;
}

function toStatement(
  config: string | { text: string },
  params: unknown[] | undefined,
  nameOf: Engine['nameOf'],
): ScopedStatement {
  const given: Partial<ScopedStatement> & { text: string } =
    typeof config === 'string' ? { text: config } : config;
  const name = given.name ?? nameOf(given.text);
  return { ...given, name, values: params ?? given.values ?? [] };
}

/** Makes `pool.connect`, which `pool.query` goes through too, fail at once where `inside` holds. */
function refuseInside(pool: pg.Pool, inside: () => boolean): void {
  const connect = pool.connect.bind(pool) as (callback?: ConnectCallback) => Promise<pg.PoolClient>;
  const guarded = (callback?: ConnectCallback) => {
    if (!inside()) return connect(callback);
    if (!callback) return Promise.reject(nested());
    callback(nested(), undefined, () => undefined);
    return undefined;
  };
  pool.connect = guarded as pg.Pool['connect'];
}

type ConnectCallback = (error: Error | undefined, client: undefined, done: () => void) => void;

function nested(): PlatformError {
  return new PlatformError({
    code: 'database.transaction.nested',
    kind: 'internal',
    message:
      'A transaction was opened inside the callback of another one; use the transaction that the callback was given.',
  });
}
