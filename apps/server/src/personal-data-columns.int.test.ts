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

test('every column of every table is described: as personal, or as reviewed and not personal', async () => {
  const { rows } = await product.database.pool.query<{ name: string; column: string }>(`
    SELECT table_schema || '.' || table_name AS name, column_name AS column FROM information_schema.columns
    WHERE table_schema NOT IN ('pg_catalog','information_schema') AND ${HOLDS_WORDS} ORDER BY 1, ordinal_position`);
  const tables = personalDataHolders({ answers: { clear: () => Promise.resolve(0) } }).flatMap(
    (holder) => holder.describe(),
  );
  const nameOf = (table: PersonalTable) => `${table.schema ?? 'public'}.${table.table}`;
  const described = new Set(
    tables.flatMap((table) => declaredColumns(table).map((column) => `${nameOf(table)}.${column}`)),
  );
  const missing = rows
    .map(({ name, column }) => `${name}.${column}`)
    .filter((column) => !described.has(column));
  expect(
    missing,
    'Describe these columns in the *-personal-data.ts of the room they belong to: as people, names, texts, json or bytes when they can hold something of a person (then an erasure reaches them), else, after thinking about it, as plain or secret',
  ).toEqual([]);
  // What is described is there: a renamed column would otherwise be searched for in vain.
  const known = new Set(rows.map(({ name, column }) => `${name}.${column}`));
  const searched = tables.flatMap((table) =>
    [
      ...(table.people ?? []),
      ...(table.names ?? []),
      ...(table.texts ?? []),
      ...(table.json ?? []),
      ...(table.bytes ?? []),
    ].map((column) => `${nameOf(table)}.${column}`),
  );
  expect(searched.filter((column) => !known.has(column))).toEqual([]);
  expect(rows.length).toBeGreaterThan(300);
});
