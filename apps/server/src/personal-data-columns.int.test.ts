import { declaredColumns } from '@automatos/database';
import type { PersonalTable } from '@automatos/database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { personalDataHolders } from './wiring/personal-data-holders.ts';
import { startPrivacyProduct } from './testing/privacy-product.ts';
import type { PrivacyProduct } from './testing/privacy-product.ts';

/** Every column that could hold something of a person is described by the room that it belongs to. */

let product: PrivacyProduct;
beforeAll(async () => {
  product = await startPrivacyProduct();
});
afterAll(() => product.close());

/** Words, ids, documents and lists of them; numbers, times and booleans say nothing without a row that does. */
const HOLDS_WORDS = `data_type IN ('text','character varying','character','json','jsonb','uuid','bytea','ARRAY','USER-DEFINED','inet')`;

const columns = async (): Promise<string[]> => {
  const { rows } = await product.database.pool.query<{ column: string }>(`
    SELECT table_schema || '.' || table_name || '.' || column_name AS column FROM information_schema.columns
    WHERE table_schema NOT IN ('pg_catalog','information_schema') AND ${HOLDS_WORDS} ORDER BY 1`);
  return rows.map(({ column }) => column);
};
const tables = personalDataHolders({ answers: { clear: () => Promise.resolve(0) } }).flatMap(
  (holder) => holder.describe(),
);
const named = (table: PersonalTable, names: readonly string[]) =>
  names.map((name) => `${table.schema ?? 'public'}.${table.table}.${name}`);
const described = new Set(tables.flatMap((table) => named(table, declaredColumns(table))));
const undescribed = async () => (await columns()).filter((column) => !described.has(column));

const WHAT_TO_DO =
  'Describe these columns in the *-personal-data.ts of the room they belong to: as people, names, texts, json or bytes when they can hold something of a person (then an erasure reaches them), else, after thinking about it, as plain or secret';

test('every column of every table is described: as personal, or as reviewed and not personal', async () => {
  expect(await undescribed(), WHAT_TO_DO).toEqual([]);
  expect((await columns()).length).toBeGreaterThan(300);
});

test('what is described is there: a renamed column would be searched for in vain', async () => {
  const known = new Set(await columns());
  const searched = tables.flatMap((table) => {
    const { people = [], names = [], texts = [], json = [], bytes = [] } = table;
    return named(table, [...people, ...names, ...texts, ...json, ...bytes]);
  });
  expect(searched.filter((column) => !known.has(column))).toEqual([]);
});

test('a new column that nobody described is found', async () => {
  const { pool } = product.database;
  await pool.query('CREATE TABLE canary (id uuid PRIMARY KEY, n integer, note text)');
  await pool.query('ALTER TABLE runs ADD COLUMN canary jsonb');
  try {
    expect(await undescribed()).toEqual([
      'public.canary.id',
      'public.canary.note',
      'public.runs.canary',
    ]);
  } finally {
    await pool.query('DROP TABLE canary');
    await pool.query('ALTER TABLE runs DROP COLUMN canary');
  }
});
