import { isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { requireText } from '../workspace/read-text.ts';
import { extensionOf } from '../workspace/scan-files.ts';

/** One record of a file. */
export interface FileRecord {
  value: JsonObject;
  /** 1-based line where it begins; for JSON arrays as well as can be told, else null. */
  line: number | null;
}

export const RECORDS_BYTES_MAX = 20 * 1024 * 1024;
export const RECORDS_MAX = 100_000;

/** Text of a file inside the roots, with its real path. */
export async function openText(
  path: string,
  env: Pick<ToolEnvironment, 'roots'>,
): Promise<{ text: string; real: string }> {
  const real = await env.roots.resolveInside(path);
  return { text: (await requireText(real, path, RECORDS_BYTES_MAX)).replace(/^\ufeff/, ''), real };
}

function malformed(path: string, why: string, line?: number): Error {
  return toolError(
    'tools.data.malformed',
    'invalid-input',
    `"${path}" cannot be read${line === undefined ? '' : ` at line ${line}`}: ${why}.`,
  );
}

/** Parses JSON; throws `tools.data.malformed`. */
export function parseJson(text: string, path: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw malformed(path, error instanceof Error ? error.message : 'not valid JSON');
  }
}

function fromLines(text: string, path: string): FileRecord[] {
  return text.split(/\r?\n/).flatMap((raw, index): FileRecord[] => {
    if (raw.trim() === '') return [];
    let value: unknown;
    try {
      value = JSON.parse(raw);
    } catch {
      throw malformed(path, 'not valid JSON', index + 1);
    }
    if (!isJsonObject(value as JsonValue)) throw malformed(path, 'not a JSON object', index + 1);
    return [{ value: value as JsonObject, line: index + 1 }];
  });
}

/** Lines on which the elements of a top-level array begin, when each begins a line. */
function elementLines(text: string, count: number): (number | null)[] {
  const lines = text.split(/\r?\n/);
  const indent = lines.map((line) => /^(\s*)\{/.exec(line)?.[1]?.length);
  // The brace of a wrapping object stands in the first line.
  const least = indent
    .slice(1)
    .reduce<number>((low, depth) => Math.min(low, depth ?? low), Number.POSITIVE_INFINITY);
  const starts = indent.flatMap((depth, index) =>
    index > 0 && depth === least ? [index + 1] : [],
  );
  return starts.length === count ? starts : Array.from({ length: count }, () => null);
}

function fromJson(text: string, path: string): FileRecord[] {
  const data = parseJson(text, path);
  const wrapped = isJsonObject(data)
    ? Object.values(data as JsonObject).find(
        (value) => Array.isArray(value) && value.some((item) => isJsonObject(item)),
      )
    : undefined;
  const rows = Array.isArray(data) ? data : Array.isArray(wrapped) ? wrapped : [data];
  const objects = rows.filter((row) => isJsonObject(row)) as JsonObject[];
  if (objects.length === 0)
    throw toolError(
      'tools.data.empty',
      'invalid-input',
      `"${path}" holds no records (JSON objects).`,
    );
  const lines =
    Array.isArray(data) || wrapped !== undefined ? elementLines(text, objects.length) : [1];
  return objects.map((value, index) => ({ value, line: lines[index] ?? null }));
}

async function fromCsv(text: string, path: string): Promise<FileRecord[]> {
  const { parse } = await import('csv-parse/sync');
  const { guessDelimiter, readCell } = await import('../tabular/read-rows.ts');
  try {
    const rows = parse(text, {
      delimiter: guessDelimiter(text),
      columns: true,
      info: true,
      skip_empty_lines: true,
      relax_column_count: true,
    }) as unknown as {
      record: Record<string, string>;
      info: { lines: number };
    }[];
    return rows.map(({ record, info }) => ({
      value: Object.fromEntries(
        Object.entries(record).map(([name, cell]) => [name.trim(), readCell(cell)]),
      ),
      line: info.lines,
    }));
  } catch (error) {
    throw malformed(path, error instanceof Error ? error.message : 'not valid CSV');
  }
}

/** Records of a JSON, NDJSON or CSV text, at most {@link RECORDS_MAX}. */
export async function recordsIn(text: string, path: string): Promise<FileRecord[]> {
  const extension = extensionOf(path);
  const records =
    extension === '.csv' || extension === '.tsv'
      ? await fromCsv(text, path)
      : extension === '.ndjson' || extension === '.jsonl'
        ? fromLines(text, path)
        : fromJson(text, path);
  if (records.length > RECORDS_MAX)
    throw toolError(
      'tools.file.too_large',
      'invalid-input',
      `"${path}" holds ${records.length} records, more than the ${RECORDS_MAX} that are read at once; split it.`,
    );
  return records;
}

/** A value as text; objects and lists as JSON. */
export function textOf(value: JsonValue): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Value at a dotted path. */
export function valueAt(record: JsonObject, path: string): JsonValue | undefined {
  if (path in record) return record[path];
  let value: JsonValue | undefined = record;
  for (const part of path.split('.')) {
    if (!isJsonObject(value as JsonValue)) return undefined;
    value = Object.hasOwn(value as JsonObject, part) ? (value as JsonObject)[part] : undefined;
  }
  return value;
}

/** Sets a value at a dotted path; parts in between are made. */
export function setAt(record: JsonObject, path: string, value: JsonValue): void {
  const parts = path.split('.');
  let at = record;
  for (const part of parts.slice(0, -1)) {
    const next = Object.hasOwn(at, part) ? at[part] : undefined;
    const inner = isJsonObject(next as JsonValue) ? (next as JsonObject) : {};
    at[part] = inner;
    at = inner;
  }
  at[parts.at(-1) ?? path] = value;
}
