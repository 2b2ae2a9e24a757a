import type { Finding } from '@automatos/contracts';
import semver from 'semver';
import type { TextFile } from '../workspace/scan-files.ts';
import { compareText } from '../workspace/walk.ts';
import { advisoriesFor } from './advisories.ts';
import {
  auditFinding,
  isRecord,
  parseJson,
  type AuditedPackage,
  type AuditResult,
  type FindingParts,
} from './audit-result.ts';
import { jsonLines, pointerKey } from './json-lines.ts';
import type { Manifest } from './npm-manifest.ts';

interface LockEntry {
  version?: string;
  resolved?: string;
  integrity?: string;
  deprecated?: string;
  hasInstallScript?: boolean;
  link?: boolean;
}

/** One locked package with its place in the file. */
interface Locked {
  key: string;
  name: string;
  line: number | undefined;
  entry: LockEntry;
}

function nameOfLockKey(key: string): string {
  return key.slice(key.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** Entries of version 1, where packages nest in each other. */
function nestedEntries(data: unknown, lines: ReadonlyMap<string, number>): Locked[] {
  const found: Locked[] = [];
  const pending = [{ group: data, prefix: '', pointer: '/dependencies', depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (!isRecord(next.group) || next.depth > 50) continue;
    for (const [name, entry] of Object.entries(next.group)) {
      if (!isRecord(entry)) continue;
      const key = `${next.prefix}node_modules/${name}`;
      const pointer = `${next.pointer}/${pointerKey(name)}`;
      found.push({ key, name, line: lines.get(pointer), entry: entry as LockEntry });
      pending.push({
        group: entry.dependencies,
        prefix: `${key}/`,
        pointer: `${pointer}/dependencies`,
        depth: next.depth + 1,
      });
    }
  }
  return found.toSorted((a, b) => compareText(a.key, b.key));
}

function lockEntries(data: Record<string, unknown>, text: string): Locked[] {
  const lines = jsonLines(text);
  if (!isRecord(data.packages)) return nestedEntries(data.dependencies, lines);
  return Object.entries(data.packages)
    .filter(([key, entry]) => key.includes('node_modules/') && isRecord(entry))
    .map(([key, entry]) => ({
      key,
      name: nameOfLockKey(key),
      line: lines.get(`/packages/${pointerKey(key)}`),
      entry: entry as LockEntry,
    }));
}

/** What is wrong with one locked package by itself. */
function auditEntry(path: string, { name, line, entry }: Locked): Finding[] {
  const version = entry.version ?? 'unknown version';
  const evidence = `${name}@${version}`;
  const findings: Finding[] = [];
  const add = (parts: Omit<FindingParts, 'path' | 'line'>) =>
    findings.push(auditFinding({ ...parts, path, line }));
  for (const advisory of advisoriesFor('npm', name, version)) {
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
  if (entry.resolved?.startsWith('http://') === true) {
    add({
      rule: 'plain_http',
      severity: 'high',
      message: `"${name}" is fetched without encryption.`,
      evidence: `${evidence} ← ${entry.resolved}`,
      fix: 'Use an https registry.',
    });
  }
  return findings;
}

function listNames(names: readonly string[]): string {
  return `${names.slice(0, 8).join(', ')}${names.length > 8 ? ` and ${names.length - 8} more` : ''}`;
}

/** Packages without a checksum, as one finding: they mostly come in dozens, for one and the same reason. */
function withoutIntegrity(path: string, entries: readonly Locked[]): Finding[] {
  const open = entries.filter(
    ({ entry }) => entry.resolved?.startsWith('https://') === true && entry.integrity === undefined,
  );
  if (open.length === 0) return [];
  const names = open.map(({ name, entry }) => `${name}@${entry.version ?? ''}`);
  return [
    auditFinding({
      rule: 'no_integrity',
      severity: 'medium',
      path,
      line: open[0]?.line,
      message: `${open.length} packages have no checksum in the lock file.`,
      evidence: listNames(names),
      fix: 'Write the lock file anew with a current npm and a registry that gives checksums.',
    }),
  ];
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

function fits(entry: LockEntry, range: string): boolean {
  if (entry.link === true || entry.version === undefined) return true;
  if (semver.validRange(range) === null || semver.valid(entry.version) === null) return true;
  return semver.satisfies(entry.version, range, { includePrerelease: true });
}

/** Direct dependencies that the lock file does not know, or knows in a version outside of the declared range. */
function outOfStep(
  manifest: Manifest,
  lockPath: string,
  locked: ReadonlyMap<string, LockEntry>,
): Finding[] {
  const folder = lockPath.slice(0, lockPath.lastIndexOf('/') + 1);
  const prefix = manifest.path.slice(folder.length, manifest.path.lastIndexOf('/') + 1);
  const findings: Finding[] = [];
  for (const section of ['dependencies', 'devDependencies'] as const) {
    for (const [name, range] of Object.entries(manifest.sections.get(section) ?? {})) {
      const entry =
        locked.get(`${prefix}node_modules/${name}`) ?? locked.get(`node_modules/${name}`);
      if (entry === undefined ? /^(?:file:|link:|workspace:)/.test(range) : fits(entry, range))
        continue;
      const evidence =
        entry === undefined
          ? `"${name}": "${range}" is not in ${lockPath}`
          : `"${name}": "${range}", locked ${entry.version ?? ''}`;
      const message =
        entry === undefined
          ? `The lock file does not know "${name}".`
          : `The locked version of "${name}" does not fit its declared range.`;
      const line = manifest.lines.get(`/${section}/${pointerKey(name)}`);
      findings.push(
        auditFinding({
          rule: 'lock_out_of_step',
          severity: 'medium',
          path: manifest.path,
          line,
          message,
          evidence,
          fix: 'Run npm install and commit the lock file.',
        }),
      );
    }
  }
  return findings;
}

/** Judges one npm lock file together with the manifests that it governs. */
export function auditLock(file: TextFile, manifests: readonly Manifest[]): AuditResult {
  const data = parseJson(file.text);
  if (!isRecord(data)) {
    const finding = auditFinding({
      rule: 'unreadable',
      severity: 'medium',
      path: file.path,
      message: 'The lock file cannot be read.',
      evidence: 'not valid JSON',
      fix: 'Resolve conflicts in it, or write it anew.',
    });
    return { findings: [finding], packages: [] };
  }
  const entries = lockEntries(data, file.text);
  const locked = new Map(entries.map(({ key, entry }) => [key, entry]));
  const direct = new Set(
    manifests.flatMap((manifest) =>
      [...manifest.sections.values()].flatMap((section) => Object.keys(section)),
    ),
  );
  const packages: AuditedPackage[] = entries
    .filter(({ entry }) => entry.link !== true)
    .map(({ name, entry }) => ({
      ecosystem: 'npm',
      name,
      version: entry.version ?? null,
      direct: direct.has(name),
    }));
  return {
    packages,
    findings: [
      ...entries.flatMap((entry) => auditEntry(file.path, entry)),
      ...withoutIntegrity(file.path, entries),
      ...duplicateMajors(file.path, packages),
      ...manifests.flatMap((manifest) => outOfStep(manifest, file.path, locked)),
    ],
  };
}
