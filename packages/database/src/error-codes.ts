/** Every error code this package throws, with one sentence for the documentation. */
export const DATABASE_ERROR_CODES = {
  'database.folder.in_use':
    'Another process has the data folder open; the message names it and its process id.',
  'database.folder.invalid': 'The data folder cannot be created, read or locked.',
  'database.disk.full':
    'The disk of the data folder is full, so the last change was not confirmed; free some space.',
  'database.engine.unavailable':
    'The embedded database could not start or ended; it is started again on next use.',
  'database.server.unavailable':
    'The PostgreSQL server named by DATABASE_URL does not answer or refuses the connection.',
  'database.connection.lost':
    'The connection to the database was lost during a transaction; the message says whether something may have been stored.',
  'database.lock.timeout':
    'The database was busy with another transaction for too long, so this one gave up; nothing was stored.',
  'database.vector.missing':
    'The PostgreSQL server lacks the pgvector extension; the message says how to install it.',
  'database.role.missing':
    'The database user is not a member of the role automatos_app and may not create it; the message holds the statements to run.',
  'database.migration.changed':
    'A migration that was already applied has other contents now; restore the file or write a new migration.',
  'database.migration.unknown':
    'The database was migrated by a newer version of the product; upgrade before opening it.',
  'database.migration.failed':
    'A migration failed and was rolled back; the message names its file and the reason.',
  'database.migration.invalid': 'A migration file has a wrong name or a number that is taken.',
  'database.scope.invalid': 'A workspace id is not a UUID.',
  'database.scope.escape':
    'A statement inside a workspace transaction tried to change the role, the scope or the transaction itself.',
  'database.transaction.nested':
    'Another transaction or connection was asked for inside a transaction callback; use the transaction that the callback was given.',
  'database.transaction.closed': 'A transaction was used after its callback had ended.',
  'database.notification.too_large':
    'A notification payload exceeds 7,999 bytes; send an id and read the rest from a table.',
  'database.text.unstorable':
    'A text holds a character that PostgreSQL cannot store, such as U+0000; take it out and send the rest again.',
  'database.snapshot.invalid': 'A snapshot file is damaged; delete it and start again.',
} as const;

export type DatabaseErrorCode = keyof typeof DATABASE_ERROR_CODES;
