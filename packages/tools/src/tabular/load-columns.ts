import type { ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import type { DataFile } from './open-data.ts';
import { readRows } from './read-rows.ts';

/** Numeric columns of a file, row by row; what is no number there is NaN. */
export interface NumericTable {
  /** Only columns in which at least half of the values present are numbers. */
  columns: Map<string, Float64Array>;
  lines: number[];
  rows: number;
  cut: boolean;
}

const COLUMNS_MAX = 200;

/** Loads numeric columns into memory, at most `rowsMax` rows and 200 columns. */
export async function loadNumericColumns(
  file: DataFile,
  rowsMax: number,
  env: ToolEnvironment,
): Promise<NumericTable> {
  const values = new Map<string, { numbers: number[]; present: number; numeric: number }>();
  const lines: number[] = [];
  let cut = false;
  for await (const row of readRows(file)) {
    if (lines.length >= rowsMax) {
      cut = true;
      break;
    }
    const index = lines.length;
    lines.push(row.line);
    if (index % 50_000 === 49_999) env.progress(`${file.path}: ${index + 1} rows`);
    for (const [name, cell] of row.cells) {
      let column = values.get(name);
      if (column === undefined) {
        if (values.size >= COLUMNS_MAX) continue;
        column = { numbers: [], present: 0, numeric: 0 };
        values.set(name, column);
      }
      while (column.numbers.length < index) column.numbers.push(Number.NaN);
      column.numbers.push(typeof cell === 'number' ? cell : Number.NaN);
      if (cell !== null && cell !== '') column.present += 1;
      if (typeof cell === 'number') column.numeric += 1;
    }
  }
  if (lines.length === 0)
    throw toolError('tools.data.empty', 'invalid-input', `"${file.path}" has no rows.`);
  const columns = new Map<string, Float64Array>();
  for (const [name, column] of values) {
    if (column.numeric < 2 || column.numeric * 2 < column.present) continue;
    const array = new Float64Array(lines.length).fill(Number.NaN);
    array.set(column.numbers);
    columns.set(name, array);
  }
  return { columns, lines, rows: lines.length, cut };
}

/** The wanted columns, or all; throws with the names that exist. */
export function chooseColumns(
  table: NumericTable,
  wanted: readonly string[] | undefined,
): [string, Float64Array][] {
  if (wanted === undefined || wanted.length === 0) return [...table.columns];
  return wanted.map((name) => {
    const column = table.columns.get(name);
    if (column === undefined) {
      throw toolError(
        'tools.data.column_not_found',
        'invalid-input',
        `No numeric column "${name}"; there are: ${[...table.columns.keys()].slice(0, 50).join(', ') || 'none'}.`,
      );
    }
    return [name, column];
  });
}
