import { lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createHash } from 'node:crypto';
import { newId } from '@automatos/kernel';
import { z } from 'zod';
import { defineTool, type ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';

const input = z.strictObject({
  path: z
    .string()
    .min(1)
    .max(4096)
    .describe('File to write: absolute, or relative to an allowed root'),
  content: z.string().max(1_000_000),
  overwrite: z.boolean().default(false).describe('Replace the file when it exists'),
});
const output = z.object({
  path: z.string(),
  bytes: z.int(),
  created: z.boolean(),
  sha256: z.string(),
});

/** Real target path, and whether something is there already; links and folders are refused. */
async function inspectTarget(
  path: string,
  overwrite: boolean,
  env: ToolEnvironment,
): Promise<{ target: string; exists: boolean }> {
  // The link itself must be seen, so only its folder is resolved: resolving the file would follow it.
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  if (name === '' || name === '.' || name === '..')
    throw toolError('tools.path.not_file', 'invalid-input', `"${path}" does not name a file.`);
  await env.roots.resolveForWrite(path);
  const folder = await env.roots.resolveForWrite(slash === -1 ? '.' : path.slice(0, slash) || '/');
  const target = join(folder, name);
  const stats = await lstat(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw toolError('tools.path.unreadable', 'invalid-input', {
      message: `Cannot look at "${path}" (${error.code ?? 'unknown reason'}).`,
      cause: error,
    });
  });
  if (stats === undefined) return { target, exists: false };
  if (stats.isSymbolicLink())
    throw toolError(
      'tools.path.symlink',
      'forbidden',
      `"${path}" is a symbolic link; write to the file it points to by its own path.`,
    );
  if (!stats.isFile())
    throw toolError('tools.path.not_file', 'invalid-input', `"${path}" is not a regular file.`);
  if (!overwrite)
    throw toolError(
      'tools.path.exists',
      'conflict',
      `"${path}" exists already; set "overwrite" to replace it.`,
    );
  return { target, exists: true };
}

/** Writes beside the target and renames, so that readers see the old or the new file, never half of one. */
async function writeAtomically(target: string, content: string, shown: string): Promise<void> {
  const temporary = join(dirname(target), `.${newId()}.tmp`);
  try {
    await mkdir(dirname(target), { recursive: true });
    const handle = await open(temporary, 'wx', 0o644);
    try {
      await handle.writeFile(content, 'utf8');
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw toolError('tools.path.write_failed', 'unavailable', {
      message: `Could not write "${shown}" (${code}); nothing was changed.`,
      cause: error,
    });
  }
}

export const writeFileTool = defineTool({
  name: 'write_file',
  title: 'Write a file',
  description:
    'Writes a text file inside an allowed folder, in one atomic step. Refuses symbolic links, and existing files unless overwrite is set.',
  group: 'files',
  input,
  output,
  capabilities: ['write'],
  timeoutMs: 15_000,
  idempotent: true,
  isolation: 'inline',
  tainted: false,
  keywords: ['save', 'create', 'store'],
  async run({ path, content, overwrite }, env) {
    const { target, exists } = await inspectTarget(path, overwrite, env);
    await writeAtomically(target, content, path);
    const bytes = Buffer.byteLength(content);
    return {
      output: {
        path,
        bytes,
        created: !exists,
        sha256: createHash('sha256').update(content).digest('hex'),
      },
      summary: `${exists ? 'Replaced' : 'Created'} "${path}" (${bytes} bytes).`,
    };
  },
});
