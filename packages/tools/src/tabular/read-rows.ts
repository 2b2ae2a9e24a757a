import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parse, type Options } from 'csv-parse';
import { toolError } from '../tool-error.ts';
import type { Cell } from './cell.ts';
import { parquetRows } from './duck-database.ts';
import type { DataFile } from './open-data.ts';

export type { Cell };

export interface DataRow {
  cells: ReadonlyMap<string, Cell>;
  /** 1-based line in the file where the row starts; for JSON arrays the index of the element. */
  line: number;
}

const JSON_BYTES_MAX = 50 * 1024 * 1024;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const MISSING = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '-', '\\n', '#n/a']);

/** What a text of a CSV cell means. Numbers with leading zeros stay text: they are codes. */
export function readCell(text: string): Cell {
  const trimmed = text.trim();
  if (MISSING.has(trimmed.toLowerCase())) return null;
  if (NUMBER.test(trimmed) && !/^[+-]?0\d/.test(trimmed)) {
    const value = Number(trimmed);
    if (
      Number.isFinite(value) &&
      (Math.abs(value) <= Number.MAX_SAFE_INTEGER || /[.eE]/.test(trimmed))
    )
      return value;
  }
  if (/^(?:true|false)$/i.test(trimmed)) return trimmed.toLowerCase() === 'true';
  return text;
}

/** The separator that stands most often in the first line, outside of quotes. */
export function guessDelimiter(head: string): string {
  const line = (head.split(/\r?\n/, 1)[0] ?? '').replaceAll(/"[^"]*"/g, '');
  const counts = [',', ';', '\t', '|'].map((delimiter) => ({
    delimiter,
    count: line.split(delimiter).length,
  }));
  return counts.reduce((best, entry) => (entry.count > best.count ? entry : best)).delimiter;
}

async function headOf(path: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path, { end: 65_535 })) chunks.push(chunk as Buffer);
  const head = Buffer.concat(chunks);
  if (head.includes(0))
    throw toolError('tools.file.binary', 'invalid-input', 'The file is binary, not text.');
  return head.toString('utf8').replace(/^\ufeff/, '');
}

function malformed(file: DataFile, why: string, at: { line?: number; cause: unknown }) {
  const where = at.line === undefined ? '' : ` at line ${at.line}`;
  return toolError('tools.data.malformed', 'invalid-input', {
    message: `"${file.path}" cannot be read${where}: ${why}.`,
    cause: at.cause,
    ...(at.line === undefined ? {} : { errors: [{ pointer: '', message: why, line: at.line }] }),
  });
}

async function* csvRows(file: DataFile): AsyncGenerator<DataRow> {
  const head = await headOf(file.absolute);
  const options: Options = {
    delimiter: file.format === 'tsv' ? '\t' : guessDelimiter(head),
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: 1_000_000,
    relax_quotes: true,
  };
  const stream = createReadStream(file.absolute);
  const parser = stream.pipe(parse(options));
  let names: string[] | undefined;
  let lastLine = 0;
  try {
    for await (const item of parser as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      const { record, info } = item;
      // The parser counts lines at the end of a record; a quoted field may hold several.
      const extra = record.reduce(
        (sum, text) => sum + (text.includes('\n') ? text.split('\n').length - 1 : 0),
        0,
      );
      lastLine = info.lines;
      if (names === undefined) {
        names = uniqueNames(record);
        continue;
      }
      const cells = new Map<string, Cell>();
      for (const [index, name] of names.entries()) cells.set(name, readCell(record[index] ?? ''));
      if (record.length > names.length) cells.set('(extra)', record.slice(names.length).join(' '));
      yield { cells, line: Math.max(1, info.lines - extra) };
    }
  } catch (error) {
    throw malformed(file, error instanceof Error ? error.message : 'not valid CSV', {
      line: lastLine + 1,
      cause: error,
    });
  } finally {
    stream.destroy();
  }
}

/** Column names: empty ones get their position, repeated ones a number. */
function uniqueNames(header: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return header.map((raw, index) => {
    const name = raw.trim() || `column_${index + 1}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}_${count}`;
  });
}

function toCells(value: unknown): Map<string, Cell> {
  const cells = new Map<string, Cell>();
  const put = (name: string, item: unknown, depth: number): void => {
    if (item === null || item === undefined) cells.set(name, null);
    else if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean')
      cells.set(name, item);
    else if (!Array.isArray(item) && typeof item === 'object' && depth < 3)
      for (const [key, inner] of Object.entries(item)) put(`${name}.${key}`, inner, depth + 1);
    else cells.set(name, JSON.stringify(item).slice(0, 200));
  };
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    for (const [key, item] of Object.entries(value)) put(key, item, 0);
  else put('value', value, 0);
  return cells;
}

async function* ndjsonRows(file: DataFile): AsyncGenerator<DataRow> {
  const stream = createReadStream(file.absolute, { encoding: 'utf8' });
  let line = 0;
  try {
    for await (const text of createInterface({
      input: stream,
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      line += 1;
      if (text.trim() === '') continue;
      let value: unknown;
      try {
        value = JSON.parse(line === 1 ? text.replace(/^\ufeff/, '') : text);
      } catch (error) {
        throw malformed(file, 'not valid JSON', { line, cause: error });
      }
      yield { cells: toCells(value), line };
    }
  } finally {
    stream.destroy();
  }
}

async function* jsonRows(file: DataFile): AsyncGenerator<DataRow> {
  if (file.size > JSON_BYTES_MAX)
    throw toolError(
      'tools.file.too_large',
      'invalid-input',
      `"${file.path}" is larger than 50 MB; give it as NDJSON, one object per line.`,
    );
  const text = (await readFile(file.absolute, 'utf8')).replace(/^\ufeff/, '');
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw malformed(file, error instanceof Error ? error.message : 'not valid JSON', {
      cause: error,
    });
  }
  // Many exports wrap the rows in one field of an object.
  const wrapped =
    typeof data === 'object' && data !== null && !Array.isArray(data)
      ? Object.values(data).find((value) => Array.isArray(value))
      : undefined;
  const rows = Array.isArray(data) ? data : Array.isArray(wrapped) ? wrapped : [data];
  for (const [index, row] of (rows as unknown[]).entries())
    yield { cells: toCells(row), line: index + 1 };
}

/** Streams the rows of a data file; memory does not grow with its size (JSON arrays are bounded at 50 MB). */
export function readRows(file: DataFile): AsyncGenerator<DataRow> {
  if (file.format === 'parquet') return parquetRows(file);
  if (file.format === 'json') return jsonRows(file);
  return file.format === 'ndjson' ? ndjsonRows(file) : csvRows(file);
}
