import { z } from 'zod';
import type { ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { runGit } from './git.ts';
import { openRepository } from './open-repository.ts';

/** Names of commits, tags and branches; never an option, a range of its own or a revision with a path. */
export const revisionSchema = z
  .string()
  .max(200)
  .regex(/^[0-9A-Za-z_][0-9A-Za-z_./@^~-]*$/, 'name a commit, tag or branch');

/** Hash of the commit that a name stands for. Throws `tools.git.revision_not_found`; `field` is the input that named it. */
export async function requireCommit(
  folder: string,
  { name, field }: { name: string; field: string },
  signal: AbortSignal,
): Promise<string> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
  const found = await runGit(folder, args, { signal });
  if (found.exitCode === 0) return found.stdout.trim();
  throw toolError(
    'tools.git.revision_not_found',
    'invalid-input',
    `"${field}" names no commit of the repository at this path: "${name}". Give a commit, tag or branch that exists there.`,
  );
}

/** The folder of a repository, for tools that have no use without one. Throws `tools.git.no_repository`. */
export async function requireRepository(path: string, env: ToolEnvironment): Promise<string> {
  const { folder, place } = await openRepository(path, env);
  if (place.kind === 'repository') return folder;
  throw toolError(
    'tools.git.no_repository',
    'invalid-input',
    `There is no git history at "${path}": ${place.reason}. Name a folder of a repository.`,
  );
}
