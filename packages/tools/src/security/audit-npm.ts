import type { Finding, Severity } from '@automatos/contracts';
import semver from 'semver';
import type { TextFile } from '../workspace/scan-files.ts';
import { advisoriesFor } from './advisories.ts';
import { jsonLines, pointerKey } from './json-lines.ts';

/** A package with its version as locked or declared. */
export interface AuditedPackage {
  ecosystem: 'npm' | 'pypi';
  name: string;
  version: string | null;
  direct: boolean;
}

export interface AuditResult {
  findings: Finding[];
  packages: AuditedPackage[];
}

interface Manifest {
  path: string;
  lines: Map<string, number>;
  sections: Map<string, Record<string, string>>;
  isWorkspaceRoot: boolean;
  localNames: string[];
}

interface LockEntry {
  version?: string;
  resolved?: string;
  integrity?: string;
  deprecated?: string;
  hasInstallScript?: boolean;
  link?: boolean;
  license?: unknown;
}

const SECTIONS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return undefined; // reported by the caller as a finding
  }
}

interface FindingParts {
  rule: string;
  severity: Severity;
  message: string;
  path: string;
  line?: number | undefined;
  evidence: string;
  fix: string;
}

export function auditFinding(parts: FindingParts): Finding {
  return {
    rule: `dependency.${parts.rule}`, severity: parts.severity, message: parts.message, location: { path: parts.path, line: parts.line ?? 1 },
    evidence: parts.evidence, fix: parts.fix, tool: 'dependency_audit',
  };
}

