import { z } from 'zod';
import { defineTool } from '../definition.ts';
import {
  describeSkipped,
  scanInputShape,
  scanTextFiles,
  type TextFile,
} from '../workspace/scan-files.ts';
import { countBy } from '../workspace/count-by.ts';
import { skippedSchema } from '../workspace/walk.ts';

const MANIFESTS =
  /(?:^|\/)(?:package\.json|package-lock\.json|npm-shrinkwrap\.json|requirements[^/]*\.txt|pyproject\.toml)$/;

const input = z.strictObject(scanInputShape);
const output = z.object({
  manifests: z.array(z.string()),
  packages: z.object({ npm: z.int(), pypi: z.int(), direct: z.int() }),
  by_rule: z.record(z.string(), z.int()),
  vulnerable: z.array(
    z.object({ package: z.string(), advisory: z.string(), severity: z.string() }),
  ),
  advisory_source: z.object({
    kind: z.literal('built_in_sample'),
    date: z.string(),
    advisories: z.int(),
    note: z.string(),
  }),
  skipped: skippedSchema,
});

export const dependencyAudit = defineTool({
  name: 'dependency_audit',
  title: 'Audit dependencies',
  description:
    'Checks npm and Python manifests and lock files: wildcards, unpinned sources, missing or stale lock files, deprecated packages, install scripts, and a small built-in sample of well-known advisories.',
  group: 'security',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['vulnerability', 'cve', 'lockfile', 'npm', 'pip', 'supply chain'],
  async run(request, env) {
    const [{ ADVISORIES, ADVISORIES_DATE, advisoriesFor }, { auditNpm }, { auditPython }] =
      await Promise.all([
        import('./advisories.ts'),
        import('./audit-npm.ts'),
        import('./audit-python.ts'),
      ]);
    const files: TextFile[] = [];
    const scan = await scanTextFiles(request, env, {
      wants: (file) => MANIFESTS.test(file.path),
      bytesMax: 32 * 1024 * 1024,
      onFile: (file) => void files.push(file),
    });
    const paths = new Set(scan.listed.map((file) => file.path));
    const npm = auditNpm(files, paths);
    const python = auditPython(files, paths);
    const findings = [...npm.findings, ...python.findings];
    const packages = [...npm.packages, ...python.packages];
    const vulnerable = new Map<string, { package: string; advisory: string; severity: string }>();
    for (const entry of packages) {
      for (const advisory of entry.version === null
        ? []
        : advisoriesFor(entry.ecosystem, entry.name, entry.version)) {
        vulnerable.set(`${entry.name}@${entry.version} ${advisory.id}`, {
          package: `${entry.name}@${entry.version}`,
          advisory: advisory.id,
          severity: advisory.severity,
        });
      }
    }
    return {
      output: {
        manifests: files.map((file) => file.path),
        packages: {
          npm: npm.packages.length,
          pypi: python.packages.length,
          direct: packages.filter((entry) => entry.direct).length,
        },
        by_rule: countBy(findings, (finding) => finding.rule),
        vulnerable: [...vulnerable]
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([, entry]) => entry),
        advisory_source: {
          kind: 'built_in_sample' as const,
          date: ADVISORIES_DATE,
          advisories: ADVISORIES.length,
          note: 'A small list of well-known advisories that works without a network. It is not complete: no match does not mean that a package is safe.',
        },
        skipped: scan.skipped,
      },
      summary: `${packages.length} packages in ${files.length} manifests; ${vulnerable.size} match the built-in sample of ${ADVISORIES.length} advisories (${ADVISORIES_DATE}, not complete); ${findings.length} findings.${describeSkipped(scan.skipped)}`,
      findings,
    };
  },
});
