import type { Database } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { Markers } from './markers.fixture.ts';

/** Tables that a made-up row would break, with the reason. */
const LEFT_EMPTY: Readonly<Record<string, string>> = {
  outbox: 'the dispatcher would take the row',
  audit_pending: 'the audit log would take the row into its chain',
  run_places: 'the sweep gives back places that no call holds',
  audit_log: 'is written by the product, and takes no made-up rows',
};

interface Column {
  name: string;
  type: string;
  /** Has no value of its own. */
  needed: boolean;
}

interface Table {
  name: string;
  columns: Column[];
  /** Values that a check allows, by column. */
  allowed: Map<string, string>;
  /** Column → table and column that it points at. */
  points: Map<string, { table: string; column: string }>;
}

/** Every table with a column `workspace_id`, as the database itself tells. */
export async function tablesOfWorkspaces(database: Database): Promise<string[]> {
  const { rows } = await database.pool.query<{ name: string }>(
    `SELECT c.table_name AS name FROM information_schema.columns c
     JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema = 'public' AND c.column_name = 'workspace_id' AND t.table_type = 'BASE TABLE' ORDER BY 1`,
  );
  return rows.map((row) => row.name);
}

/**
 * Gives a workspace one row in every table that has none of it yet, made from what the catalogue says of the table; texts
 * are markers. Throws for a table that it cannot fill. Returns the tables that were filled.
 */
export async function fillTables(
  database: Database,
  workspaceId: string,
  markers: Markers,
): Promise<string[]> {
  const filled: string[] = [];
  let waiting = (await tablesOfWorkspaces(database)).filter((name) => !(name in LEFT_EMPTY));
  while (waiting.length > 0) {
    const later: { name: string; reason: string }[] = [];
    for (const name of waiting) {
      if (await hasRow(database, name, workspaceId)) continue;
      const reason = await fill(database, await describe(database, name), { workspaceId, markers });
      if (reason === null) filled.push(name);
      else later.push({ name, reason });
    }
    if (later.length === waiting.length) {
      const told = later.map(({ name, reason }) => `${name} (${reason})`).join('; ');
      throw new Error(`teach the fixture to fill the tables ${told}`);
    }
    waiting = later.map(({ name }) => name);
  }
  return filled;
}

async function hasRow(database: Database, name: string, workspaceId: string): Promise<boolean> {
  const { rowCount } = await database.pool.query(
    `SELECT 1 FROM "${name}" WHERE workspace_id = $1 LIMIT 1`,
    [workspaceId],
  );
  return (rowCount ?? 0) > 0;
}

