import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import {
  describeSkipped,
  extensionOf,
  scanInputShape,
  scanTextFiles,
} from '../workspace/scan-files.ts';
import { countBy, inKeyOrder } from '../workspace/count-by.ts';
import { skippedSchema } from '../workspace/walk.ts';

const input = z.strictObject(scanInputShape);
const output = z.object({
  files_scanned: z.int(),
  by_language: z.record(z.string(), z.int()),
  rules_available: z.int(),
  by_rule: z.record(z.string(), z.int()),
  skipped: skippedSchema,
});

export const sastScan = defineTool({
  name: 'sast_scan',
  title: 'Static security analysis',
  description:
    'Searches JavaScript, TypeScript, Python and shell sources for insecure code: injection, unsafe evaluation, weak cryptography, switched-off checks.',
  group: 'security',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 240_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['vulnerability', 'injection', 'xss', 'owasp', 'code security'],
  async run(request, env) {
    const [{ runSast, sastLanguageOf }, { SAST_RULES }] = await Promise.all([
      import('./run-sast.ts'),
      import('./sast-rules.ts'),
    ]);
    const findings: Finding[] = [];
    const languages = new Map<string, number>();
    const scan = await scanTextFiles(request, env, {
      wants: (file) => sastLanguageOf(file.path) !== undefined || extensionOf(file.path) === '',
      skipGenerated: true,
      onFile(file) {
        const language = sastLanguageOf(file.path, file.text);
        if (language === undefined) return;
        languages.set(language, (languages.get(language) ?? 0) + 1);
        findings.push(...runSast(file));
      },
    });
    const files = [...languages.values()].reduce((sum, count) => sum + count, 0);
    return {
      output: {
        files_scanned: files,
        by_language: inKeyOrder(languages),
        rules_available: SAST_RULES.length,
        by_rule: countBy(findings, (finding) => finding.rule),
        skipped: scan.skipped,
      },
      summary: `${findings.length === 0 ? 'No insecure code' : `${findings.length} places of insecure code`} found in ${files} source files with ${SAST_RULES.length} rules.${describeSkipped(scan.skipped)}`,
      findings,
    };
  },
});
