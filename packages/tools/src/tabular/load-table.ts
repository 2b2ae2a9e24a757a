import type { ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import type { Cell } from './cell.ts';
import { dateFormatOf } from './column-statistics.ts';
import type { DataFile } from './open-data.ts';
import { readRows } from './read-rows.ts';

/** A column with all its cells in row order. */
export interface LoadedColumn {
  name: string;
  cells: Cell[];
  /** `category`: at most 20 values that come again; `time`: dates in ISO notation; `other`: keys and free text. */
  kind: 'number' | 'category' | 'time' | 'other';
  missing: number;
}

export interface LoadedTable {
  file: DataFile;
  columns: LoadedColumn[];
  lines: number[];
  rows: number;
  cut: boolean;
}

const COLUMNS_MAX = 100;
const CATEGORIES_MAX = 20;

function kindOf(cells: readonly Cell[]): LoadedColumn['kind'] {
  const present = cells.filter((cell) => cell !== null && cell !== '');
  if (present.length === 0) return 'other';
  const numbers = present.filter((cell) => typeof cell === 'number').length;
  if (numbers >= present.length * 0.9) return 'number';
  const dates = present.filter(
    (cell) => typeof cell === 'string' && dateFormatOf(cell) === 'iso',
  ).length;
  if (dates >= present.length * 0.9) return 'time';
  const distinct = new Set(present.map(String)).size;
  return distinct <= CATEGORIES_MAX && distinct * 5 <= present.length ? 'category' : 'other';
}

/** Loads a data file into columns, at most `rowsMax` rows and 100 columns. */
export async function loadTable(
  file: DataFile,
  rowsMax: number,
  env: ToolEnvironment,
): Promise<LoadedTable> {
  const cells = new Map<string, Cell[]>();
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
      let column = cells.get(name);
      if (column === undefined) {
        if (cells.size >= COLUMNS_MAX) continue;
        column = [];
        cells.set(name, column);
      }
      while (column.length < index) column.push(null);
      column.push(cell);
    }
  }
  if (lines.length === 0)
    throw toolError('tools.data.empty', 'invalid-input', `"${file.path}" has no rows.`);
  const columns = [...cells].map(([name, list]): LoadedColumn => {
    while (list.length < lines.length) list.push(null);
    return {
      name,
      cells: list,
      kind: kindOf(list),
      missing: list.filter((cell) => cell === null || cell === '').length,
    };
  });
  return { file, columns, lines, rows: lines.length, cut };
}

/** Pairs of rows in which both columns have a value: a number on the left, text or number on the right. */
export function numbersBy(numbers: LoadedColumn, groups: LoadedColumn): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const [index, cell] of numbers.cells.entries()) {
    const group = groups.cells[index] ?? null;
    if (typeof cell !== 'number' || group === null || group === '') continue;
    const list = found.get(String(group)) ?? [];
    found.set(String(group), list);
    list.push(cell);
  }
  return found;
}

export function numbersOf(column: LoadedColumn): number[] {
  return column.cells.filter((cell) => typeof cell === 'number');
}
