import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import picomatch from 'picomatch';
import { z } from 'zod';
import { findRepository, runGit } from '../git/git.ts';
import { toolError } from '../tool-error.ts';
import type { WorkspaceRoots } from './roots.ts';

/** What was not looked at, by reason; every analyser reports it, so that nobody takes silence for health. */
export const skippedSchema = z.object({
  binary: z.int(),
  too_large: z.int(),
  unreadable: z.int(),
  symlink: z.int(),
  generated: z.int(),
  limit: z.int().describe('files beyond the file limit, at least'),
});
export type Skipped = z.infer<typeof skippedSchema>;

export function noneSkipped(): Skipped {
  return { binary: 0, too_large: 0, unreadable: 0, symlink: 0, generated: 0, limit: 0 };
}

export interface WalkedFile {
  /** Relative to the walked folder, `/` separated. */
  path: string;
  absolute: string;
  size: number;
  modifiedMs: number;
}

export interface Walk {
  /** Real absolute folder that paths are relative to. */
  folder: string;
  /** Sorted by path. */
  files: WalkedFile[];
  skipped: Skipped;
  /** Whether git's ignore rules or the built-in list of ignored folders chose the files. */
  ignoreRules: 'git' | 'built_in' | 'single_file';
}

export interface WalkOptions {
  roots: WorkspaceRoots;
  signal: AbortSignal;
  filesMax?: number;
  include?: readonly string[] | undefined;
  exclude?: readonly string[] | undefined;
}

export const FILES_MAX = 20_000;

/** Folders that hold what others made; only used where git's own ignore rules are not available. */
const IGNORED_FOLDERS = new Set([
  'node_modules',
  '.git',
  '.hg',
  '.svn',
  'dist',
  'build',
  'out',
  'target',
  'vendor',
  'coverage',
  '.next',
  '.nuxt',
  '.cache',
  '.venv',
  'venv',
  '__pycache__',
  '.tox',
  '.mypy_cache',
  '.pytest_cache',
  '.idea',
  '.gradle',
  '.terraform',
]);

/** Compares by code unit, so that order does not depend on the machine's language. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Makes a predicate from globs; `undefined` or empty include means everything. Throws `tools.pattern.invalid`. */
export function pathFilter(
  include: readonly string[] | undefined,
  exclude: readonly string[] | undefined,
): (path: string) => boolean {
  const compile = (globs: readonly string[]) => {
    try {
      return picomatch([...globs], { dot: true, basename: false, maxLength: 1024 });
    } catch (error) {
      throw toolError('tools.pattern.invalid', 'invalid-input', {
        message: `Not a valid glob: ${globs.join(', ')}.`,
        cause: error,
      });
    }
  };
  const wanted = include === undefined || include.length === 0 ? () => true : compile(include);
  const unwanted = exclude === undefined || exclude.length === 0 ? () => false : compile(exclude);
  return (path) => wanted(path) && !unwanted(path);
}

async function statOf(path: string): Promise<Stats | 'missing' | 'unreadable'> {
  try {
    return await lstat(path);
  } catch (error) {
    // Git also lists files that were deleted but not committed: these are not there, rather than unreadable.
    return error instanceof Error && 'code' in error && error.code === 'ENOENT'
      ? 'missing'
      : 'unreadable';
  }
}

interface Collector {
  walk: Walk;
  options: WalkOptions;
  accepts: (path: string) => boolean;
  filesMax: number;
}

/** Adds one candidate after looking at it; links and special files are never opened. */
async function collect(collector: Collector, path: string): Promise<void> {
  const { walk, filesMax } = collector;
  if (!collector.accepts(path)) return;
  if (walk.files.length >= filesMax) {
    walk.skipped.limit += 1;
    return;
  }
  const absolute = join(walk.folder, path);
  const stats = await statOf(absolute);
  if (stats === 'missing') return;
  if (stats === 'unreadable') walk.skipped.unreadable += 1;
  else if (stats.isSymbolicLink()) walk.skipped.symlink += 1;
  else if (stats.isFile())
    walk.files.push({ path, absolute, size: stats.size, modifiedMs: Math.trunc(stats.mtimeMs) });
}

