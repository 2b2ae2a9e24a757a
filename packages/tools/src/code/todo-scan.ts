import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import {
  describeSkipped,
  lineFinder,
  scanInputShape,
  scanTextFiles,
} from '../workspace/scan-files.ts';
import { inKeyOrder } from '../workspace/count-by.ts';
import { skippedSchema } from '../workspace/walk.ts';
import { languageOf } from './source-language.ts';

const MARK =
  /(?:\/\/|\/\*|^\s*\*|#|<!--|--\s)[^\n]*?\b(TODO|FIXME|HACK|XXX|BUG)\b(?:\(([^)\n]{1,40})\))?[:\s-]*([^\n]*)/gm;

const input = z.strictObject(scanInputShape);
const output = z.object({
  total: z.int(),
  by_kind: z.record(z.string(), z.int()),
  files_scanned: z.int(),
  skipped: skippedSchema,
});

export const todoScan = defineTool({
  name: 'todo_scan',
  title: 'Open marks in comments',
  description: 'Lists the marks TODO, FIXME, HACK, XXX and BUG in comments, with place and text.',
  group: 'code',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['fixme', 'debt', 'comment'],
  async run(request, env) {
    const findings: Finding[] = [];
    const counts = new Map<string, number>();
    const scan = await scanTextFiles(request, env, {
      wants: (file) => languageOf(file.path) !== undefined,
      skipGenerated: true,
      onFile(file) {
        const lineOf = lineFinder(file.text);
        for (const match of file.text.matchAll(MARK)) {
          const kind = match[1] ?? '';
          const line = lineOf(match.index + match[0].indexOf(match[1] ?? ''));
          counts.set(kind, (counts.get(kind) ?? 0) + 1);
          findings.push({
            rule: `code.${kind.toLowerCase()}`,
            severity: kind === 'FIXME' || kind === 'BUG' ? 'low' : 'info',
            message: `${kind}: ${(match[3] ?? '').trim().slice(0, 200) || 'no text'}`,
            location: { path: file.path, line },
            evidence: match[0].trim(),
            tool: 'todo_scan',
          });
        }
      },
    });
    return {
      output: {
        total: findings.length,
        by_kind: inKeyOrder(counts),
        files_scanned: scan.scanned,
        skipped: scan.skipped,
      },
      summary: `${findings.length} open marks in ${scan.scanned} files.${describeSkipped(scan.skipped)}`,
      findings,
    };
  },
});
