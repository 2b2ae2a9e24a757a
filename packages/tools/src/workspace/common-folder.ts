import { stat } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
import type { ToolEnvironment } from '../definition.ts';

/** The deepest folder that holds all the files and folders that exist; `/` without any. */
export async function commonFolder(
  paths: readonly string[],
  env: Pick<ToolEnvironment, 'roots'>,
): Promise<string> {
  const folders: string[] = [];
  for (const path of paths) {
    const real = await env.roots.resolveInside(path).catch(() => undefined);
    if (real === undefined) continue;
    folders.push((await stat(real)).isDirectory() ? real : dirname(real));
  }
  const first = folders[0];
  if (first === undefined) return '/';
  return folders.reduce((common, folder) => {
    let base = common;
    while (base !== folder && !folder.startsWith(base === sep ? sep : base + sep))
      base = dirname(base);
    return base;
  }, first);
}

/** Path for findings: below `folder`, `/` separated. */
export function pathBelow(folder: string, absolute: string): string {
  return relative(folder, absolute).split(sep).join('/');
}
