import { stat } from 'node:fs/promises';
import type { ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { extensionOf } from '../workspace/scan-files.ts';
import { noneSkipped, walkFiles, type Skipped } from '../workspace/walk.ts';

export type DataFormat = 'csv' | 'tsv' | 'json' | 'ndjson' | 'parquet';

export interface DataFile {
  /** Relative to the given folder, or the file's own name. */
  path: string;
  absolute: string;
  size: number;
  format: DataFormat;
}

const FORMATS: Readonly<Record<string, DataFormat>> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.tab': 'tsv',
  '.json': 'json',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.parquet': 'parquet',
  '.pq': 'parquet',
};

export function formatOf(path: string): DataFormat | undefined {
  return FORMATS[extensionOf(path)];
}

/** Where a row stands: files of lines by their line; Parquet has none, so the message must name the row. */
export function placeOf(
  file: Pick<DataFile, 'path' | 'format'>,
  line: number,
): { path: string; line?: number } {
  return file.format === 'parquet'
    ? { path: file.path }
    : { path: file.path, line: Math.max(1, line) };
}

/** Data files below a folder (at most `filesMax`, in path order), or the one file that was named. */
export async function findDataFiles(
  path: string,
  env: ToolEnvironment,
  filesMax: number,
): Promise<{ files: DataFile[]; skipped: Skipped }> {
  const real = await env.roots.resolveInside(path);
  const stats = await stat(real);
  if (!stats.isDirectory()) {
    const name = real.slice(real.lastIndexOf('/') + 1);
    const format = formatOf(name);
    if (format === undefined)
      throw toolError(
        'tools.data.unsupported',
        'invalid-input',
        `"${path}" is not a data file; use .csv, .tsv, .json, .ndjson, .jsonl or .parquet.`,
      );
    return {
      files: [{ path: name, absolute: real, size: stats.size, format }],
      skipped: noneSkipped(),
    };
  }
  const walk = await walkFiles(path, { roots: env.roots, signal: env.signal });
  const files = walk.files.flatMap((file) => {
    const format = formatOf(file.path);
    // Settings of projects are JSON too, but no data.
    return format === undefined ||
      /(?:^|\/)(?:package(?:-lock)?|tsconfig[^/]*|composer)\.json$/.test(file.path)
      ? []
      : [{ path: file.path, absolute: file.absolute, size: file.size, format }];
  });
  if (files.length === 0)
    throw toolError(
      'tools.data.unsupported',
      'not-found',
      `No CSV, TSV, JSON, NDJSON or Parquet file was found under "${path}".`,
    );
  walk.skipped.limit += Math.max(0, files.length - filesMax);
  return { files: files.slice(0, filesMax), skipped: walk.skipped };
}

/** The one data file that `path` names. */
export async function requireDataFile(path: string, env: ToolEnvironment): Promise<DataFile> {
  const { files } = await findDataFiles(path, env, 2);
  const first = files[0];
  if (first === undefined || files.length > 1)
    throw toolError(
      'tools.data.unsupported',
      'invalid-input',
      `"${path}" holds several data files; name one.`,
    );
  return first;
}

/** The data files that a list of files and folders names, each once. */
export async function listDataFiles(
  paths: readonly string[],
  env: ToolEnvironment,
  filesMax: number,
): Promise<DataFile[]> {
  const found = new Map<string, DataFile>();
  for (const path of paths)
    for (const file of (await findDataFiles(path, env, filesMax)).files)
      found.set(file.absolute, file);
  return [...found.values()].slice(0, filesMax);
}
