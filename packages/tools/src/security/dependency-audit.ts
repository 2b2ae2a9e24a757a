import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { countBy } from '../workspace/count-by.ts';
import { describeSkipped } from '../workspace/scan-files.ts';
import { skippedSchema } from '../workspace/walk.ts';
import { dependencyInputShape, readDependencies } from './read-dependencies.ts';

const input = z.strictObject(dependencyInputShape);
const output = z.object({
  manifests: z.array(z.string()),
  packages: z.object({ npm: z.int(), pypi: z.int(), direct: z.int() }),
  by_rule: z.record(z.string(), z.int()),
  vulnerable: z.array(
    z.object({ package: z.string(), advisory: z.string(), severity: z.string() }),
  ),
  advisory_source: z.object({
    kind: z.enum(['built_in_sample', 'snapshot']),
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
    'Checks npm, Yarn, pnpm and Python manifests and lock files against advisories (given as OSV files, else a small built-in sample), and for wildcards, unpinned sources, missing lock files, deprecated packages and install scripts.',
  group: 'security',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['vulnerability', 'cve', 'lockfile', 'npm', 'pip', 'supply chain'],
  async run(request, env) {
    const { files, scan, source, npm, python, audit } = await readDependencies(request, env);
    const { findings, packages } = audit;
    const { createAdvisoryIndex } = await import('./advisories.ts');
    const find = createAdvisoryIndex(source.advisories);
    const vulnerable = new Map<string, { package: string; advisory: string; severity: string }>();
    for (const { ecosystem, name, version } of packages) {
      for (const advisory of version === null ? [] : find(ecosystem, name, version)) {
        vulnerable.set(`${name}@${version} ${advisory.id}`, {
          package: `${name}@${version}`,
          advisory: advisory.id,
          severity: advisory.severity,
        });
      }
    }
    const { kind, date, note } = source;
    const known = `${source.advisories.length} advisories (${date}${kind === 'snapshot' ? '' : ', a built-in sample, not complete'})`;
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
        advisory_source: { kind, date, advisories: source.advisories.length, note },
        skipped: scan.skipped,
      },
      summary: `${packages.length} packages in ${files.length} manifests; ${vulnerable.size} match ${known}; ${findings.length} findings.${describeSkipped(scan.skipped)}`,
      findings,
    };
  },
});
