import { sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import type { Tx } from '../transaction.ts';
import { changesOf, matchingColumns, ownColumns, searchedColumns } from './table-columns.ts';
import { createEraser } from './text-rewriter.ts';
import type {
  ErasedRows,
  PersonalDataHolder,
  PersonalItem,
  PersonalSubject,
  PersonalTable,
  RunTransaction,
  TextRewriter,
} from './types.ts';

/** Rows per transaction. */
const PAGE = 100;

export interface TableHolderOptions {
  name: string;
  tables: readonly PersonalTable[];
  /** Runs before the rows are rewritten or deleted: what else has to go with them. */
  before?: (run: RunTransaction, subject: PersonalSubject) => Promise<Record<string, number>>;
  forget?: (subject: PersonalSubject) => Promise<Record<string, number>>;
}

/** A holder whose personal data stand in tables that it describes. */
export function createTableHolder(options: TableHolderOptions): PersonalDataHolder {
  const { name, tables } = options;
  return {
    name,
    describe: () => tables,
    async find(tx, subject, limit) {
      const items: PersonalItem[] = [];
      const eraser = createEraser(subject);
      for (const table of tables)
        items.push(...(await findIn(tx, { name, table, subject, eraser, limit })));
      return items;
    },
    async provided(tx, subject, limit) {
      const items: PersonalItem[] = [];
      for (const table of tables)
        items.push(...(await providedIn(tx, { name, table, subject, limit })));
      return items;
    },
    async rewrite(run, subject, rewriter) {
      const rows: Record<string, number> = {};
      for (const table of tables) {
        if (table.erase !== undefined && table.erase !== 'rewrite') continue;
        count(rows, table, await sweep(run, { table, subject, rewriter }));
      }
      return { rows };
    },
    async erase(run, subject): Promise<ErasedRows> {
      const rows: Record<string, number> = { ...(await options.before?.(run, subject)) };
      const rewriter = createEraser(subject);
      for (const table of tables.filter(({ erase }) => erase !== 'elsewhere'))
        count(rows, table, await sweep(run, { table, subject, rewriter }));
      return { rows };
    },
    ...(options.forget === undefined ? {} : { forget: options.forget }),
  };
}

function count(rows: Record<string, number>, { table }: PersonalTable, changed: number): void {
  if (changed > 0) rows[table] = (rows[table] ?? 0) + changed;
}

type Row = Record<string, unknown>;
const KEY = 'personal_key_';

const nameOf = ({ schema, table }: PersonalTable) =>
  sql`${sql.identifier(schema ?? 'public')}.${sql.identifier(table)}`;
const column = (name: string) => sql`t.${sql.identifier(name)}`;
const list = (parts: readonly SQL[], by: SQL) => sql.join([...parts], by);

/** Keeps to the rows that count for this person; null: none of them do. */
function inScope(table: PersonalTable, subject: PersonalSubject): SQL | null {
  if (table.reach === 'account') return subject.account ? sql`true` : null;
  const { workspace } = table;
  if (workspace === null) return subject.account ? sql`true` : null;
  if (typeof workspace === 'function') return workspace(subject.workspaces);
  return sql`${column(workspace)} = ANY(${sql.param([...subject.workspaces])}::uuid[])`;
}

/** Rows in which one of the needles occurs: all that have to be looked into, and some others. Reads the whole table. */
function mayMatch(table: PersonalTable, rewriter: TextRewriter): SQL | null {
  const columns = searchedColumns(table).map((name) =>
    table.bytes?.includes(name) === true
      ? sql`encode(${column(name)}, 'escape')`
      : sql`${column(name)}::text`,
  );
  if (columns.length === 0) return null;
  return sql`EXISTS (SELECT FROM (SELECT concat_ws(E'\n', ${list(columns, sql`, `)}) AS all_of_it) AS words,
    unnest(${sql.param([...rewriter.needles])}::text[]) AS needle
    WHERE position(needle IN lower(all_of_it)) > 0 OR position(needle IN all_of_it) > 0)`;
}

/** Tables of a library are made when it starts, which not every process does. */
async function isThere(tx: Tx, { schema, table }: PersonalTable): Promise<boolean> {
  if (schema === undefined) return true;
  const found = await tx.execute<{ there: boolean }>(
    sql`SELECT to_regclass(${`${schema}.${table}`}) IS NOT NULL AS there`,
  );
  return found.rows[0]?.there === true;
}

interface Page {
  table: PersonalTable;
  where: SQL;
  after: Row | null;
  limit: number;
  lock: boolean;
}

async function readPage(tx: Tx, { table, where, after, limit, lock }: Page): Promise<Row[]> {
  const keys = table.key.map(column);
  const keyValues = table.key.map(
    (name) => sql`${column(name)}::text AS ${sql.identifier(KEY + name)}`,
  );
  const onward =
    after === null
      ? sql`true`
      : sql`(${list(keys, sql`, `)}) > (${list(
          table.key.map((name) => sql`${after[KEY + name]}`),
          sql`, `,
        )})`;
  const found = await tx.execute<Row>(sql`
    SELECT t.*, ${list(keyValues, sql`, `)} FROM ${nameOf(table)} AS t
    WHERE ${where} AND ${onward} ORDER BY ${list(keys, sql`, `)} LIMIT ${limit} ${lock ? sql`FOR UPDATE` : sql``}`);
  return found.rows;
}

const keyOf = (table: PersonalTable, row: Row): Row =>
  Object.fromEntries(table.key.map((name) => [name, row[KEY + name]]));
const isRow = (table: PersonalTable, row: Row) =>
  list(
    table.key.map((name) => sql`${sql.identifier(name)} = ${row[KEY + name]}`),
    sql` AND `,
  );

interface Search {
  name: string;
  table: PersonalTable;
  subject: PersonalSubject;
  limit: number;
}

async function findIn(
  tx: Tx,
  { name, table, subject, eraser, limit }: Search & { eraser: TextRewriter },
): Promise<PersonalItem[]> {
  const scope = inScope(table, subject);
  const match = mayMatch(table, eraser);
  if (scope === null || match === null || !(await isThere(tx, table))) return [];
  const items: PersonalItem[] = [];
  let after: Row | null = null;
  while (items.length < limit) {
    const rows: Row[] = await readPage(tx, {
      table,
      where: sql`${scope} AND ${match}`,
      after,
      limit: PAGE,
      lock: false,
    });
    for (const row of rows) {
      const columns = matchingColumns(table, row, eraser);
      if (columns.length === 0 || items.length >= limit) continue;
      const isOwn = (table.people ?? []).some((person) => row[person] === subject.userId);
      const shown = isOwn
        ? pick(row, ownColumns(table, row, KEY))
        : Object.fromEntries(columns.map((each) => [each, eraser.occurrences(row[each])]));
      items.push(toItem(name, table, { row, shown }));
    }
    if (rows.length < PAGE) break;
    after = rows.at(-1) ?? null;
  }
  return items;
}

async function providedIn(
  tx: Tx,
  { name, table, subject, limit }: Search,
): Promise<PersonalItem[]> {
  const scope = inScope(table, subject);
  const { provided } = table;
  if (scope === null || provided === undefined) return [];
  const where = sql`${scope} AND ${column(provided.by)} = ${subject.userId}`;
  const rows = await readPage(tx, { table, where, after: null, limit, lock: false });
  return rows.map((row) => toItem(name, table, { row, shown: pick(row, provided.columns) }));
}

function toItem(
  holder: string,
  table: PersonalTable,
  { row, shown }: { row: Row; shown: Row },
): PersonalItem {
  return {
    holder,
    category: table.category,
    table: table.table,
    key: keyOf(table, row),
    data: shown,
  };
}

const pick = (row: Row, columns: readonly string[]): Row =>
  Object.fromEntries(columns.map((name) => [name, readable(row[name])]));

/** Files are told by their size: they can be fetched as they are. */
function readable(value: unknown): unknown {
  if (value instanceof Uint8Array) return `(file of ${value.byteLength} bytes)`;
  return value instanceof Date ? value.toISOString() : value;
}

/** Goes through the table page by page, each in its own transaction, and changes or deletes the rows that tell of the person. */
async function sweep(
  run: RunTransaction,
  {
    table,
    subject,
    rewriter,
  }: { table: PersonalTable; subject: PersonalSubject; rewriter: TextRewriter },
): Promise<number> {
  const scope = inScope(table, subject);
  const match = mayMatch(table, rewriter);
  if (scope === null || match === null || !(await run((tx) => isThere(tx, table)))) return 0;
  let changed = 0;
  let after: Row | null = null;
  for (;;) {
    const page: Page = { table, where: sql`${scope} AND ${match}`, after, limit: PAGE, lock: true };
    const rows: Row[] = await run(async (tx) => {
      await tx.execute(sql`SET LOCAL automatos.personal_data = 'on'`);
      const found = await readPage(tx, page);
      for (const row of found) changed += await change(tx, { table, row, rewriter });
      return found;
    });
    if (rows.length < PAGE) return changed;
    after = rows.at(-1) ?? null;
  }
}

async function change(
  tx: Tx,
  { table, row, rewriter }: { table: PersonalTable; row: Row; rewriter: TextRewriter },
): Promise<number> {
  const changes = changesOf(table, row, rewriter);
  if (changes === null) return 0;
  if (table.erase === 'delete') {
    await tx.execute(sql`DELETE FROM ${nameOf(table)} WHERE ${isRow(table, row)}`);
    return 1;
  }
  const sets = Object.entries(changes).map(([name, value]) =>
    table.json?.includes(name) === true
      ? sql`${sql.identifier(name)} = ${JSON.stringify(value)}::jsonb`
      : sql`${sql.identifier(name)} = ${sql.param(value)}`,
  );
  await tx.execute(
    sql`UPDATE ${nameOf(table)} SET ${list(sets, sql`, `)} WHERE ${isRow(table, row)}`,
  );
  return 1;
}
