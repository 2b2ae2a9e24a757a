import { assertGitSucceeded, runGit } from './git.ts';
import { requireCommit } from './revision.ts';

export interface DiffLine {
  kind: 'added' | 'removed' | 'same';
  text: string;
  /** Line in the new file; for removed ones the line that now stands there. */
  line: number;
}

export interface DiffFile {
  path: string;
  /** Path before, for renamed files. */
  oldPath: string;
  status: 'added' | 'deleted' | 'modified' | 'renamed';
  binary: boolean;
  added: number;
  deleted: number;
  /** Changed places, each with the lines around it. */
  hunks: DiffLine[][];
}

export interface Diff {
  /** Hash of the commit that changes are counted from: where the two went apart. */
  from: string;
  to: string;
  files: DiffFile[];
  patch: string;
  /** True when the difference was too long to read whole. */
  truncated: boolean;
}

const PATCH_BYTES_MAX = 20 * 1024 * 1024;

function unquote(path: string): string {
  const plain = path.startsWith('"') ? (JSON.parse(path) as string) : path;
  return plain.replace(/^[ab]\//, '');
}

function parseHunk(rows: readonly string[], start: number): DiffLine[] {
  let line = start;
  return rows.flatMap((row): DiffLine[] => {
    const text = row.slice(1);
    if (row.startsWith('+')) return [{ kind: 'added', text, line: line++ }];
    if (row.startsWith('-')) return [{ kind: 'removed', text, line: Math.max(1, line) }];
    return row.startsWith(' ') ? [{ kind: 'same', text, line: line++ }] : [];
  });
}

function parseFile(part: string): DiffFile | undefined {
  const rows = part.split('\n');
  const firstHunk = rows.findIndex((row) => row.startsWith('@@'));
  const head = firstHunk === -1 ? rows : rows.slice(0, firstHunk);
  const value = (prefix: string) =>
    head.find((row) => row.startsWith(prefix))?.slice(prefix.length);
  const named = /^(?:"a\/(?:[^"\\]|\\.)*"|a\/.*?) (?:"(b\/(?:[^"\\]|\\.)*)"|b\/(.*))$/.exec(
    rows[0] ?? '',
  );
  const path = value('rename to ') ?? value('+++ b/') ?? named?.[2] ?? named?.[1];
  if (path === undefined) return undefined;
  const shown = unquote(path.replace(/\t$/, ''));
  const hunks: DiffLine[][] = [];
  let current: { start: number; rows: string[] } | undefined;
  const close = () => {
    if (current !== undefined) hunks.push(parseHunk(current.rows, current.start));
  };
  for (const row of firstHunk === -1 ? [] : rows.slice(firstHunk)) {
    const start = /^@@ -\d+(?:,\d+)? \+(\d+)/.exec(row)?.[1];
    if (start !== undefined) {
      close();
      current = { start: Number(start), rows: [] };
    } else current?.rows.push(row);
  }
  close();
  const count = (kind: DiffLine['kind']) => hunks.flat().filter((one) => one.kind === kind).length;
  return {
    path: shown,
    oldPath: unquote(value('rename from ') ?? shown),
    status: head.some((row) => row.startsWith('new file'))
      ? 'added'
      : head.some((row) => row.startsWith('deleted file'))
        ? 'deleted'
        : value('rename to ') === undefined
          ? 'modified'
          : 'renamed',
    binary: head.some((row) => row.startsWith('Binary files')),
    added: count('added'),
    deleted: count('removed'),
    hunks,
  };
}

/**
 * What `head` changed since it went apart from `base`, in the folder. Throws `tools.git.revision_not_found`. Files of whatever kind
 * are listed; only the texts of the first 20 MB are read.
 */
export async function readDiff(
  folder: string,
  { base, head }: { base: string; head: string },
  signal: AbortSignal,
): Promise<Diff> {
  const [left, to] = await Promise.all([
    requireCommit(folder, { name: base, field: 'base' }, signal),
    requireCommit(folder, { name: head, field: 'head' }, signal),
  ]);
  const common = await runGit(folder, ['merge-base', left, to], { signal });
  // Histories that have nothing in common are compared as they stand.
  const from = common.exitCode === 0 ? common.stdout.trim() : left;
  const result = await runGit(
    folder,
    [
      'diff',
      '--no-ext-diff',
      '--no-textconv',
      '--no-color',
      '--find-renames',
      '--relative',
      '--src-prefix=a/',
      '--dst-prefix=b/',
      '--unified=3',
      from,
      to,
      '--',
      '.',
    ],
    { signal, stdoutBytesMax: PATCH_BYTES_MAX },
  );
  assertGitSucceeded(result, 'compare the two commits');
  const files = result.stdout
    .split(/^diff --git /m)
    .slice(1)
    .flatMap((part) => parseFile(part) ?? []);
  return { from, to, files, patch: result.stdout, truncated: result.truncated };
}

/** Text of a file as it stood in a commit; undefined when it was not there. */
export async function readFileAt(
  folder: string,
  { commit, path }: { commit: string; path: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  const shown = await runGit(folder, ['show', `${commit}:./${path}`], {
    signal,
    stdoutBytesMax: 32 * 1024 * 1024,
  });
  return shown.exitCode === 0 && !shown.truncated ? shown.stdout : undefined;
}