async function walkOwn(collector: Collector, folder: string): Promise<void> {
  const { walk, options } = collector;
  options.signal.throwIfAborted();
  // Counting on for ever in a huge tree would cost more than the number is worth.
  if (walk.skipped.limit > collector.filesMax) return;
  let entries: Dirent[];
  try {
    entries = await readdir(join(walk.folder, folder), { withFileTypes: true });
  } catch {
    walk.skipped.unreadable += 1;
    return;
  }
  for (const entry of entries.toSorted((a, b) => compareText(a.name, b.name))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isSymbolicLink()) walk.skipped.symlink += collector.accepts(path) ? 1 : 0;
    else if (entry.isDirectory()) {
      if (!IGNORED_FOLDERS.has(entry.name)) await walkOwn(collector, path);
    } else if (entry.isFile()) await collect(collector, path);
  }
}

/** Paths that git knows or would add, or undefined when git cannot say. */
async function listByGit(folder: string, options: WalkOptions): Promise<string[] | undefined> {
  const isAllowed = (path: string) =>
    options.roots.resolveInside(path).then(
      () => true,
      () => false,
    );
  const place = await findRepository(folder, options.signal, isAllowed);
  if (place.kind === 'none') return undefined;
  const listed = await runGit(
    folder,
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', '.'],
    { signal: options.signal },
  );
  if (listed.exitCode !== 0 || listed.truncated) return undefined;
  const paths = listed.stdout
    .split('\0')
    .filter((path) => path !== '' && !path.startsWith('../') && !path.startsWith('/'));
  return [...new Set(paths)].toSorted(compareText);
}

/** True when a folder on the way is a symbolic link: git lists what the index says, the disk may say otherwise. */
function linkedFolderCheck(folder: string): (path: string) => Promise<boolean> {
  const known = new Map<string, boolean>();
  return async function isLinked(path: string): Promise<boolean> {
    const parent = dirname(path);
    if (parent === '.') return false;
    const cached = known.get(parent);
    if (cached !== undefined) return cached;
    const stats = await statOf(join(folder, parent));
    const linked =
      (typeof stats === 'object' && stats.isSymbolicLink()) || (await isLinked(parent));
    known.set(parent, linked);
    return linked;
  };
}

/**
 * Lists regular files under `path` (a folder, or one file) in a fixed order. Follows no symbolic link, honours
 * git's ignore rules in a repository, else skips the usual folders of dependencies and build results.
 */
export async function walkFiles(path: string, options: WalkOptions): Promise<Walk> {
  const real = await options.roots.resolveInside(path);
  const accepts = pathFilter(options.include, options.exclude);
  const stats = await lstat(real);
  const isFolder = stats.isDirectory();
  const folder = isFolder ? real : dirname(real);
  const walk: Walk = { folder, files: [], skipped: noneSkipped(), ignoreRules: 'single_file' };
  const collector: Collector = { walk, options, accepts, filesMax: options.filesMax ?? FILES_MAX };
  if (!isFolder) {
    await collect({ ...collector, accepts: () => true }, basename(real));
    return walk;
  }
  const listed = await listByGit(folder, options);
  if (listed === undefined) {
    walk.ignoreRules = 'built_in';
    await walkOwn(collector, '');
  } else {
    walk.ignoreRules = 'git';
    const isLinked = linkedFolderCheck(folder);
    for (const candidate of listed) {
      options.signal.throwIfAborted();
      if (await isLinked(candidate)) walk.skipped.symlink += 1;
      else await collect(collector, candidate);
    }
  }
  walk.files.sort((a, b) => compareText(a.path, b.path));
  return walk;
}
