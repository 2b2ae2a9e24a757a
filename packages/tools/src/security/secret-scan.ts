import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { describeSkipped, scanInputShape, scanTextFiles } from '../workspace/scan-files.ts';
import { countBy } from '../workspace/count-by.ts';
import { compareText, skippedSchema } from '../workspace/walk.ts';

const input = z.strictObject(scanInputShape);
const output = z.object({
  files_scanned: z.int(),
  secrets_found: z.int(),
  by_rule: z.record(z.string(), z.int()),
  files_with_secrets: z.array(z.string()),
  skipped: skippedSchema,
});

export const secretScan = defineTool({
  name: 'secret_scan',
  title: 'Scan for secrets',
  description:
    'Finds keys, tokens, passwords and private keys in files, by the secretlint rules and own patterns. Values are masked.',
  group: 'security',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 180_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['credential', 'token', 'password', 'api key', 'leak'],
  async run(request, env) {
    const { createSecretFinder } = await import('./find-secrets.ts');
    const find = createSecretFinder();
    const findings: Awaited<ReturnType<typeof find>> = [];
    const scan = await scanTextFiles(request, env, {
      // A lock file holds thousands of checksums that look like keys, and no place where people put one.
      wants: (file) =>
        !/(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|poetry\.lock|Cargo\.lock|go\.sum|composer\.lock)$/.test(
          file.path,
        ),
      onFile: async (file) => {
        findings.push(...(await find(file)));
      },
    });
    const files = [...new Set(findings.map((finding) => finding.location?.path ?? ''))].toSorted(
      compareText,
    );
    return {
      output: {
        files_scanned: scan.scanned,
        secrets_found: findings.length,
        by_rule: countBy(findings, (finding) => finding.rule),
        files_with_secrets: files,
        skipped: scan.skipped,
      },
      summary: `${findings.length === 0 ? 'No secrets' : `${findings.length} secrets in ${files.length} files`} found in ${scan.scanned} files.${describeSkipped(scan.skipped)}`,
      findings,
    };
  },
});
