import { createHash } from 'node:crypto';
import { z } from 'zod';
import { defineTool, type ToolEnvironment } from '../definition.ts';
import { skippedSchema } from '../workspace/walk.ts';
import { createColumnCollector, type ColumnCollector } from './column-statistics.ts';
import { findDataFiles, type DataFile } from './open-data.ts';
import { readRows, type Cell, type DataRow } from './read-rows.ts';

const FILES_MAX = 20;
const COLUMNS_MAX = 500;
const ROW_KEYS_MAX = 1_000_000;

export const dataPathSchema = z
  .string()
  .min(1)
  .max(4096)
  .describe(
    'Data file (.csv, .tsv, .json, .ndjson, .parquet): absolute, or relative to an allowed root',
  );
const input = z.strictObject({
  path: z.string().min(1).max(4096).describe('Data file, or folder with data files'),
  rows_max: z.int().min(1).max(10_000_000).default(2_000_000),
});
const numbers = z.object({
  min: z.number(),
  max: z.number(),
  mean: z.number(),
  stddev: z.number(),
  p25: z.number(),
  median: z.number(),
  p75: z.number(),
  p95: z.number(),
});
const column = z.object({
  name: z.string(),
  type: z.string(),
  count: z.int(),
  missing: z.int(),
  distinct: z.int(),
  distinct_exact: z.boolean(),
  types: z.record(z.string(), z.int()),
  numbers: numbers.nullable(),
  numbers_sampled: z.boolean(),
  text_length: z.object({ min: z.int(), max: z.int() }).nullable(),
  date_range: z.object({ first: z.string(), last: z.string() }).nullable(),
  date_formats: z.record(z.string(), z.int()),
  top: z.array(z.object({ value: z.string(), count: z.int() })),
});
const profile = z.object({
  path: z.string(),
  format: z.string(),
  size_bytes: z.int(),
  rows: z.int(),
  rows_cut: z.boolean(),
  columns: z.array(column),
  columns_left_out: z.int(),
  duplicate_rows: z.int().nullable(),
});
const output = z.object({ files: z.array(profile), skipped: skippedSchema });

/** Collectors by column name; columns beyond the limit are counted only. */
function createColumnSet() {
  const columns = new Map<string, ColumnCollector>();
  const leftOut = new Set<string>();
  return {
    add(name: string, cell: Cell) {
      let collector = columns.get(name);
      if (collector === undefined && columns.size < COLUMNS_MAX) {
        collector = createColumnCollector();
        columns.set(name, collector);
      }
      if (collector !== undefined) collector.add(cell);
      else if (leftOut.size < 10_000) leftOut.add(name);
    },
    profiles: (rows: number) =>
      [...columns].map(([name, collector]) => {
        const result = collector.profile();
        // A column that rows of JSON leave out is missing there.
        return { name, ...result, missing: result.missing + (rows - result.count), count: rows };
      }),
    leftOut: () => leftOut.size,
  };
}

/** Counts rows that were there before; a hash of each keeps a million of them in some tens of MB. */
function createDuplicateCount() {
  const seen = new Set<string>();
  let duplicates = 0;
  return {
    add(row: DataRow) {
      if (seen.size >= ROW_KEYS_MAX) return;
      const text = JSON.stringify([...row.cells]);
      const key = createHash('sha256').update(text).digest('base64').slice(0, 16);
      if (seen.has(key)) duplicates += 1;
      else seen.add(key);
    },
    count: () => (seen.size >= ROW_KEYS_MAX ? null : duplicates),
  };
}

async function profileFile(
  file: DataFile,
  rowsMax: number,
  env: ToolEnvironment,
): Promise<z.output<typeof profile>> {
  const columns = createColumnSet();
  const repeated = createDuplicateCount();
  let rows = 0;
  let cut = false;
  for await (const row of readRows(file)) {
    if (rows >= rowsMax) {
      cut = true;
      break;
    }
    rows += 1;
    if (rows % 50_000 === 0) env.progress(`${file.path}: ${rows} rows`);
    for (const [name, cell] of row.cells) columns.add(name, cell);
    repeated.add(row);
  }
  return {
    path: file.path,
    format: file.format,
    size_bytes: file.size,
    rows,
    rows_cut: cut,
    columns: columns.profiles(rows),
    columns_left_out: columns.leftOut(),
    duplicate_rows: repeated.count(),
  };
}

export const dataProfile = defineTool({
  name: 'data_profile',
  title: 'Profile data',
  description:
    'Reads CSV, TSV, JSON, NDJSON or Parquet as a stream and gives for each column: type, missing and distinct values, range, quantiles, spread and most frequent values; counts duplicate rows.',
  group: 'data',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 300_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['csv', 'statistics', 'columns', 'dataset', 'summary'],
  async run(request, env) {
    const { files, skipped } = await findDataFiles(request.path, env, FILES_MAX);
    const profiles: z.output<typeof profile>[] = [];
    for (const file of files) profiles.push(await profileFile(file, request.rows_max, env));
    const rows = profiles.reduce((sum, entry) => sum + entry.rows, 0);
    const cut = profiles.filter((entry) => entry.rows_cut).length;
    return {
      output: { files: profiles, skipped },
      summary: `${files.length} data files, ${rows} rows, ${profiles.reduce((sum, entry) => sum + entry.columns.length, 0)} columns${cut > 0 ? `; ${cut} files were read only up to ${request.rows_max} rows` : ''}.`,
    };
  },
});
