import { diffLines } from '@automatos/kernel';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import type { ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { requireText } from '../workspace/read-text.ts';

const CONTEXT_MAX = 50;

const input = z.strictObject({
  left: z.string().max(500_000).optional().describe('Text before'),
  right: z.string().max(500_000).optional().describe('Text after'),
  left_path: z.string().max(4096).optional().describe('File before, instead of `left`'),
  right_path: z.string().max(4096).optional().describe('File after, instead of `right`'),
  context_lines: z.int().min(0).max(CONTEXT_MAX).default(3),
});
type Input = z.output<typeof input>;

async function sideOf(
  request: Input,
  side: 'left' | 'right',
  env: ToolEnvironment,
): Promise<string> {
  const path = request[`${side}_path`];
  const text = request[side];
  if ((path === undefined) === (text === undefined)) {
    throw toolError('tools.arguments.invalid', 'invalid-input', {
      message: `Give either "${side}" or "${side}_path".`,
      errors: [{ pointer: `/${side}`, message: 'exactly one of text and path' }],
    });
  }
  return path === undefined ? (text ?? '') : requireText(await env.roots.resolveInside(path), path);
}

interface Line {
  mark: string;
  text: string;
  left: number | null;
  right: number | null;
}

/** Runs of lines that are changed or near a change. */
function hunksOf(lines: readonly Line[], context: number): Line[][] {
  const near = new Set<number>();
  for (const [index, line] of lines.entries()) {
    if (line.mark === ' ') continue;
    for (let at = index - context; at <= index + context; at += 1) near.add(at);
  }
  const hunks: Line[][] = [];
  let last = -2;
  for (const [index, line] of lines.entries()) {
    if (!near.has(index)) continue;
    if (index === last + 1) hunks.at(-1)?.push(line);
    else hunks.push([line]);
    last = index;
  }
  return hunks;
}

function rangeOf(hunk: readonly Line[], side: 'left' | 'right'): string {
  const numbers = hunk.map((line) => line[side]).filter((number) => number !== null);
  return `${numbers[0] ?? 0},${numbers.length}`;
}

export const textDiff = defineTool({
  name: 'text_diff',
  title: 'Compare texts',
  description: 'Compares two texts or files line by line and gives a unified diff with counts.',
  group: 'utility',
  input,
  output: z.object({
    identical: z.boolean(),
    added: z.int(),
    removed: z.int(),
    diff: z.string(),
  }),
  capabilities: ['read'],
  timeoutMs: 30_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['diff', 'compare', 'difference', 'changes', 'patch', 'versions'],
  async run(request, env) {
    const marks = { same: ' ', added: '+', removed: '-' } as const;
    const [left, right] = await Promise.all([
      sideOf(request, 'left', env),
      sideOf(request, 'right', env),
    ]);
    const lines = diffLines(left, right).map((line): Line => {
      return {
        mark: marks[line.kind],
        text: line.text,
        left: line.left_line,
        right: line.right_line,
      };
    });
    const count = (mark: string) => lines.filter((line) => line.mark === mark).length;
    const diff = hunksOf(lines, request.context_lines)
      .map((hunk) => {
        const head = `@@ -${rangeOf(hunk, 'left')} +${rangeOf(hunk, 'right')} @@`;
        return [head, ...hunk.map((line) => line.mark + line.text)].join('\n');
      })
      .join('\n');
    const added = count('+');
    const removed = count('-');
    const identical = added === 0 && removed === 0;
    return {
      output: { identical, added, removed, diff },
      summary: identical
        ? `Both have the same ${lines.length} lines.`
        : `${added} lines were added and ${removed} removed.`,
    };
  },
});
