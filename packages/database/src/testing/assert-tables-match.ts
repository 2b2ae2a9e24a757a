import { getTableConfig, type PgColumn, type PgTable } from 'drizzle-orm/pg-core';
import type { Database } from '../database.ts';

interface LiveColumn {
  name: string;
  type: string;
  not_null: boolean;
  has_default: boolean;
}

/** Types that drizzle and the catalogue spell in different ways. */
const SPELLINGS: Record<string, string> = {
  'timestamp with time zone': 'timestamptz',
  'timestamp without time zone': 'timestamp',
  'character varying': 'varchar',
  'double precision': 'float8',
  bigserial: 'bigint',
  serial: 'integer',
};

function canonicalType(type: string): string {
  const spaced = type.toLowerCase().replace(/\s*([(),])\s*/g, '$1');
  const precision = /\((\d+)\)(?= with| without)/.exec(spaced)?.[0] ?? '';
  const plain = spaced.replace(precision, '');
  for (const [long, short] of Object.entries(SPELLINGS)) {
    if (plain === long || plain.startsWith(`${long}(`) || plain.startsWith(`${long}[`))
      return plain.replace(long, short) + precision;
  }
  return plain;
}

/** Fails unless each drizzle table has exactly the columns, types and NOT NULLs of the live schema, and is not missing a default. */
export async function assertTablesMatch(
  database: Pick<Database, 'pool'>,
  tables: readonly PgTable[],
): Promise<void> {
  const problems: string[] = [];
  for (const table of tables) {
    const { name, schema, columns } = getTableConfig(table);
    const { rows } = await database.pool.query<LiveColumn>(
      `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS not_null,
              (a.atthasdef OR a.attidentity <> '') AS has_default
       FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped`,
      [schema ?? 'public', name],
    );
    if (rows.length === 0) problems.push(`table ${name} does not exist`);
    const live = new Map(rows.map((row) => [row.name, row]));
    for (const column of columns) {
      const found = live.get(column.name);
      live.delete(column.name);
      if (rows.length === 0) continue;
      if (!found) problems.push(`${name}.${column.name} is not in the database`);
      else problems.push(...compare(`${name}.${column.name}`, found, describeColumn(column)));
    }
    for (const missing of live.keys())
      problems.push(`${name}.${missing} is not in the table object`);
  }
  if (problems.length > 0)
    throw new Error(`table objects and database differ:\n- ${problems.join('\n- ')}`);
}

interface ObjectColumn {
  type: string;
  notNull: boolean;
  /** The object counts on a default of the database. */
  hasDefault: boolean;
  /** A default made by the program before the insert. */
  hasProgramDefault: boolean;
}

function describeColumn(column: PgColumn): ObjectColumn {
  return {
    type: column.getSQLType(),
    notNull: column.notNull,
    hasDefault:
      column.default !== undefined ||
      column.generated !== undefined ||
      column.generatedIdentity !== undefined,
    hasProgramDefault: column.defaultFn !== undefined,
  };
}

function compare(label: string, live: LiveColumn, object: ObjectColumn): string[] {
  const problems: string[] = [];
  const [liveType, objectType] = [canonicalType(live.type), canonicalType(object.type)];
  if (liveType !== objectType)
    problems.push(`${label} is ${liveType} in the database, ${objectType} in the table object`);
  if (live.not_null !== object.notNull)
    problems.push(
      `${label} is ${live.not_null ? 'NOT NULL' : 'nullable'} in the database, the table object says otherwise`,
    );
  if (object.notNull && live.has_default && !object.hasDefault && !object.hasProgramDefault)
    problems.push(`${label} has a default in the database only`);
  if (object.notNull && !live.has_default && object.hasDefault)
    problems.push(`${label} has a default in the table object only`);
  return problems;
}
