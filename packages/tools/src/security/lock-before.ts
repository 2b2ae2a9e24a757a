import type { ToolEnvironment } from '../definition.ts';
import { openRepository } from '../git/open-repository.ts';
import { readFileAt } from '../git/read-diff.ts';
import { requireCommit, requireRepository } from '../git/revision.ts';
import type { TextFile } from '../workspace/scan-files.ts';
import { readLockFile, type LockFile } from './lock-entries.ts';

/** The lock file at the same path as it stood before; undefined when there was none. */
export type ReadBefore = (file: TextFile) => Promise<LockFile | undefined>;

/**
 * Opens the earlier state of a folder: that of `base`, else the last commit. Null outside git and before the first commit, unless
 * `base` was asked for: then `tools.git.*`.
 */
export async function openBefore(
  folder: string,
  base: string | undefined,
  env: ToolEnvironment,
): Promise<ReadBefore | null> {
  const { place } = await openRepository(folder, env);
  const { signal } = env;
  const name = base ?? 'HEAD';
  const commit =
    place.kind === 'none'
      ? undefined
      : await requireCommit(folder, { name, field: 'base' }, signal).catch((error: unknown) => {
          if (base !== undefined || signal.aborted) throw error;
          return undefined; // a repository without commits has no state before
        });
  if (commit === undefined) {
    if (base === undefined) return null;
    await requireRepository(folder, env);
    return null;
  }
  return async (file) => {
    const text = await readFileAt(folder, { commit, path: file.path }, signal);
    return text === undefined ? undefined : readLockFile({ ...file, text });
  };
}