async function describe(database: Database, name: string): Promise<Table> {
  const columns = await database.pool.query<Column>(
    `SELECT column_name AS name, udt_name AS type,
       is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' AND is_generated = 'NEVER' AS needed
     FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1`,
    [name],
  );
  const checks = await database.pool.query<{ definition: string }>(
    `SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE contype = 'c' AND conrelid = $1::regclass`,
    [name],
  );
  const keys = await database.pool.query<{ column: string; table: string; target: string }>(
    `SELECT a.attname AS column, k.confrelid::regclass::text AS table, f.attname AS target FROM pg_constraint k
     CROSS JOIN LATERAL unnest(k.conkey, k.confkey) AS pair (own, theirs)
     JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.own
     JOIN pg_attribute f ON f.attrelid = k.confrelid AND f.attnum = pair.theirs
     WHERE k.contype = 'f' AND k.conrelid = $1::regclass AND a.attname <> 'workspace_id'`,
    [name],
  );
  return {
    name,
    columns: columns.rows,
    allowed: new Map(
      checks.rows.flatMap(({ definition }) => {
        const match =
          /\(\((\w+) = ANY \(ARRAY\['([^']+)'/.exec(definition) ??
          /\((\w+) >= (\d+)\) AND \(\1 <= \d+\)/.exec(definition);
        return match === null ? [] : [[match[1] ?? '', match[2] ?? ''] as const];
      }),
    ),
    points: new Map(
      keys.rows.map(({ column, table, target }) => [column, { table, column: target }]),
    ),
  };
}

/** Null when the row is in, else why not. */
async function fill(
  database: Database,
  table: Table,
  of: { workspaceId: string; markers: Markers },
): Promise<string | null> {
  const values: [string, unknown][] = [];
  for (const column of table.columns) {
    const isId = column.name === 'workspace_id' || column.name.endsWith('_id');
    const isText = column.type === 'text';
    // Texts that may be absent are given too: what is there can leak.
    if (!column.needed && !isId && !(isText && !table.allowed.has(column.name))) continue;
    const value = await valueFor(database, { table, column, ...of });
    if (value === undefined && column.needed) return `nothing for its column ${column.name}`;
    if (value !== undefined) values.push([column.name, value]);
  }
  const names = values.map(([name]) => `"${name}"`).join(', ');
  const places = values.map((_value, index) => `$${index + 1}`).join(', ');
  try {
    await database.pool.query(
      `INSERT INTO "${table.name}" (${names}) VALUES (${places})`,
      values.map(([, value]) => value),
    );
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

async function valueFor(
  database: Database,
  of: { table: Table; column: Column; workspaceId: string; markers: Markers },
): Promise<unknown> {
  const { table, column, workspaceId, markers } = of;
  if (column.name === 'workspace_id') return workspaceId;
  const target = table.points.get(column.name);
  if (target !== undefined) return pointedAt(database, target, workspaceId);
  const allowed = table.allowed.get(column.name);
  if (allowed !== undefined) return allowed;
  const made: Record<string, () => unknown> = {
    uuid: newId,
    text: markers.mark,
    varchar: markers.mark,
    jsonb: () => JSON.stringify({ marker: markers.mark() }),
    bytea: () => Buffer.from(markers.mark()),
    _text: () => [markers.mark()],
    bool: () => false,
    timestamptz: () => new Date(),
    date: () => new Date(),
    vector: () => '[0.5,0.5]',
    inet: () => '192.0.2.7',
  };
  const number = () =>
    // Ascending, as bounds of one row usually have to be.
    /^(?:int|float|numeric)/.test(column.type) ? table.columns.indexOf(column) + 1 : undefined;
  return (made[column.type] ?? number)();
}

async function pointedAt(
  database: Database,
  { table, column }: { table: string; column: string },
  workspaceId: string,
): Promise<unknown> {
  const { rows: own } = await database.pool.query<{ n: number }>(
    `SELECT 1 AS n FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1 AND column_name = 'workspace_id'`,
    [table],
  );
  const scope = own.length > 0 ? 'WHERE workspace_id = $1' : '';
  const { rows } = await database.pool.query<{ value: unknown }>(
    `SELECT "${column}" AS value FROM "${table}" ${scope} LIMIT 1`,
    own.length > 0 ? [workspaceId] : [],
  );
  return rows[0]?.value;
}

/** Ids of the rows that a parameter such as `block_id` may name: those of every table that is called after its noun. */
export async function idsNamed(
  database: Database,
  parameter: string,
  workspaceId: string,
): Promise<string[]> {
  const noun = parameter.replace(/_id$/, '');
  const plural = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  const tables = (await tablesOfWorkspaces(database)).filter(
    (name) => name === plural || name.endsWith(`_${plural}`),
  );
  const found = await Promise.all(
    tables.map(async (name) => {
      const { rows } = await database.pool.query<{ row: { id?: string } }>(
        `SELECT to_jsonb(t) AS row FROM "${name}" t WHERE workspace_id = $1`,
        [workspaceId],
      );
      return rows.flatMap(({ row }) => (row.id === undefined ? [] : [row.id]));
    }),
  );
  return found.flat();
}

/** Ids of all rows of a workspace, in whichever column. */
export async function idsOfWorkspace(
  database: Database,
  workspaceId: string,
): Promise<Set<string>> {
  const { rows: columns } = await database.pool.query<{ table: string; column: string }>(
    `SELECT c.table_name AS table, c.column_name AS column FROM information_schema.columns c
     JOIN information_schema.columns w ON w.table_schema = c.table_schema AND w.table_name = c.table_name AND w.column_name = 'workspace_id'
     JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
     WHERE c.table_schema = 'public' AND c.udt_name = 'uuid'`,
  );
  const parts = columns.map(
    ({ table, column }) =>
      `SELECT "${column}"::text AS id FROM "${table}" WHERE workspace_id = $1 AND "${column}" IS NOT NULL`,
  );
  const { rows } = await database.pool.query<{ id: string }>(parts.join(' UNION '), [workspaceId]);
  return new Set(rows.map((row) => row.id));
}

/** Of what others may add to a workspace without being in it. */
const MAY_GROW: Readonly<Record<string, string>> = {
  audit_log: 'who tries to sign in as one of its people stands there',
  audit_pending: 'before that',
  threat_counts: 'requests of its own are counted there a while after they came',
  threat_assessments: 'and those that were judged are written',
  trigger_deliveries: 'what somebody sends to a webhook and is refused is noted there',
  provider_stats: 'how models answered its own runs is written some time after them',
  tool_records: 'what tools of its own runs took is written some time after them',
};

/** A fingerprint of all rows of a workspace by table: what changes one of them changes it. */
export async function fingerprint(
  database: Database,
  workspaceId: string,
): Promise<Record<string, string>> {
  const tables = (await tablesOfWorkspaces(database)).filter((name) => !(name in MAY_GROW));
  const parts = tables.map(
    (name) =>
      `SELECT '${name}' AS name, count(*) || ' rows ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS hash FROM "${name}" t WHERE workspace_id = $1`,
  );
  const { rows } = await database.pool.query<{ name: string; hash: string }>(
    parts.join(' UNION ALL '),
    [workspaceId],
  );
  return Object.fromEntries(rows.map((row) => [row.name, row.hash]));
}
