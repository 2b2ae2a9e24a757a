import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { LOAD_ROWS_MAX, openDuckDatabase, type DuckTable } from './duck-database.ts';
import { listDataFiles } from './open-data.ts';

export const FILES_MAX = 20;

/** Files for tools that look at several together. */
export const dataFilesSchema = z
  .array(z.string().min(1).max(4096))
  .min(1)
  .max(FILES_MAX)
  .describe('Data files (.csv, .tsv, .json, .ndjson, .parquet), or folders with them');

export const tableSchema = z.object({
  table: z.string(),
  path: z.string(),
  rows: z.int(),
  rows_cut: z.boolean(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
});

export function toTable({ name, file, rows, columns }: DuckTable): z.output<typeof tableSchema> {
  return {
    table: name,
    path: file.path,
    rows,
    rows_cut: rows >= LOAD_ROWS_MAX,
    columns: columns.slice(0, 200),
  };
}

const input = z.strictObject({
  sql: z
    .string()
    .min(1)
    .max(20_000)
    .describe('One SELECT (DuckDB dialect); each file is a table named like it without its ending'),
  files: dataFilesSchema,
  rows_max: z.int().min(1).max(1000).default(200),
  timeout_ms: z.int().min(100).max(60_000).default(15_000),
});
const output = z.object({
  tables: z.array(tableSchema),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))),
  rows_cut: z.boolean(),
});

export const sqlQuery = defineTool({
  name: 'sql_query',
  title: 'SQL over files',
  description:
    'Runs one SELECT over data files (CSV, TSV, JSON, NDJSON, Parquet), each of which is a table. Nothing but these files can be reached, and nothing can be written.',
  group: 'data',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 180_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['duckdb', 'select', 'join', 'aggregate', 'parquet'],
  async run(request, env) {
    const files = await listDataFiles(request.files, env, FILES_MAX);
    env.progress(`loading ${files.length} files`);
    const database = await openDuckDatabase(files);
    try {
      const { columns, rows, cut } = await database.select(request.sql, {
        rowsMax: request.rows_max,
        timeoutMs: request.timeout_ms,
      });
      return {
        output: { tables: database.tables.map(toTable), columns, rows, rows_cut: cut },
        summary: `${cut ? `The first ${rows.length}` : rows.length} rows of ${columns.length} columns, from ${database.tables.map((table) => `${table.name} (${table.rows} rows)`).join(', ')}.`,
      };
    } finally {
      database.close();
    }
  },
});
