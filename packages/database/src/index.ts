export { openDatabase } from './database.ts';
export type { Database, OpenDatabaseOptions } from './database.ts';
export type { DatabaseCapabilities } from './capabilities.ts';
export { APP_ROLE, executePrepared } from './transaction.ts';
export type { PreparedStatement, Tx } from './transaction.ts';
export { isConnectionLoss, isDiskFull, retryRead } from './connection-loss.ts';
export { workspaces } from './workspace-tables.ts';
export { outbox } from './outbox-tables.ts';
export { enqueueOutbox, notify } from './outbox.ts';
export type { NewOutboxEntry } from './outbox.ts';
export { createOutboxDispatcher } from './outbox-dispatcher.ts';
export type {
  OutboxDispatcher,
  OutboxDispatcherDeps,
  OutboxDispatcherOptions,
  OutboxEntry,
  OutboxHandler,
} from './outbox-dispatcher.ts';
export { decodeCursor, encodeCursor, toPage } from './paging.ts';
export type { CursorSchema } from './paging.ts';
export { connectRedis } from './redis-connection.ts';
export type { RedisConnection } from './redis-connection.ts';
export { migrate } from './migrate.ts';
export type { MigrateOptions } from './migrate.ts';
export { buildSnapshot, snapshotFileName } from './build-snapshot.ts';
export type { BuildSnapshotOptions } from './build-snapshot.ts';
export { acquireDataDirLock } from './data-dir-lock.ts';
export type { DataDirLock } from './data-dir-lock.ts';
export { DATABASE_ERROR_CODES } from './error-codes.ts';
export type { DatabaseErrorCode } from './error-codes.ts';
export { createTableHolder } from './personal-data/table-holder.ts';
export type { TableHolderOptions } from './personal-data/table-holder.ts';
export { declaredColumns } from './personal-data/table-columns.ts';
export {
  createCorrector,
  createEraser,
  ERASED,
  ERASED_EMAIL,
  ERASED_ID,
} from './personal-data/text-rewriter.ts';
export type {
  ErasedRows,
  PersonalDataHolder,
  PersonalItem,
  PersonalSubject,
  PersonalTable,
  RunTransaction,
  TextRewriter,
} from './personal-data/types.ts';
