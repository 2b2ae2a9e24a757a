import { quoteName, type DuckTable } from './duck-database.ts';

/** A query before it was tried. */
export interface QueryDraft {
  title: string;
  sql: string;
}

/** What is known of a column of a table. */
export interface ColumnSketch {
  name: string;
  kind: 'number' | 'time' | 'category' | 'key' | 'text';
  distinct: number;
  missing: number;
}

export interface TableSketch {
  table: DuckTable;
  columns: ColumnSketch[];
}

const CATEGORIES_MAX = 30;
const PER_TABLE_MAX = 8;

export function kindOfColumn(
  { name, type }: { name: string; type: string },
  distinct: number,
  rows: number,
): ColumnSketch['kind'] {
  if (/^(?:DATE|TIMESTAMP)/.test(type)) return 'time';
  const isKey =
    distinct === rows && rows > 1 && /(?:^|_)(?:id|key|uuid|no|number|code)$/i.test(name);
  if (isKey || /(?:^|_)(?:id|uuid|key)$/i.test(name)) return 'key';
  if (/^(?:TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|U|FLOAT|DOUBLE|DECIMAL)/.test(type))
    return 'number';
  return distinct > 1 && distinct <= CATEGORIES_MAX ? 'category' : 'text';
}

/** Counts of distinct and missing values of all columns in one pass. */
export function sketchSql({ name, columns }: DuckTable): string {
  const parts = columns.flatMap((column) => [
    `count(DISTINCT ${quoteName(column.name)})::BIGINT`,
    `count(*) FILTER (WHERE ${quoteName(column.name)} IS NULL)::BIGINT`,
  ]);
  return `SELECT ${parts.join(', ')} FROM ${quoteName(name)}`;
}

/** Questions that the columns of one table suggest. */
export function draftsForTable({ table, columns }: TableSketch): QueryDraft[] {
  const from = quoteName(table.name);
  const of = (kind: ColumnSketch['kind']) => columns.filter((column) => column.kind === kind);
  const [time] = of('time');
  const [number, second] = of('number');
  const [category] = of('category');
  const [key] = of('key');
  const found: QueryDraft[] = [];
  if (category !== undefined && number !== undefined)
    found.push({
      title: `${number.name} by ${category.name}`,
      sql: `SELECT ${quoteName(category.name)}, count(*) AS rows, round(avg(${quoteName(number.name)}), 4) AS mean, median(${quoteName(number.name)}) AS median, sum(${quoteName(number.name)}) AS total\nFROM ${from}\nGROUP BY 1\nORDER BY total DESC NULLS LAST`,
    });
  if (time !== undefined)
    found.push({
      title: `rows${number === undefined ? '' : ` and ${number.name}`} by month`,
      sql: `SELECT date_trunc('month', ${quoteName(time.name)})::DATE AS month, count(*) AS rows${number === undefined ? '' : `, sum(${quoteName(number.name)}) AS total`}\nFROM ${from}\nWHERE ${quoteName(time.name)} IS NOT NULL\nGROUP BY 1\nORDER BY 1`,
    });
  if (number !== undefined)
    found.push({
      title: `largest ${number.name}`,
      sql: `SELECT *\nFROM ${from}\nWHERE ${quoteName(number.name)} IS NOT NULL\nORDER BY ${quoteName(number.name)} DESC\nLIMIT 10`,
    });
  if (number !== undefined && second !== undefined)
    found.push({
      title: `how ${number.name} and ${second.name} go together`,
      sql: `SELECT corr(${quoteName(number.name)}, ${quoteName(second.name)}) AS correlation, regr_slope(${quoteName(second.name)}, ${quoteName(number.name)}) AS slope, regr_count(${quoteName(second.name)}, ${quoteName(number.name)}) AS rows\nFROM ${from}`,
    });
  if (key !== undefined && key.distinct < table.rows - key.missing)
    found.push({
      title: `${key.name} that comes more than once`,
      sql: `SELECT ${quoteName(key.name)}, count(*) AS times\nFROM ${from}\nWHERE ${quoteName(key.name)} IS NOT NULL\nGROUP BY 1\nHAVING count(*) > 1\nORDER BY times DESC`,
    });
  const lacking = columns.filter(({ missing }) => missing > 0).slice(0, 12);
  if (lacking.length > 0)
    found.push({
      title: 'share of missing values',
      sql: `SELECT ${lacking.map(({ name }) => `round(avg((${quoteName(name)} IS NULL)::INTEGER), 4) AS ${quoteName(name)}`).join(', ')}\nFROM ${from}`,
    });
  for (const one of of('category').slice(1, 3))
    found.push({
      title: `rows by ${one.name}`,
      sql: `SELECT ${quoteName(one.name)}, count(*) AS rows, round(100.0 * count(*) / sum(count(*)) OVER (), 2) AS percent\nFROM ${from}\nGROUP BY 1\nORDER BY rows DESC`,
    });
  return found.slice(0, PER_TABLE_MAX);
}

/** A column of one table whose values name rows of another. */
export interface TableLink {
  from: TableSketch;
  to: TableSketch;
  column: string;
}

/** Links by columns of the same name that are unique on one side. */
export function linksOf(tables: readonly TableSketch[]): TableLink[] {
  return tables.flatMap((from) =>
    tables.flatMap((to) =>
      from === to
        ? []
        : to.columns
            .filter(
              ({ name, kind, distinct, missing }) =>
                kind === 'key' &&
                missing === 0 &&
                distinct === to.table.rows &&
                from.columns.some((own) => own.name === name && own.distinct < from.table.rows),
            )
            .map(({ name }) => ({ from, to, column: name })),
    ),
  );
}

/** The rows that name nothing on the other side. */
export function orphanSql({ from, to, column }: TableLink): string {
  const key = quoteName(column);
  return `SELECT a.${key} AS key, count(*) AS rows\nFROM ${quoteName(from.table.name)} a\nLEFT JOIN ${quoteName(to.table.name)} b ON a.${key}::VARCHAR = b.${key}::VARCHAR\nWHERE a.${key} IS NOT NULL AND b.${key} IS NULL\nGROUP BY 1\nORDER BY rows DESC, 1`;
}

export function joinDraft({ from, to, column }: TableLink): QueryDraft {
  const category = to.columns.find(({ kind }) => kind === 'category');
  const number = from.columns.find(({ kind }) => kind === 'number');
  const key = quoteName(column);
  const by = category === undefined ? `b.${key}` : `b.${quoteName(category.name)}`;
  return {
    title: `${from.table.name} by ${category?.name ?? column} of ${to.table.name}`,
    sql: `SELECT ${by}, count(*) AS rows${number === undefined ? '' : `, sum(a.${quoteName(number.name)}) AS total`}\nFROM ${quoteName(from.table.name)} a\nJOIN ${quoteName(to.table.name)} b ON a.${key}::VARCHAR = b.${key}::VARCHAR\nGROUP BY 1\nORDER BY rows DESC`,
  };
}
