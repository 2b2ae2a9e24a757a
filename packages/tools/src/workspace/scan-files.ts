import { z } from 'zod';
import type { ToolEnvironment } from '../definition.ts';
import { readTextFile, TEXT_BYTES_MAX } from './read-text.ts';
import { walkFiles, type Skipped, type WalkedFile } from './walk.ts';

/** Input fields that every analyser of a folder shares. */
export const scanInputShape = {
  path: z
    .string()
    .min(1)
    .max(4096)
    .default('.')
    .describe('Folder (or single file) to look at: absolute, or relative to an allowed root'),
  include: z
    .array(z.string().min(1).max(512))
    .max(50)
    .optional()
    .describe('Only paths that match one of these globs'),
  exclude: z
    .array(z.string().min(1).max(512))
    .max(50)
    .optional()
    .describe('Not paths that match one of these globs'),
};
export interface ScanInput {
  path: string;
  include?: string[] | undefined;
  exclude?: string[] | undefined;
}

/** A text file in the hands of an analyser. */
export interface TextFile extends WalkedFile {
  text: string;
}

export interface ScanOptions {
  /** Files to open at all; the others are not counted as skipped. */
  wants?: (file: WalkedFile) => boolean;
  bytesMax?: number;
  /** Leaves out files that programs wrote: lock files, minified or marked as generated. */
  skipGenerated?: boolean;
}

export interface ScanResult {
  folder: string;
  /** All files of the walk, opened or not. */
  listed: WalkedFile[];
  scanned: number;
  skipped: Skipped;
}

/** Extension in lower case with its dot, or an empty string. */
export function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot).toLowerCase();
}

const GENERATED_NAMES =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|poetry\.lock|Cargo\.lock|composer\.lock|go\.sum|[^/]+\.min\.(?:js|css|mjs)|[^/]+\.map|[^/]+\.snap)$/;
const GENERATED_MARK = /@generated\b|\bDO NOT EDIT\b|auto-?generated (?:file|by|code)/i;

/** True for files that a program wrote, by name, mark in the first lines, or lines no person would write. */
export function isGenerated(path: string, text: string): boolean {
  if (GENERATED_NAMES.test(path)) return true;
  if (GENERATED_MARK.test(text.slice(0, 500))) return true;
  const lines = text.split('\n', 2001).length;
  return text.length > 20_000 && text.length / lines > 400;
}

/** Calls `onFile` for each text file in path order and reports what was left out. Progress is told every 200 files. */
export async function scanTextFiles(
  input: ScanInput,
  env: ToolEnvironment,
  work: ScanOptions & { onFile: (file: TextFile) => void | Promise<void> },
): Promise<ScanResult> {
  const walk = await walkFiles(input.path, {
    roots: env.roots,
    signal: env.signal,
    include: input.include,
    exclude: input.exclude,
  });
  const wanted = work.wants === undefined ? walk.files : walk.files.filter(work.wants);
  let scanned = 0;
  for (const [index, file] of wanted.entries()) {
    env.signal.throwIfAborted();
    if (index % 200 === 0 && index > 0)
      env.progress(`${index} of ${wanted.length} files`, index / wanted.length);
    const read = await readTextFile(file.absolute, work.bytesMax ?? TEXT_BYTES_MAX);
    if (read.kind !== 'text') {
      walk.skipped[read.kind] += 1;
      continue;
    }
    if (work.skipGenerated === true && isGenerated(file.path, read.text)) {
      walk.skipped.generated += 1;
      continue;
    }
    scanned += 1;
    await work.onFile({ ...file, text: read.text });
  }
  return { folder: walk.folder, listed: walk.files, scanned, skipped: walk.skipped };
}

/** Words for a summary about what was left out; empty when nothing was. */
export function describeSkipped(skipped: Skipped): string {
  const parts = Object.entries(skipped)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${count} ${reason.replaceAll('_', ' ')}`);
  return parts.length === 0 ? '' : ` Not looked at: ${parts.join(', ')}.`;
}

/** Finds 1-based lines for offsets of one text. */
export function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}
