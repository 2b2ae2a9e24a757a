import { PlatformError, isPlatformError } from '@automatos/kernel';
import { DrizzleQueryError } from 'drizzle-orm';
import { isConnectionLoss, isDiskFull } from './connection-loss.ts';

/** SQLSTATE of a lock, or on the embedded database a turn, that was not given in time. */
const LOCK_NOT_AVAILABLE = '55P03';

/** SQLSTATEs of text that no database of ours can hold: U+0000, half of a surrogate pair. */
const UNSTORABLE: ReadonlySet<string | undefined> = new Set(['22021', '22P05']);

function isUnstorableText(error: unknown): boolean {
  const { code, message, detail } = (error ?? {}) as Record<string, string | undefined>;
  // In JSON the other half is missed by the parser, with the code of every other mistake.
  return (
    UNSTORABLE.has(code) ||
    (code === '22P02' && /surrogate/i.test(`${message ?? ''} ${detail ?? ''}`))
  );
}

/**
 * The error to pass on for a failed statement: what the surroundings did (disk, connection, waiting), and text that
 * cannot be stored, become a `PlatformError`; what the statement itself did stays the driver's error, with its SQLSTATE.
 */
export function toDatabaseError(error: unknown, storing = false): unknown {
  if (isPlatformError(error)) return error;
  if (isDiskFull(error)) {
    return new PlatformError({
      code: 'database.disk.full',
      kind: 'unavailable',
      message:
        'The disk of the database is full, so the last change was not stored. Free some space and try again.',
      cause: error,
    });
  }
  if (isConnectionLoss(error)) {
    return new PlatformError({
      code: 'database.connection.lost',
      kind: 'unavailable',
      // A lost answer to a commit may have been a yes.
      retryable: !storing,
      message: storing
        ? 'The connection to the database was lost while a change was being stored: look whether it took effect before trying again.'
        : 'The connection to the database was lost; nothing was stored. Try again.',
      cause: error,
    });
  }
  if (isUnstorableText(error)) {
    return new PlatformError({
      code: 'database.text.unstorable',
      kind: 'invalid-input',
      message:
        'A text holds a character that cannot be stored, such as U+0000 or half of a surrogate pair; nothing was stored.',
      cause: error,
    });
  }
  if ((error as { code?: string } | null)?.code !== LOCK_NOT_AVAILABLE) return error;
  return new PlatformError({
    code: 'database.lock.timeout',
    kind: 'timeout',
    message: `The database was busy with another transaction for too long; nothing was stored. ${(error as Error).message}`,
    cause: error,
  });
}

/** Frees a `PlatformError` from the wrapper that the query builder puts around every failure. */
export function unwrapQueryError(error: unknown): unknown {
  return error instanceof DrizzleQueryError && isPlatformError(error.cause) ? error.cause : error;
}
