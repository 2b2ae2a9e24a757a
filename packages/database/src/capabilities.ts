/** What the database behind a connection can do. Code branches on these, never on the name of a product. */
export interface DatabaseCapabilities {
  /** Several processes may use it at once. */
  multiProcess: boolean;
  /** A commit is on disk before it is acknowledged. */
  fsync: boolean;
  parallelIndexBuild: boolean;
  /** `statement_timeout` is honoured. */
  statementTimeout: boolean;
  /** Session advisory locks of two connections exclude each other. */
  sessionAdvisoryLocks: boolean;
  /** Vacuum and analyze run by themselves; otherwise this package runs them on a timer. */
  autovacuum: boolean;
}

export const SERVER_CAPABILITIES: DatabaseCapabilities = {
  multiProcess: true,
  fsync: true,
  parallelIndexBuild: true,
  statementTimeout: true,
  sessionAdvisoryLocks: true,
  autovacuum: true,
};

export const EMBEDDED_CAPABILITIES: DatabaseCapabilities = {
  multiProcess: false,
  fsync: true,
  parallelIndexBuild: false,
  statementTimeout: false,
  sessionAdvisoryLocks: false,
  autovacuum: false,
};
