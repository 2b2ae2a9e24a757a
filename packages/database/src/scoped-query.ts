import pg from 'pg';

/** What of pg's connection is used here: its types leave it out. */
interface Wire {
  stream: { readonly writable: boolean; write(bytes: Uint8Array): unknown };
  parse(message: { name: string; text: string }): void;
  bind(message: { statement: string; values: unknown[] }): void;
  execute(message: object): void;
}

interface WireQuery {
  prepare(connection: Wire): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: Wire): void;
}

export interface ScopedStatement {
  text: string;
  values: unknown[];
  name?: string | undefined;
  rowMode?: string | undefined;
  types?: unknown;
}

const SCOPE_NAME = 'automatos_scope';
/** All three end with the transaction. */
const SCOPE = `SELECT set_config('role', $1, true), set_config('app.workspace_id', $2, true), set_config('transaction_read_only', 'on', true)`;

const Base = pg.Query as unknown as new (
  config: object,
  values: unknown[] | undefined,
  callback: (error: Error | null, result: pg.QueryResult) => void,
) => WireQuery;

/** Connections that know the scope's statement already. */
const prepared = new WeakSet<object>();

/**
 * One statement inside its scope in one round trip. Both are sent before the one `Sync` that ends them, so the server runs them as one
 * transaction and leaves the second out when the first fails.
 */
class ScopedQuery extends Base {
  readonly #scope: readonly [role: string, workspaceId: string];
  #isScoped = false;

  constructor(
    scope: readonly [role: string, workspaceId: string],
    statement: ScopedStatement,
    callback: (error: Error | null, result: pg.QueryResult) => void,
  ) {
    // Extended, also without values: the simple form would be a message of its own, outside of the scope.
    super({ ...statement, queryMode: 'extended' }, statement.values, callback);
    this.#scope = scope;
  }

  /** All messages go out in one piece: handing each over by itself costs more than putting them together. */
  override prepare(connection: Wire): void {
    const { stream } = connection;
    const pieces: Uint8Array[] = [];
    connection.stream = { writable: stream.writable, write: (bytes) => pieces.push(bytes) };
    try {
      this.#send(connection);
    } finally {
      connection.stream = stream;
    }
    if (pieces.length > 0) stream.write(Buffer.concat(pieces));
  }

  #send(connection: Wire): void {
    if (!prepared.has(connection)) {
      prepared.add(connection);
      connection.parse({ name: SCOPE_NAME, text: SCOPE });
    }
    connection.bind({ statement: SCOPE_NAME, values: [...this.#scope] });
    connection.execute({});
    super.prepare(connection);
  }

  /** The first row and the first end are the scope's. */
  override handleDataRow(message: unknown): void {
    if (this.#isScoped) super.handleDataRow(message);
  }

  override handleCommandComplete(message: unknown, connection: Wire): void {
    if (this.#isScoped) super.handleCommandComplete(message, connection);
    else this.#isScoped = true;
  }
}

/** Runs a statement that only reads, as `role` and in a workspace, in one round trip. */
export function queryScoped(
  client: pg.PoolClient,
  scope: readonly [role: string, workspaceId: string],
  statement: ScopedStatement,
): Promise<pg.QueryResult> {
  return new Promise((resolve, reject) => {
    const query = new ScopedQuery(scope, statement, (error, result) => {
      if (error === null) resolve(result);
      else reject(error);
    });
    client.query(query as unknown as pg.Query);
  });
}
