import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { countBy } from '../workspace/count-by.ts';
import { describeSkipped, scanInputShape, scanTextFiles } from '../workspace/scan-files.ts';
import { skippedSchema } from '../workspace/walk.ts';
import { isScript, languageOf } from './source-language.ts';

const input = z.strictObject(scanInputShape);
const output = z.object({
  files_scanned: z.int(),
  rules: z.array(z.string()).describe('All rules that were applied'),
  by_rule: z.record(z.string(), z.int()),
  skipped: skippedSchema,
});

export const lintFindings = defineTool({
  name: 'lint_findings',
  title: 'Lint',
  description:
    'Finds likely mistakes in JavaScript, TypeScript and Python by own rules: swallowed errors, comparisons with oneself, unreachable code, assignments in conditions, lost promises, unused imports and the like. Configuration of the repository is not run.',
  group: 'code',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 240_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['bug', 'mistake', 'eslint', 'correctness', 'quality'],
  async run(request, env) {
    const [{ lintScript, SCRIPT_RULES }, { lintPython, PYTHON_RULES }] = await Promise.all([
      import('./lint-script.ts'),
      import('./lint-python.ts'),
    ]);
    const findings: Finding[] = [];
    const scan = await scanTextFiles(request, env, {
      wants: ({ path }) =>
        (isScript(path) && !/\.d\.[cm]?ts$/.test(path)) || languageOf(path) === 'Python',
      skipGenerated: true,
      onFile({ path, text }) {
        findings.push(...(isScript(path) ? lintScript(path, text) : lintPython(path, text)));
      },
    });
    const rules = [...SCRIPT_RULES, ...PYTHON_RULES];
    return {
      output: {
        files_scanned: scan.scanned,
        rules,
        by_rule: countBy(findings, ({ rule }) => rule),
        skipped: scan.skipped,
      },
      summary: `${findings.length === 0 ? 'No likely mistakes' : `${findings.length} likely mistakes`} in ${scan.scanned} files by ${rules.length} rules.${describeSkipped(scan.skipped)}`,
      findings,
    };
  },
});
