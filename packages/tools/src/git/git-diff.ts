import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { revisionSchema } from './revision.ts';
import type { DiffFile } from './read-diff.ts';

/** Inputs of the tools that look at what changed between two commits. */
export const diffInputShape = {
  path: z.string().min(1).max(4096).default('.').describe('Folder of a git repository'),
  base: revisionSchema.describe('Commit, tag or branch to compare with'),
  head: revisionSchema.default('HEAD').describe('Commit, tag or branch with the changes'),
};

const input = z.strictObject({
  ...diffInputShape,
  patch_chars_max: z
    .int()
    .min(0)
    .max(500_000)
    .default(100_000)
    .describe('Most characters of the patch to give; 0 for the list of files only'),
});
export const changedFileSchema = z.object({
  path: z.string(),
  old_path: z.string(),
  status: z.enum(['added', 'deleted', 'modified', 'renamed']),
  added: z.int(),
  deleted: z.int(),
  binary: z.boolean(),
});
/** A changed file as tools tell of it. */
export function describeFile(file: DiffFile): z.output<typeof changedFileSchema> {
  const { path, oldPath, status, added, deleted, binary } = file;
  return { path, old_path: oldPath, status, added, deleted, binary };
}

const output = z.object({
  base: z.string().describe('Hash of the commit that changes are counted from'),
  head: z.string(),
  files: z.array(changedFileSchema),
  paths: z.array(z.string()).describe('Files that are there after the change'),
  added: z.int(),
  deleted: z.int(),
  patch: z.string(),
  patch_cut: z.boolean(),
});

export const gitDiff = defineTool({
  name: 'git_diff',
  title: 'Difference between commits',
  description:
    'Gives what one commit, tag or branch changed since it went apart from another: files with counts, and the patch.',
  group: 'git',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 60_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['patch', 'change', 'compare', 'pull request', 'review'],
  async run({ path, base, head, patch_chars_max: charsMax }, env) {
    const [{ readDiff }, { requireRepository }] = await Promise.all([
      import('./read-diff.ts'),
      import('./revision.ts'),
    ]);
    const folder = await requireRepository(path, env);
    const diff = await readDiff(folder, { base, head }, env.signal);
    const sum = (key: 'added' | 'deleted') =>
      diff.files.reduce((total, file) => total + file[key], 0);
    const isCut = diff.truncated || diff.patch.length > charsMax;
    return {
      output: {
        base: diff.from,
        head: diff.to,
        files: diff.files.map(describeFile),
        paths: diff.files.filter(({ status }) => status !== 'deleted').map((file) => file.path),
        added: sum('added'),
        deleted: sum('deleted'),
        patch: diff.patch.slice(0, charsMax),
        patch_cut: isCut,
      },
      summary: `${diff.files.length} files changed from ${base} to ${head}: ${sum('added')} lines added, ${sum('deleted')} deleted${isCut && charsMax > 0 ? '; the patch is cut' : ''}.`,
    };
  },
});
