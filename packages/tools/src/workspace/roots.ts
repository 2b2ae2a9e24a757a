import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { toolError } from '../tool-error.ts';

/** The folders that tools of a workspace may touch. */
export interface WorkspaceRoots {
  /** Allowed roots as given, absolute. */
  readonly allowed: readonly string[];
  /**
   * Returns the real absolute path of an existing file or folder inside an allowed root. Relative paths are looked
   * up in each root in order. Throws `tools.path.outside_root` (also for symbolic links that lead out),
   * `tools.path.not_found`, `tools.path.invalid` or `tools.root.none`.
   */
  resolveInside(path: string): Promise<string>;
  /** The same for a file that need not exist: its deepest existing parent decides. */
  resolveForWrite(path: string): Promise<string>;
}

/** True when `path` is `root` or lies below it; both absolute and real. */
export function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function errorCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

function assertUsablePath(path: string): void {
  if (path.length === 0 || path.length > 4096 || path.includes('\0')) {
    throw toolError(
      'tools.path.invalid',
      'invalid-input',
      'A path must have 1 to 4096 characters and no NUL character.',
    );
  }
}

/** Real path of the deepest part that exists, with the rest appended; never follows what does not exist. */
async function realpathOfExisting(path: string): Promise<{ real: string; exists: boolean }> {
  let current = path;
  const rest: string[] = [];
  for (;;) {
    try {
      const real = await realpath(current);
      return { real: join(real, ...rest.toReversed()), exists: rest.length === 0 };
    } catch (error) {
      const code = errorCode(error);
      if (code !== 'ENOENT' && code !== 'ENOTDIR') {
        throw toolError('tools.path.unreadable', 'invalid-input', {
          message: `Cannot read "${path}" (${code || 'unknown reason'}).`,
          cause: error,
        });
      }
      // A dangling link exists as a link: following it later could leave the root.
      if (await isLink(current))
        return {
          real: join(
            (await realpathOfExisting(dirname(current))).real,
            basename(current),
            ...rest.toReversed(),
          ),
          exists: false,
        };
      const parent = dirname(current);
      if (parent === current) return { real: path, exists: false };
      rest.push(basename(current));
      current = parent;
    }
  }
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch {
    return false; // not there at all, or below a file: the caller goes on with the parent
  }
}

async function realRoots(allowed: readonly string[]): Promise<string[]> {
  const real: string[] = [];
  for (const root of allowed) {
    const found = await realpathOfExisting(resolve(root));
    if (found.exists) real.push(found.real);
  }
  return real;
}

/** Makes the guard over absolute `allowed` roots; reads the disk on each call, so that later links are seen too. */
export function createWorkspaceRoots(allowed: readonly string[]): WorkspaceRoots {
  const names = allowed.map((root) => `"${root}"`).join(', ');

  async function locate(path: string): Promise<{ real: string; exists: boolean }> {
    assertUsablePath(path);
    if (allowed.length === 0) {
      throw toolError(
        'tools.root.none',
        'forbidden',
        'No folder is allowed for tools. Set AUTOMATOS_ROOTS to the folders that may be read.',
      );
    }
    const roots = await realRoots(allowed);
    const candidates = isAbsolute(path)
      ? [resolve(path)]
      : roots.map((root) => resolve(root, path));
    let missing: { real: string; exists: boolean } | undefined;
    for (const candidate of candidates) {
      const found = await realpathOfExisting(candidate);
      if (!roots.some((root) => isInside(root, found.real))) continue;
      if (found.exists) return found;
      missing ??= found;
    }
    if (missing !== undefined) return missing;
    throw toolError(
      'tools.path.outside_root',
      'forbidden',
      `The path "${path}" is outside the allowed folders (${names}), directly or through a symbolic link. Choose a path inside, or add its folder to AUTOMATOS_ROOTS.`,
    );
  }

  return {
    allowed,
    async resolveInside(path) {
      const found = await locate(path);
      if (found.exists) return found.real;
      throw toolError(
        'tools.path.not_found',
        'not-found',
        `Nothing exists at "${path}" inside the allowed folders (${names}).`,
      );
    },
    async resolveForWrite(path) {
      return (await locate(path)).real;
    },
  };
}
