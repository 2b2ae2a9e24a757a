import { SEVERITIES, type Finding, type Severity } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { describeSkipped } from '../workspace/scan-files.ts';
import { compareText, skippedSchema } from '../workspace/walk.ts';
import { dependencyInputShape, readDependencies } from './read-dependencies.ts';
import { upgradeSchema } from './upgrade-schema.ts';

const input = z.strictObject(dependencyInputShape);
const output = z.object({
  upgrades: z.array(upgradeSchema).describe('Worst first'),
  without_fix: z.array(
    z.object({ package: z.string(), version: z.string(), advisories: z.array(z.string()) }),
  ),
  packages: z.int(),
  advisory_source: z.object({ kind: z.string(), date: z.string(), note: z.string() }),
  skipped: skippedSchema,
});

function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

export const upgradePlan = defineTool({
  name: 'upgrade_plan',
  title: 'Plan upgrades',
  description:
    'Names for each vulnerable dependency the smallest safe version, whether the declared range allows it, who brings it in, and the command; packages without a safe version are findings.',
  group: 'security',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['vulnerability', 'dependency', 'update', 'fix', 'version'],
  async run(request, env) {
    const [{ audit, scan, source }, { planUpgrades }] = await Promise.all([
      readDependencies(request, env),
      import('./plan-upgrades.ts'),
    ]);
    const { upgrades, withoutFix } = planUpgrades(audit.packages, source.advisories);
    upgrades.sort(
      (a, b) =>
        rank(b.severity) - rank(a.severity) ||
        Number(b.direct) - Number(a.direct) ||
        compareText(a.package, b.package),
    );
    const findings: Finding[] = withoutFix.map((entry) => ({
      rule: 'upgrade.no_fix',
      severity: entry.severity,
      message: `No version of "${entry.name}" is free of known weaknesses (${entry.ids.join(', ')}).`,
      location: { path: entry.path, ...(entry.line === undefined ? {} : { line: entry.line }) },
      evidence: `${entry.name}@${entry.version}`,
      fix: 'Replace the package, or keep what strangers send away from it.',
      tool: 'upgrade_plan',
    }));
    const major = upgrades.filter(({ step }) => step === 'major').length;
    return {
      output: {
        upgrades,
        without_fix: withoutFix.map(({ name, version, ids }) => ({
          package: name,
          version,
          advisories: ids,
        })),
        packages: audit.packages.length,
        advisory_source: { kind: source.kind, date: source.date, note: source.note },
        skipped: scan.skipped,
      },
      summary: `${upgrades.length} upgrades (${major} to another major version) and ${withoutFix.length} packages without a safe version, among ${audit.packages.length}, by ${source.advisories.length} advisories of ${source.date}.${describeSkipped(scan.skipped)}`,
      findings,
    };
  },
});
