import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';

/** Writes files that do not exist yet below `folder`; the others stay as they are. */
export async function saveNew(
  folder: string,
  files: Readonly<Record<string, string>>,
  env: ToolEnvironment,
): Promise<{ saved: string[]; notSaved: string[] }> {
  const saved: string[] = [];
  const notSaved: string[] = [];
  for (const [path, text] of Object.entries(files)) {
    const target = await env.roots.resolveForWrite(join(folder, path));
    try {
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, text, { flag: 'wx' });
      saved.push(path);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
      if (code !== 'EEXIST')
        throw toolError('tools.path.write_failed', 'internal', {
          message: `"${path}" could not be written (${code}).`,
          cause: error,
        });
      notSaved.push(path);
    }
  }
  return { saved, notSaved };
}
