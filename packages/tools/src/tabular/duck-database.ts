import type { DuckDBConnection, DuckDBInstance, DuckDBResultReader } from '@duckdb/node-api';
import { toolError } from '../tool-error.ts';
import type { DataFile } from './open-data.ts';
import type { Cell } from './cell.ts';

/** A file as a table of the database. */
export interface DuckTable {
  name: string;
  file: DataFile;
  columns: { name: string; type: string }[];
  rows: number;
}

export interface DuckRows {
  columns: { name: string; type: string }[];
  rows: Cell[][];
  /** True when there are more rows than were asked for. */
  cut: boolean;
}

/** A database in memory with the files given as tables; nothing else of the machine can be reached from it. */
export interface DuckDatabase {
  tables: DuckTable[];
  /** Runs one SELECT. Throws `tools.sql.refused` for anything else, `tools.sql.invalid`, and `tools.sql.stopped` for too much time or memory. */
  select(sql: string, bounds: { rowsMax: number; timeoutMs: number }): Promise<DuckRows>;
  close(): void;
}

const SETTINGS = {
  memory_limit: '256MB',
  threads: '1',
  // Without a place for temporary files a query that is too big fails instead of filling the disk.
  temp_directory: '',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
};
/** Rows of a file that are loaded. */
export const LOAD_ROWS_MAX = 2_000_000;
const LOAD_TIMEOUT_MS = 60_000;
const CELL_CHARS_MAX = 1000;
const CSV_NULLS = ['', 'NA', 'N/A', 'n/a', 'NaN', 'null', 'NULL', 'None', '-'];

function tableName(path: string, used: Set<string>): string {
  const base = path.slice(path.lastIndexOf('/') + 1).replace(/\.[^.]+$/, '');
  const plain =
    base
      .toLowerCase()
      .replaceAll(/[^a-z0-9_]+/g, '_')
      .replaceAll(/^_+|_+$/g, '') || 'data';
  const wanted = /^\d/.test(plain) ? `t_${plain}` : plain;
  let name = wanted;
  for (let number = 2; used.has(name); number++) name = `${wanted}_${number}`;
  used.add(name);
  return name;
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The call that reads a file; the path itself goes in as a parameter. */
function readerOf(file: DataFile): string {
  if (file.format === 'parquet') return 'read_parquet($path)';
  if (file.format === 'json') return 'read_json($path, maximum_object_size = 52428800)';
  if (file.format === 'ndjson') return "read_json($path, format = 'newline_delimited')";
  const nulls = CSV_NULLS.map((text) => `'${text}'`).join(', ');
  const delimiter = file.format === 'tsv' ? ", delim = '\t'" : '';
  return `read_csv($path, sample_size = -1, null_padding = true, strict_mode = false, nullstr = [${nulls}]${delimiter})`;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error))
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 2)
    .join(' ')
    .slice(0, 400);
}

/** Interrupts the connection after a time; the function that ends the watch says whether it had to. */
function watch(connection: DuckDBConnection, timeoutMs: number): () => boolean {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    connection.interrupt();
  }, timeoutMs);
  return () => {
    clearTimeout(timer);
    return late;
  };
}

async function loadTable(
  connection: DuckDBConnection,
  file: DataFile,
  name: string,
): Promise<DuckTable> {
  // Readers take patterns: such a name could stand for other files.
  if (/[*?[\]{}]/.test(file.absolute))
    throw toolError(
      'tools.data.unsupported',
      'invalid-input',
      `"${file.path}" has a character in its path that stands for several files; rename it.`,
    );
  const stop = watch(connection, LOAD_TIMEOUT_MS);
  try {
    await connection.run(
      `CREATE TABLE ${quoteName(name)} AS SELECT * FROM ${readerOf(file)} LIMIT ${LOAD_ROWS_MAX}`,
      { path: file.absolute },
    );
  } catch (error) {
    throw toolError('tools.data.malformed', 'invalid-input', {
      message: `"${file.path}" cannot be loaded as a table: ${firstLine(error)}`,
      cause: error,
    });
  } finally {
    stop();
  }
  const described = await connection.runAndReadAll(`DESCRIBE ${quoteName(name)}`);
  const counted = await connection.runAndReadAll(
    `SELECT count(*)::INTEGER FROM ${quoteName(name)}`,
  );
  return {
    name,
    file,
    columns: described
      .getRowsJson()
      .map(([column, type]) => ({ name: `${column as string}`, type: `${type as string}` })),
    rows: Number(counted.getRowsJson()[0]?.[0] ?? 0),
  };
}

/** A value as JSON has it: whole numbers and decimals as numbers where they fit, times as text, nested ones as JSON text. */
export function toCell(value: unknown, type: string): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    if (/^(?:BIGINT|UBIGINT|HUGEINT|UHUGEINT|INTEGER|DECIMAL)/.test(type)) {
      const number = Number(value);
      return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : value;
    }
    return type.startsWith('TIMESTAMP') ? value.replace(' ', 'T') : value.slice(0, CELL_CHARS_MAX);
  }
  return JSON.stringify(value).slice(0, CELL_CHARS_MAX);
}

