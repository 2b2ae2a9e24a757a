import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { describeSkipped, scanInputShape } from '../workspace/scan-files.ts';
import { skippedSchema, walkFiles } from '../workspace/walk.ts';

const input = z.strictObject({
  path: scanInputShape.path,
  pattern: z.string().min(1).max(512).describe('Glob relative to path, such as "src/**/*.ts"'),
  limit: z.int().min(1).max(5000).default(1000),
});
const output = z.object({ paths: z.array(z.string()), total: z.int(), skipped: skippedSchema });

export const globFiles = defineTool({
  name: 'glob_files',
  title: 'Find files by pattern',
  description: 'Finds files whose path matches a glob such as "src/**/*.ts", in path order.',
  group: 'files',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 60_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['search', 'name', 'wildcard'],
  async run({ path, pattern, limit }, env) {
    const walk = await walkFiles(path, {
      roots: env.roots,
      signal: env.signal,
      include: [pattern],
    });
    const paths = walk.files.map((file) => file.path);
    return {
      output: { paths: paths.slice(0, limit), total: paths.length, skipped: walk.skipped },
      summary: `${paths.length} files match "${pattern}".${describeSkipped(walk.skipped)}`,
    };
  },
});
