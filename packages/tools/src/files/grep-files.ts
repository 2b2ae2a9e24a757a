import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { describeSkipped, scanInputShape, scanTextFiles } from '../workspace/scan-files.ts';
import { skippedSchema } from '../workspace/walk.ts';

const LINE_CHARS_MAX = 300;

const input = z.strictObject({
  ...scanInputShape,
  pattern: z
    .string()
    .min(1)
    .max(1000)
    .describe('JavaScript regular expression, or plain text with fixed'),
  fixed: z.boolean().default(false).describe('Take the pattern as plain text'),
  ignore_case: z.boolean().default(false),
  limit: z.int().min(1).max(2000).default(200),
});
const output = z.object({
  matches: z.array(
    z.object({ path: z.string(), line: z.int(), column: z.int(), text: z.string() }),
  ),
  total: z.int(),
  files_with_matches: z.int(),
  files_searched: z.int(),
  skipped: skippedSchema,
});

function compile(pattern: string, fixed: boolean, ignoreCase: boolean): RegExp {
  try {
    return new RegExp(
      fixed ? pattern.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&') : pattern,
      ignoreCase ? 'gi' : 'g',
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : 'not valid';
    throw toolError('tools.pattern.invalid', 'invalid-input', {
      message: `The pattern is not a valid regular expression: ${why}. Set "fixed" to search for plain text.`,
      cause: error,
    });
  }
}

/** The part of a long line around the match. */
function excerpt(line: string, column: number): string {
  if (line.length <= LINE_CHARS_MAX) return line;
  const from = Math.max(0, column - 80);
  return `${from > 0 ? '…' : ''}${line.slice(from, from + LINE_CHARS_MAX)}…`;
}

export const grepFiles = defineTool({
  name: 'grep_files',
  title: 'Search in files',
  description:
    'Searches text files line by line for a regular expression or plain text; gives path, line and column.',
  group: 'files',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 60_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['find', 'text', 'regex', 'content'],
  async run(request, env) {
    const expression = compile(request.pattern, request.fixed, request.ignore_case);
    const matches: z.output<typeof output>['matches'] = [];
    let total = 0;
    let filesWithMatches = 0;
    const scan = await scanTextFiles(request, env, {
      onFile(file) {
        const before = total;
        for (const [index, line] of file.text.split(/\r?\n/).entries()) {
          expression.lastIndex = 0;
          const match = expression.exec(line);
          if (match === null) continue;
          total += 1;
          if (matches.length < request.limit)
            matches.push({
              path: file.path,
              line: index + 1,
              column: match.index + 1,
              text: excerpt(line, match.index),
            });
        }
        if (total > before) filesWithMatches += 1;
      },
    });
    return {
      output: {
        matches,
        total,
        files_with_matches: filesWithMatches,
        files_searched: scan.scanned,
        skipped: scan.skipped,
      },
      summary: `${total} matching lines in ${filesWithMatches} of ${scan.scanned} files${total > matches.length ? `; the first ${matches.length} are listed` : ''}.${describeSkipped(scan.skipped)}`,
    };
  },
});
