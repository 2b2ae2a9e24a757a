import { stat } from 'node:fs/promises';
import type { ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { findRepository, type GitPlace } from './git.ts';

/** Resolves a folder inside the roots and says whether it lies in a repository that may be read. */
export async function openRepository(
  path: string,
  env: ToolEnvironment,
): Promise<{ folder: string; place: GitPlace }> {
  const folder = await env.roots.resolveInside(path);
  if (!(await stat(folder)).isDirectory())
    throw toolError(
      'tools.path.not_folder',
      'invalid-input',
      `"${path}" is a file; give a folder.`,
    );
  const isAllowed = (gitFolder: string) =>
    env.roots.resolveInside(gitFolder).then(
      () => true,
      () => false,
    );
  return { folder, place: await findRepository(folder, env.signal, isAllowed) };
}
