export { createTestDatabase, databaseKind } from './test-database.ts';
export type { TestDatabase, TestDatabaseOptions } from './test-database.ts';
export { assertTablesMatch } from './assert-tables-match.ts';