function readManifest(file: TextFile): Manifest | undefined {
  const data = parseJson(file.text);
  if (!isRecord(data)) return undefined;
  const sections = new Map<string, Record<string, string>>();
  for (const section of SECTIONS) {
    const entries = isRecord(data[section]) ? Object.entries(data[section]) : [];
    sections.set(section, Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string')));
  }
  const name = typeof data.name === 'string' ? [data.name] : [];
  return { path: file.path, lines: jsonLines(file.text), sections, isWorkspaceRoot: data.workspaces !== undefined, localNames: name };
}

/** What is wrong with a declared range by itself. */
function judgeRange(name: string, range: string): Omit<FindingParts, 'path' | 'line' | 'evidence'> | undefined {
  if (range === '' || range === '*' || range === 'x' || range === 'latest') {
    return { rule: 'wildcard', severity: 'high', message: `"${name}" accepts any version, also one published tomorrow by a stranger.`, fix: 'Name a version or a range with an upper bound.' };
  }
  if (/^http:\/\//.test(range)) return { rule: 'plain_http', severity: 'high', message: `"${name}" is fetched without encryption.`, fix: 'Use the registry or an https URL with a checksum.' };
  if (/^(?:git(?:\+|:)|github:|gitlab:|bitbucket:|https:\/\/|[\w.-]+\/[\w.-]+(?:#|$))/.test(range)) {
    const pinned = /#(?:[0-9a-f]{40})$/.test(range);
    return pinned ? undefined : { rule: 'unpinned_source', severity: 'medium', message: `"${name}" comes from a repository or URL that can change.`, fix: 'Pin a full commit hash, or use the registry.' };
  }
  if (/^(?:npm:|file:|link:|workspace:|portal:|catalog:)/.test(range)) return undefined;
  const parsed = semver.validRange(range, { loose: true });
  if (parsed !== null && /^>=?[^<]*$/.test(parsed)) return { rule: 'open_range', severity: 'medium', message: `"${name}" has no upper bound (${range}).`, fix: 'Use a caret range or an exact version.' };
  return undefined;
}

function auditManifest(manifest: Manifest, hasLock: boolean): AuditResult {
  const findings: Finding[] = [];
  const packages: AuditedPackage[] = [];
  for (const [section, entries] of manifest.sections) {
    if (section === 'peerDependencies') continue; // ranges are meant to be wide there
    for (const [name, range] of Object.entries(entries)) {
      const line = manifest.lines.get(`/${section}/${pointerKey(name)}`);
      const problem = judgeRange(name, range);
      const evidence = `"${name}": "${range}"`;
      if (problem !== undefined) findings.push(auditFinding({ ...problem, path: manifest.path, line, evidence }));
      if (hasLock) continue;
      const lowest = semver.validRange(range) === null ? null : (semver.minVersion(range)?.version ?? null);
      packages.push({ ecosystem: 'npm', name, version: lowest, direct: true });
      for (const advisory of lowest === null ? [] : advisoriesFor('npm', name, lowest)) {
        findings.push(auditFinding({
          rule: 'vulnerable', severity: advisory.severity, path: manifest.path, line, evidence: `${evidence} · ${advisory.id}: ${advisory.range}`,
          message: `The declared range of "${name}" allows ${lowest}: ${advisory.summary} (${advisory.id}).`, fix: `Raise it out of ${advisory.range}.`,
        }));
      }
    }
  }
  return { findings, packages };
}

function nameOfLockKey(key: string): string {
  return key.slice(key.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** Entries of a lock file of version 2 or 3, and of version 1 with its nesting. */
function lockEntries(data: Record<string, unknown>): { key: string; pointer: string; entry: LockEntry }[] {
  if (isRecord(data.packages)) {
    return Object.entries(data.packages)
      .filter(([key, entry]) => key.includes('node_modules/') && isRecord(entry))
      .map(([key, entry]) => ({ key, pointer: `/packages/${pointerKey(key)}`, entry: entry as LockEntry }));
  }
  const found: { key: string; pointer: string; entry: LockEntry }[] = [];
  const visit = (group: unknown, prefix: string, pointer: string, depth: number) => {
    if (!isRecord(group) || depth > 50) return;
    for (const [name, entry] of Object.entries(group)) {
      if (!isRecord(entry)) continue;
      const key = `${prefix}node_modules/${name}`;
      const here = `${pointer}/${pointerKey(name)}`;
      found.push({ key, pointer: here, entry: entry as LockEntry });
      visit(entry.dependencies, `${key}/`, `${here}/dependencies`, depth + 1);
    }
  };
  visit(data.dependencies, '', '/dependencies', 0);
  return found;
}

function auditLockEntry(path: string, line: number | undefined, item: { name: string; entry: LockEntry }): Finding[] {
  const { name, entry } = item;
  const version = entry.version ?? 'unknown version';
  const evidence = `${name}@${version}`;
  const findings = advisoriesFor('npm', name, version).map((advisory) =>
    auditFinding({
      rule: 'vulnerable', severity: advisory.severity, path, line, evidence: `${evidence} · ${advisory.id}: ${advisory.range}`,
      message: `"${name}" ${version}: ${advisory.summary} (${advisory.id}).`, fix: `Update "${name}" out of ${advisory.range}.`,
    }),
  );
  if (entry.deprecated !== undefined) {
    findings.push(auditFinding({ rule: 'deprecated', severity: 'low', path, line, evidence: `${evidence}: ${entry.deprecated}`, message: `"${name}" is deprecated by its author.`, fix: 'Follow the note of its author.' }));
  }
  if (entry.hasInstallScript === true) {
    findings.push(auditFinding({ rule: 'install_script', severity: 'low', path, line, evidence, message: `"${name}" runs a script when it is installed.`, fix: 'Install with --ignore-scripts, and allow only what needs it.' }));
  }
  if (entry.resolved?.startsWith('http://') === true) {
    findings.push(auditFinding({ rule: 'plain_http', severity: 'high', path, line, evidence: `${evidence} ← ${entry.resolved}`, message: `"${name}" is fetched without encryption.`, fix: 'Use an https registry.' }));
  }
  if (entry.resolved?.startsWith('https://') === true && entry.integrity === undefined) {
    findings.push(auditFinding({ rule: 'no_integrity', severity: 'medium', path, line, evidence: `${evidence} ← ${entry.resolved}`, message: `"${name}" has no checksum in the lock file.`, fix: 'Write the lock file anew with a current npm.' }));
  }
  return findings;
}

/** Packages that are locked in several major versions. */
function duplicateMajors(path: string, packages: readonly AuditedPackage[]): Finding[] {
  const majors = new Map<string, Set<number>>();
  for (const entry of packages) {
    const parsed = semver.parse(entry.version, { loose: true });
    if (parsed === null) continue;
    majors.set(entry.name, (majors.get(entry.name) ?? new Set()).add(parsed.major));
  }
  return [...majors]
    .filter(([, found]) => found.size > 1)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, found]) =>
      auditFinding({ rule: 'duplicate_majors', severity: 'info', path, evidence: `${name}: ${[...found].toSorted((a, b) => a - b).join(', ')}`, message: `"${name}" is installed in ${found.size} major versions.`, fix: 'Bring the dependants to one version where possible.' }),
    );
}

/** Direct dependencies that the lock file does not know, or knows in a version outside of the declared range. */
function outOfStep(manifest: Manifest, lockPath: string, locked: ReadonlyMap<string, LockEntry>, prefix: string): Finding[] {
  const findings: Finding[] = [];
  for (const [section, entries] of manifest.sections) {
    if (section === 'peerDependencies' || section === 'optionalDependencies') continue;
    for (const [name, range] of Object.entries(entries)) {
      const entry = locked.get(`${prefix}node_modules/${name}`) ?? locked.get(`node_modules/${name}`);
      const line = manifest.lines.get(`/${section}/${pointerKey(name)}`);
      if (entry === undefined) {
        if (!/^(?:file:|link:|workspace:)/.test(range)) findings.push(auditFinding({ rule: 'lock_out_of_step', severity: 'medium', path: manifest.path, line, evidence: `"${name}": "${range}" is not in ${lockPath}`, message: `The lock file does not know "${name}".`, fix: 'Run npm install and commit the lock file.' }));
      } else if (entry.link !== true && entry.version !== undefined && semver.validRange(range) !== null && semver.valid(entry.version) !== null && !semver.satisfies(entry.version, range, { includePrerelease: true })) {
        findings.push(auditFinding({ rule: 'lock_out_of_step', severity: 'medium', path: manifest.path, line, evidence: `"${name}": "${range}", locked ${entry.version}`, message: `The locked version of "${name}" does not fit its declared range.`, fix: 'Run npm install and commit the lock file.' }));
      }
    }
  }
  return findings;
}

/** The lock file that governs a manifest: in its folder, or in a folder above (workspaces). */
export function lockFor(manifestPath: string, locks: ReadonlySet<string>): string | undefined {
  let folder = manifestPath.slice(0, manifestPath.lastIndexOf('/') + 1);
  for (;;) {
    for (const name of ['package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock']) if (locks.has(folder + name)) return folder + name;
    if (folder === '') return undefined;
    folder = folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1);
  }
}

/** Judges one npm lock file together with the manifests that it governs. */
function auditLock(file: TextFile, manifests: readonly Manifest[]): AuditResult {
  const data = parseJson(file.text);
  if (!isRecord(data)) return { findings: [auditFinding({ rule: 'unreadable', severity: 'medium', path: file.path, evidence: 'not valid JSON', message: 'The lock file cannot be read.', fix: 'Resolve conflicts in it, or write it anew.' })], packages: [] };
  const lines = jsonLines(file.text);
  const entries = lockEntries(data);
  const locked = new Map(entries.map(({ key, entry }) => [key, entry]));
  const direct = new Set(manifests.flatMap((manifest) => [...manifest.sections.values()].flatMap((section) => Object.keys(section))));
  const packages: AuditedPackage[] = entries
    .filter(({ entry }) => entry.link !== true)
    .map(({ key, entry }) => ({ ecosystem: 'npm', name: nameOfLockKey(key), version: entry.version ?? null, direct: direct.has(nameOfLockKey(key)) }));
  const folder = file.path.slice(0, file.path.lastIndexOf('/') + 1);
  return {
    packages,
    findings: [
      ...entries.flatMap(({ key, pointer, entry }) => auditLockEntry(file.path, lines.get(pointer), { name: nameOfLockKey(key), entry })),
      ...duplicateMajors(file.path, packages),
      ...manifests.flatMap((manifest) => outOfStep(manifest, file.path, locked, prefixOf(manifest.path, folder))),
    ],
  };
}

function prefixOf(manifestPath: string, lockFolder: string): string {
  return manifestPath.slice(lockFolder.length, manifestPath.lastIndexOf('/') + 1);
}

/** Judges all package.json and npm lock files of a folder. `paths` are all files there, to know which lock files exist. */
export function auditNpm(files: readonly TextFile[], paths: ReadonlySet<string>): AuditResult {
  const findings: Finding[] = [];
  const packages: AuditedPackage[] = [];
  const governed = new Map<string, Manifest[]>();
  for (const file of files.filter((candidate) => /(?:^|\/)package\.json$/.test(candidate.path))) {
    const manifest = readManifest(file);
    if (manifest === undefined) {
      findings.push(auditFinding({ rule: 'unreadable', severity: 'medium', path: file.path, evidence: 'not valid JSON', message: 'The manifest cannot be read.', fix: 'Correct the JSON.' }));
      continue;
    }
    const lock = lockFor(file.path, paths);
    if (lock !== undefined) governed.set(lock, [...(governed.get(lock) ?? []), manifest]);
    const isEmpty = [...manifest.sections.values()].every((section) => Object.keys(section).length === 0);
    const result = auditManifest(manifest, lock?.endsWith('.json') === true);
    findings.push(...result.findings);
    packages.push(...result.packages);
    if (lock === undefined && !isEmpty) {
      findings.push(auditFinding({ rule: 'lock_missing', severity: 'medium', path: file.path, evidence: 'no lock file here or above', message: 'Without a lock file each installation may get other versions.', fix: 'Run npm install and commit package-lock.json.' }));
    }
  }
  for (const file of files.filter((candidate) => /(?:^|\/)(?:package-lock|npm-shrinkwrap)\.json$/.test(candidate.path))) {
    const result = auditLock(file, governed.get(file.path) ?? []);
    findings.push(...result.findings);
    packages.push(...result.packages);
  }
  return { findings, packages };
}
