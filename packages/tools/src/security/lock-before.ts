import type { ToolEnvironment } from '../definition.ts';
import { runGit } from '../git/git.ts';
import { openRepository } from '../git/open-repository.ts';
import { toolError } from '../tool-error.ts';
import type { TextFile } from '../workspace/scan-files.ts';
import { readLockFile, type LockFile } from './lock-entries.ts';

/** The lock file at the same path as it stood before; undefined when there was none. */
export type ReadBefore = (file: TextFile) => Promise<LockFile | undefined>;

/**
 * Opens the earlier state of a folder: that of `base`, else the last commit. Null outside git and before the first commit, unless
 * `base` was asked for: then `tools.git.revision_not_found`.
 */
export async function openBefore(
  folder: string,
  base: string | undefined,
  env: ToolEnvironment,
): Promise<ReadBefore | null> {
  const { place } = await openRepository(folder, env);
  const options = { signal: env.signal };
  const revision = base ?? 'HEAD';
  const known =
    place.kind === 'repository' &&
    (await runGit(folder, ['rev-parse', '--verify', '--quiet', `${revision}^{commit}`], options))
      .exitCode === 0;
  if (!known) {
    if (base === undefined) return null;
    throw toolError(
      'tools.git.revision_not_found',
      'invalid-input',
      `"base" names no commit of the repository at this path: "${base}". Give a commit, tag or branch that exists there.`,
    );
  }
  return async (file) => {
    const shown = await runGit(folder, ['show', `${revision}:./${file.path}`], options);
    if (shown.exitCode !== 0 || shown.truncated) return undefined;
    return readLockFile({ ...file, text: shown.stdout });
  };
}
