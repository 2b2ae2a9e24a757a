import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { extensionOf, describeSkipped, scanInputShape } from '../workspace/scan-files.ts';
import { skippedSchema, walkFiles } from '../workspace/walk.ts';

const input = z.strictObject({
  ...scanInputShape,
  limit: z.int().min(1).max(5000).default(1000).describe('Most files to list'),
});
const output = z.object({
  files: z.array(z.object({ path: z.string(), size_bytes: z.int() })),
  total: z.int(),
  total_bytes: z.int(),
  by_extension: z.record(z.string(), z.int()),
  ignore_rules: z.string(),
  skipped: skippedSchema,
});

export const listFiles = defineTool({
  name: 'list_files',
  title: 'List files',
  description:
    'Lists the files of a folder with sizes, honouring git ignore rules, and counts them by extension.',
  group: 'files',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 60_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['folder', 'directory', 'tree', 'ls'],
  async run({ path, include, exclude, limit }, env) {
    const walk = await walkFiles(path, { roots: env.roots, signal: env.signal, include, exclude });
    const counts = new Map<string, number>();
    let totalBytes = 0;
    for (const file of walk.files) {
      const extension = extensionOf(file.path) || '(none)';
      counts.set(extension, (counts.get(extension) ?? 0) + 1);
      totalBytes += file.size;
    }
    const byExtension = [...counts]
      .toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .slice(0, 100);
    const total = walk.files.length;
    return {
      output: {
        files: walk.files
          .slice(0, limit)
          .map((file) => ({ path: file.path, size_bytes: file.size })),
        total,
        total_bytes: totalBytes,
        by_extension: Object.fromEntries(byExtension),
        ignore_rules: walk.ignoreRules,
        skipped: walk.skipped,
      },
      summary: `${total} files, ${totalBytes} bytes${total > limit ? `; the first ${limit} are listed` : ''}.${describeSkipped(walk.skipped)}`,
    };
  },
});