function toRows(reader: DuckDBResultReader, rowsMax: number): DuckRows {
  const types = reader.columnTypes().map(String);
  const columns = reader.columnNames().map((name, index) => ({ name, type: types[index] ?? '' }));
  const rows = reader
    .getRowsJson()
    .slice(0, rowsMax)
    .map((row) => row.map((value, index) => toCell(value, types[index] ?? '')));
  return { columns, rows, cut: reader.currentRowCount > rowsMax };
}

async function assertOneSelect(connection: DuckDBConnection, sql: string): Promise<void> {
  const { StatementType } = await import('@duckdb/node-api');
  let kind: number;
  let count: number;
  try {
    const statements = await connection.extractStatements(sql);
    count = statements.count;
    const prepared = await statements.prepare(0);
    kind = prepared.statementType;
    prepared.destroySync();
  } catch (error) {
    throw toolError('tools.sql.invalid', 'invalid-input', {
      message: `The SQL cannot be run: ${firstLine(error)}`,
      cause: error,
    });
  }
  if (count !== 1 || (kind !== StatementType.SELECT && kind !== StatementType.EXPLAIN))
    throw toolError(
      'tools.sql.refused',
      'invalid-input',
      count !== 1
        ? `Give one statement, not ${count}.`
        : `Only SELECT is run, not ${StatementType[kind] ?? 'this'}: files are read and never changed.`,
    );
}

async function select(
  connection: DuckDBConnection,
  sql: string,
  { rowsMax, timeoutMs }: { rowsMax: number; timeoutMs: number },
): Promise<DuckRows> {
  await assertOneSelect(connection, sql);
  const stop = watch(connection, timeoutMs);
  try {
    return toRows(await connection.streamAndReadUntil(sql, rowsMax + 1), rowsMax);
  } catch (error) {
    const message = firstLine(error);
    if (stop())
      throw toolError('tools.sql.stopped', 'timeout', {
        message: `The query took longer than ${timeoutMs} ms and was stopped. Narrow it, or raise "timeout_ms".`,
        cause: error,
      });
    if (message.startsWith('Out of Memory'))
      throw toolError('tools.sql.stopped', 'limit-reached', {
        message: `The query needs more memory than ${SETTINGS.memory_limit} and was stopped. Aggregate earlier or select fewer columns.`,
        cause: error,
      });
    throw toolError('tools.sql.invalid', 'invalid-input', {
      message: `The SQL cannot be run: ${message}`,
      cause: error,
    });
  } finally {
    stop();
  }
}

async function open(
  files: readonly DataFile[],
): Promise<{ instance: DuckDBInstance; connection: DuckDBConnection; tables: DuckTable[] }> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', SETTINGS);
  const connection = await instance.connect();
  try {
    const used = new Set<string>();
    const tables: DuckTable[] = [];
    for (const file of files)
      tables.push(await loadTable(connection, file, tableName(file.path, used)));
    // From here on the database sees its tables and nothing else, and no statement can change that.
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    return { instance, connection, tables };
  } catch (error) {
    connection.closeSync();
    instance.closeSync();
    throw error;
  }
}

/** Loads files into a new database and locks it. Throws `tools.data.*` for files that cannot be loaded. */
export async function openDuckDatabase(files: readonly DataFile[]): Promise<DuckDatabase> {
  const { instance, connection, tables } = await open(files);
  return {
    tables,
    select: (sql, bounds) => select(connection, sql, bounds),
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Streams the rows of a Parquet file. */
export async function* parquetRows(
  file: DataFile,
): AsyncGenerator<{ cells: Map<string, Cell>; line: number }> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  if (/[*?[\]{}]/.test(file.absolute))
    throw toolError(
      'tools.data.unsupported',
      'invalid-input',
      `"${file.path}" has a character in its path that stands for several files; rename it.`,
    );
  const instance = await DuckDBInstance.create(':memory:', SETTINGS);
  const connection = await instance.connect();
  try {
    const result = await connection.stream('SELECT * FROM read_parquet($path)', {
      path: file.absolute,
    });
    const names = result.columnNames();
    const types = result.columnTypes().map(String);
    let line = 0;
    for await (const rows of result.yieldRowsJson())
      for (const row of rows) {
        line += 1;
        yield {
          cells: new Map(
            names.map((name, index) => [name, toCell(row[index], types[index] ?? '')]),
          ),
          line,
        };
      }
  } catch (error) {
    throw toolError('tools.data.malformed', 'invalid-input', {
      message: `"${file.path}" cannot be read as Parquet: ${firstLine(error)}`,
      cause: error,
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
