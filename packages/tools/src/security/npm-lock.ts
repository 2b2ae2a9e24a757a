import type { Finding } from '@automatos/contracts';
import semver from 'semver';
import type { TextFile } from '../workspace/scan-files.ts';
import { compareText } from '../workspace/walk.ts';
import type { FindAdvisories } from './advisories.ts';
import {
  auditFinding,
  type AuditedPackage,
  type AuditResult,
  type FindingParts,
} from './audit-result.ts';
import { readLockFile, type LockedPackage, type LockFile } from './lock-entries.ts';
import type { Manifest } from './npm-manifest.ts';

/** What is known against one locked package. Where it comes from is the business of `lockfile_integrity`. */
function auditEntry(path: string, entry: LockedPackage, find: FindAdvisories): Finding[] {
  const { realName: name, line } = entry;
  const version = entry.version ?? 'unknown version';
  const evidence = `${name}@${version}`;
  const findings: Finding[] = [];
  const add = (parts: Omit<FindingParts, 'path' | 'line'>) =>
    findings.push(auditFinding({ ...parts, path, line }));
  for (const advisory of find('npm', name, version)) {
    const message = `"${name}" ${version}: ${advisory.summary} (${advisory.id}).`;
    add({
      rule: 'vulnerable',
      severity: advisory.severity,
      message,
      evidence: `${evidence} · ${advisory.id}: ${advisory.range}`,
      fix: `Update "${name}" out of ${advisory.range}.`,
    });
  }
  if (entry.deprecated !== undefined) {
    add({
      rule: 'deprecated',
      severity: 'low',
      message: `"${name}" is deprecated by its author.`,
      evidence: `${evidence}: ${entry.deprecated}`,
      fix: 'Follow the note of its author.',
    });
  }
  if (entry.hasInstallScript === true) {
    add({
      rule: 'install_script',
      severity: 'low',
      message: `"${name}" runs a script when it is installed.`,
      evidence,
      fix: 'Install with --ignore-scripts, and allow only what needs it.',
    });
  }
  return findings;
}

/** Some names of a long list, and how many more there are. */
export function listNames(names: readonly string[]): string {
  return `${names.slice(0, 8).join(', ')}${names.length > 8 ? ` and ${names.length - 8} more` : ''}`;
}

/** Packages that are locked in several major versions, as one finding. */
function duplicateMajors(path: string, packages: readonly AuditedPackage[]): Finding[] {
  const majors = new Map<string, Set<number>>();
  for (const entry of packages) {
    const parsed = semver.parse(entry.version, { loose: true });
    if (parsed !== null)
      majors.set(entry.name, (majors.get(entry.name) ?? new Set()).add(parsed.major));
  }
  const several = [...majors]
    .filter(([, found]) => found.size > 1)
    .toSorted(([a], [b]) => compareText(a, b));
  if (several.length === 0) return [];
  const names = several.map(
    ([name, found]) => `${name} (${[...found].toSorted((a, b) => a - b).join(', ')})`,
  );
  return [
    auditFinding({
      rule: 'duplicate_majors',
      severity: 'info',
      path,
      message: `${several.length} packages are installed in several major versions.`,
      evidence: listNames(names),
      fix: 'Bring the dependants to one version where possible.',
    }),
  ];
}

/** For each package name the direct dependencies from which a way leads to it. */
function bringersOf(lock: LockFile, direct: ReadonlySet<string>): Map<string, Set<string>> {
  const needs = new Map<string, Set<string>>();
  for (const { name, dependencies } of lock.packages)
    needs.set(name, new Set([...(needs.get(name) ?? []), ...dependencies]));
  const bringers = new Map<string, Set<string>>();
  for (const root of direct) {
    const pending = [...(needs.get(root) ?? [])];
    const seen = new Set<string>();
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (seen.has(name)) continue;
      seen.add(name);
      bringers.set(name, (bringers.get(name) ?? new Set()).add(root));
      pending.push(...(needs.get(name) ?? []));
    }
  }
  return bringers;
}

function toPackages(lock: LockFile, manifests: readonly Manifest[]): AuditedPackage[] {
  const ranges = new Map(
    manifests.flatMap((manifest) =>
      [...manifest.sections.values()].flatMap((section) => Object.entries(section)),
    ),
  );
  const bringers = bringersOf(lock, new Set(ranges.keys()));
  return lock.packages
    .filter(({ isLocal }) => !isLocal)
    .map((entry) => {
      // A copy below another package is that one's, also when the root asks for the same name.
      const isNested =
        entry.key.indexOf('node_modules/') !== entry.key.lastIndexOf('node_modules/');
      const direct = ranges.has(entry.name) && !isNested;
      return {
        ecosystem: 'npm',
        name: entry.realName,
        version: entry.version ?? null,
        direct,
        path: lock.path,
        line: entry.line,
        range: direct ? ranges.get(entry.name) : undefined,
        neededBy: [...(bringers.get(entry.name) ?? [])].toSorted(compareText),
      };
    });
}

/** Judges what one lock file (npm, Yarn or pnpm) installs, together with the manifests that it governs. */
export function auditLock(
  file: TextFile,
  manifests: readonly Manifest[],
  find: FindAdvisories,
): AuditResult {
  const lock = readLockFile(file);
  if (lock === undefined) {
    const finding = auditFinding({
      rule: 'unreadable',
      severity: 'medium',
      path: file.path,
      message: 'The lock file cannot be read.',
      evidence: 'not valid JSON or YAML',
      fix: 'Resolve conflicts in it, or write it anew.',
    });
    return { findings: [finding], packages: [] };
  }
  const packages = toPackages(lock, manifests);
  return {
    packages,
    findings: [
      ...lock.packages.flatMap((entry) => auditEntry(file.path, entry, find)),
      ...duplicateMajors(file.path, packages),
    ],
  };
}
