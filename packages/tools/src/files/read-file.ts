import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { requireText } from '../workspace/read-text.ts';

const TEXT_CHARS_MAX = 200_000;

const input = z.strictObject({
  path: z.string().min(1).max(4096).describe('File: absolute, or relative to an allowed root'),
  from_line: z.int().min(1).default(1),
  to_line: z
    .int()
    .min(1)
    .optional()
    .describe('Last line to return; default 2000 lines from from_line'),
});
const output = z.object({
  text: z.string(),
  from_line: z.int(),
  to_line: z.int(),
  lines_total: z.int(),
  size_bytes: z.int(),
  /** True when lines in the wanted range were left out. */
  cut: z.boolean(),
});

export const readFileTool = defineTool({
  name: 'read_file',
  title: 'Read a file',
  description:
    'Reads a text file, or a range of its lines. At most 2 MB files, 2000 lines and 200,000 characters at a time.',
  group: 'files',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 15_000,
  idempotent: true,
  isolation: 'inline',
  keywords: ['open', 'show', 'cat', 'content'],
  async run({ path, from_line: from, to_line: to }, env) {
    const real = await env.roots.resolveInside(path);
    const stats = await stat(real);
    if (!stats.isFile())
      throw toolError(
        'tools.path.not_file',
        'invalid-input',
        `"${path}" is not a regular file; use list_files for folders.`,
      );
    const lines = (await requireText(real, path)).split(/\r?\n/);
    const last = Math.min(to ?? from + 1999, from + 1999, lines.length);
    const text = lines.slice(from - 1, last).join('\n');
    const cut =
      text.length > TEXT_CHARS_MAX || (to !== undefined && to > last && last < lines.length);
    return {
      output: {
        text: text.slice(0, TEXT_CHARS_MAX),
        from_line: from,
        to_line: Math.max(last, from),
        lines_total: lines.length,
        size_bytes: stats.size,
        cut,
      },
      summary: `Lines ${from}–${Math.max(last, from)} of ${lines.length} of "${path}"${cut ? ', cut' : ''}.`,
    };
  },
});
