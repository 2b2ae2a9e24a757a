import {
  bigint,
  doublePrecision,
  integer,
  jsonb,
  pgTable,
  text,
  timestamp,
  uuid,
  varchar,
  vector,
} from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertTablesMatch, createTestDatabase, type TestDatabase } from './index.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
  await test.database.pool.query(`CREATE TABLE shapes (
    id uuid PRIMARY KEY, n int NOT NULL DEFAULT 0, big bigint, name varchar(20) NOT NULL, tags text[] NOT NULL, body jsonb,
    at timestamptz(3) NOT NULL DEFAULT now(), score double precision, near vector(3))`);
});
afterAll(() => test.close());

const columns = {
  id: uuid('id').primaryKey(),
  n: integer('n').notNull().default(0),
  big: bigint('big', { mode: 'number' }),
  name: varchar('name', { length: 20 }).notNull(),
  tags: text('tags').array().notNull(),
  body: jsonb('body'),
  at: timestamp('at', { withTimezone: true, precision: 3 }).notNull().defaultNow(),
  score: doublePrecision('score'),
  near: vector('near', { dimensions: 3 }),
};

describe('assertTablesMatch', () => {
  it('accepts equal shapes', async () => {
    const problems = assertTablesMatch(test.database, [pgTable('shapes', columns)]);
    await expect(problems).resolves.toBeUndefined();
  });

  const { score: _score, ...withoutScore } = columns;
  it.each([
    [
      'another type',
      { ...columns, n: text('n').notNull().default('') },
      'shapes.n is integer in the database, text',
    ],
    [
      'another length',
      { ...columns, name: varchar('name', { length: 30 }).notNull() },
      'shapes.name is varchar(20)',
    ],
    [
      'another nullability',
      { ...columns, big: bigint('big', { mode: 'number' }).notNull() },
      'shapes.big is nullable',
    ],
    [
      'a default in the database only',
      { ...columns, n: integer('n').notNull() },
      'shapes.n has a default in the database only',
    ],
    ['a column too many', { ...columns, more: text('more') }, 'shapes.more is not in the database'],
    ['a column too few', withoutScore, 'shapes.score is not in the table object'],
  ])('tells %s', async (_name, changed, message) => {
    await expect(assertTablesMatch(test.database, [pgTable('shapes', changed)])).rejects.toThrow(
      message,
    );
  });

  it('tells a missing table', async () => {
    await expect(assertTablesMatch(test.database, [pgTable('nowhere', columns)])).rejects.toThrow(
      'table nowhere does not exist',
    );
  });
});
