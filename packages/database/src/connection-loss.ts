/** SQLSTATE classes and codes that say: the connection or the server went away, not that the statement was wrong. */
const LOST_STATES = new Set(['57P01', '57P02', '57P03', '25P03']);
const LOST_ERRNOS = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
]);
const LOST_CODES = new Set([
  'database.engine.unavailable',
  'database.server.unavailable',
  'database.connection.lost',
]);

/**
 * Tells whether `error` means that the connection to the database was lost. Work that only read may be repeated;
 * a commit that failed so has an unknown outcome.
 */
export function isConnectionLoss(error: unknown): boolean {
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < 5;
    current = current.cause, depth++
  ) {
    const { code } = current as { code?: string };
    if (
      code !== undefined &&
      (code.startsWith('08') ||
        LOST_STATES.has(code) ||
        LOST_ERRNOS.has(code) ||
        LOST_CODES.has(code))
    )
      return true;
    if (/^(Connection terminated|Client has encountered a connection error)/.test(current.message))
      return true;
  }
  return false;
}

/** Tells whether `error` means that the disk under the database is full; the work was not confirmed and may be repeated when there is space. */
export function isDiskFull(error: unknown): boolean {
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < 5;
    current = current.cause, depth++
  ) {
    const { code } = current as { code?: string };
    if (code === '53100' || code === 'database.disk.full') return true;
  }
  return false;
}

/** Runs `read` again, up to `attemptsMax` times in all, when the connection is lost under it. Only for work that changes nothing. */
export async function retryRead<T>(read: () => Promise<T>, attemptsMax = 3): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      if (attempt >= attemptsMax || !isConnectionLoss(error)) throw error;
    }
  }
}
