import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { describeSkipped, scanInputShape, scanTextFiles } from '../workspace/scan-files.ts';
import { skippedSchema } from '../workspace/walk.ts';
import type { Clone, CloneInput } from './find-clones.ts';
import { isProgram, languageOf } from './source-language.ts';

const TOKENS_MAX = 3_000_000;

const input = z.strictObject({
  ...scanInputShape,
  tokens_min: z
    .int()
    .min(30)
    .max(1000)
    .default(60)
    .describe('Shortest repeated run of tokens that counts'),
  lines_min: z.int().min(2).max(200).default(6),
});
const side = z.object({ path: z.string(), line: z.int(), end_line: z.int() });
const output = z.object({
  clones: z.array(z.object({ first: side, second: side, tokens: z.int(), lines: z.int() })),
  clones_total: z.int(),
  files_compared: z.int(),
  files_left_out: z.int(),
  lines_total: z.int(),
  lines_duplicated: z.int(),
  share_duplicated: z.number().nullable(),
  skipped: skippedSchema,
});

function toFinding(clone: Clone): Finding {
  return {
    rule: 'code.duplicate',
    severity: clone.lines >= 40 ? 'medium' : 'low',
    message: `${clone.lines} lines repeat ${clone.first.path}:${clone.first.line}–${clone.first.end_line}.`,
    location: { path: clone.second.path, line: clone.second.line, end_line: clone.second.end_line },
    evidence: `${clone.tokens} equal tokens`,
    fix: 'Take the common part out into one function.',
    tool: 'duplicates',
  };
}

export const duplicates = defineTool({
  name: 'duplicates',
  title: 'Duplicated code',
  description:
    'Finds code that is repeated inside or across files by comparing runs of tokens; comments, layout, texts and numbers do not matter.',
  group: 'code',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 240_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['clone', 'copy paste', 'repetition'],
  async run(request, env) {
    const { findClones } = await import('./find-clones.ts');
    const files: CloneInput[] = [];
    let linesTotal = 0;
    const scan = await scanTextFiles(request, env, {
      wants: (file) => isProgram(file.path),
      skipGenerated: true,
      onFile(file) {
        linesTotal += file.text.split('\n').length;
        const language = languageOf(file.path);
        files.push({
          path: file.path,
          text: file.text,
          hashComments: language === 'Python' || language === 'Shell' || language === 'Ruby',
        });
      },
    });
    const result = findClones(files, {
      tokensMin: request.tokens_min,
      linesMin: request.lines_min,
      tokensMax: TOKENS_MAX,
    });
    const linesDuplicated = [...result.duplicatedLines.values()].reduce(
      (sum, lines) => sum + lines.size,
      0,
    );
    const share =
      linesTotal === 0 ? null : Math.round((linesDuplicated / linesTotal) * 10_000) / 10_000;
    const left =
      result.filesLeftOut > 0
        ? ` ${result.filesLeftOut} files were left out at the limit of ${TOKENS_MAX} tokens.`
        : '';
    return {
      output: {
        clones: result.clones
          .toSorted((a, b) => b.tokens - a.tokens || (a.second.path < b.second.path ? -1 : 1))
          .slice(0, 200),
        clones_total: result.clones.length,
        files_compared: files.length - result.filesLeftOut,
        files_left_out: result.filesLeftOut,
        lines_total: linesTotal,
        lines_duplicated: linesDuplicated,
        share_duplicated: share,
        skipped: scan.skipped,
      },
      summary: `${result.clones.length} repeated pieces, ${linesDuplicated} of ${linesTotal} lines${share === null ? '' : ` (${(share * 100).toFixed(1)} %)`}.${left}${describeSkipped(scan.skipped)}`,
      findings: result.clones.map(toFinding),
    };
  },
});
