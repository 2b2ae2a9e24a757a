import type { Finding, Severity } from '@automatos/contracts';
import type { TextFile } from '../workspace/scan-files.ts';
import type { LockedPackage, LockFile } from './lock-entries.ts';
import { listNames } from './npm-lock.ts';

const PUBLIC_REGISTRIES = [
  'https://registry.npmjs.org',
  'https://registry.yarnpkg.com',
  'https://npm.jsr.io',
].map((url) => new URL(url).hostname);

/** Hosts that packages may come from: the public registries, those named in .npmrc, and those given. */
export function registriesOf(files: readonly TextFile[], more: readonly string[]): Set<string> {
  const declared = files
    .filter(({ path }) => /(?:^|\/)\.npmrc$/.test(path))
    .flatMap(({ text }) => [...text.matchAll(/^\s*(?:@[^:\s]+:)?registry\s*=\s*(\S+)/gm)])
    .flatMap(([, url = '']) => URL.parse(url)?.host ?? []);
  const given = more.map((entry) => URL.parse(entry)?.host || entry);
  return new Set([...PUBLIC_REGISTRIES, ...declared, ...given]);
}

interface Problem {
  rule: string;
  severity: Severity;
  message: string;
  evidence: string;
  fix: string;
}

/** Builds a finding of this tool. */
export function lockFinding(problem: Problem, path: string, line?: number): Finding {
  return {
    ...problem,
    rule: `lockfile.${problem.rule}`,
    location: { path, line: line ?? 1 },
    tool: 'lockfile_integrity',
  };
}

function label(entry: LockedPackage): string {
  return `${entry.name}@${entry.version ?? 'unknown'}`;
}

const isGit = (resolved: string) =>
  /^(?:git[+:@]|ssh:)|\.git(?:#|$)|^https:\/\/codeload\.github\.com\//.test(resolved);

/** Name and version in the address of an archive as registries write it, or undefined. */
function archiveOf(resolved: string): { name: string; version: string } | undefined {
  const path = decodeURIComponent(URL.parse(resolved)?.pathname ?? '');
  const match = /((?:@[^/]+\/)?[^/@]+)\/-\/(?:@[^/]+\/)?([^/]+)\.tgz$/.exec(path);
  if (match === null) return undefined;
  const name = match[1] ?? '';
  const plain = name.slice(name.indexOf('/') + 1);
  const file = match[2] ?? '';
  return file.startsWith(`${plain}-`) ? { name, version: file.slice(plain.length + 1) } : undefined;
}

function judgeGit(entry: LockedPackage, resolved: string): Problem[] {
  const pinned = /[#/][0-9a-f]{40}(?:$|[&?])/.test(resolved);
  return [
    pinned
      ? {
          rule: 'git_source',
          severity: 'low',
          message: `"${entry.name}" comes from a git repository, without the checks of a registry.`,
          evidence: `${label(entry)} ← ${resolved}`,
          fix: 'Use a released version where there is one.',
        }
      : {
          rule: 'git_unpinned',
          severity: 'high',
          message: `"${entry.name}" comes from a git repository at a place that can move.`,
          evidence: `${label(entry)} ← ${resolved}`,
          fix: 'Pin a full commit hash, or use the registry.',
        },
  ];
}

function judgeArchive(entry: LockedPackage, resolved: string): Problem[] {
  const archive = archiveOf(resolved);
  if (archive === undefined) return [];
  const evidence = `${label(entry)} ← ${resolved}`;
  if (archive.name !== entry.realName)
    return [
      {
        rule: 'wrong_package',
        severity: 'critical',
        message: `Under the name "${entry.name}" the archive of "${archive.name}" is installed.`,
        evidence,
        fix: 'Find out who changed the lock file; write it anew from package.json.',
      },
    ];
  if (entry.version === undefined || archive.version === entry.version) return [];
  return [
    {
      rule: 'wrong_version',
      severity: 'high',
      message: `"${entry.name}" claims version ${entry.version}, its archive is ${archive.version}.`,
      evidence,
      fix: 'Find out who changed the lock file; write it anew from package.json.',
    },
  ];
}

/** What is wrong with where a package comes from. */
function judgeSource(entry: LockedPackage, registries: ReadonlySet<string>): Problem[] {
  const { resolved } = entry;
  if (resolved === undefined || entry.isLocal || /^(?:file|link):|^\.{0,2}\//.test(resolved))
    return [];
  if (isGit(resolved)) return judgeGit(entry, resolved);
  const url = URL.parse(resolved);
  if (url === null || !url.protocol.startsWith('http')) return [];
  const problems: Problem[] = [];
  const evidence = `${label(entry)} ← ${resolved}`;
  if (url.protocol === 'http:')
    problems.push({
      rule: 'plain_http',
      severity: 'high',
      message: `"${entry.name}" is fetched without encryption.`,
      evidence,
      fix: 'Use an https registry.',
    });
  if (!registries.has(url.host))
    problems.push({
      rule: 'foreign_host',
      severity: 'high',
      message: `"${entry.name}" comes from ${url.host}, which is no registry of this project.`,
      evidence,
      fix: 'Fetch it from the registry, or name the host in .npmrc when it is meant.',
    });
  return [...problems, ...judgeArchive(entry, resolved)];
}

/** Packages without or with a weak checksum, as one finding each: they mostly come in dozens, for one and the same reason. */
function judgeChecksums(lock: LockFile): Finding[] {
  const fetched = lock.packages.filter(
    ({ isLocal, resolved, version }) =>
      !isLocal &&
      version !== undefined &&
      (resolved === undefined ? lock.kind !== 'npm' : resolved.startsWith('http')),
  );
  const missing = fetched.filter(
    ({ integrity, resolved }) =>
      // Classic Yarn keeps a SHA-1 behind the address.
      integrity === undefined && !/#[0-9a-f]{40}$/.test(resolved ?? ''),
  );
  const weak = fetched.filter(({ integrity, resolved }) =>
    integrity === undefined
      ? /#[0-9a-f]{40}$/.test(resolved ?? '')
      : /^(?:md5|sha1)-/.test(integrity) && !/sha(?:256|384|512)-/.test(integrity),
  );
  const kinds = [
    [missing, 'no_integrity', 'no checksum in the lock file'],
    [weak, 'weak_integrity', 'only a checksum that can be forged (SHA-1 or MD5)'],
  ] as const;
  return kinds
    .filter(([entries]) => entries.length > 0)
    .map(([entries, rule, what]) =>
      lockFinding(
        {
          rule,
          severity: 'medium',
          message: `${entries.length} packages have ${what}.`,
          evidence: listNames(entries.map(label)),
          fix: 'Write the lock file anew with a current package manager and a registry that gives SHA-512.',
        },
        lock.path,
        entries[0]?.line,
      ),
    );
}

function checksums(lock: LockFile): Map<string, LockedPackage> {
  return new Map(
    lock.packages
      .filter(({ integrity }) => integrity !== undefined)
      .map((entry) => [`${entry.realName}@${entry.version ?? ''}`, entry]),
  );
}

const algorithm = (integrity: string | undefined) => integrity?.split('-')[0] ?? '';

/** The same version with another content: inside the file, or since the state before. */
function judgeContents(lock: LockFile, before: LockFile | undefined): Finding[] {
  const findings: Finding[] = [];
  const seen = new Map<string, LockedPackage>();
  const earlier = before === undefined ? new Map<string, LockedPackage>() : checksums(before);
  for (const entry of lock.packages) {
    if (entry.integrity === undefined) continue;
    const key = `${entry.realName}@${entry.version ?? ''}`;
    const kinds = [
      [seen.get(key), 'integrity_conflict', 'has two different checksums in this file'],
      [earlier.get(key), 'integrity_changed', 'has another checksum than before'],
    ] as const;
    for (const [other, rule, what] of kinds) {
      if (other?.integrity === undefined || other.integrity === entry.integrity) continue;
      if (algorithm(other.integrity) !== algorithm(entry.integrity)) continue;
      findings.push(
        lockFinding(
          {
            rule,
            severity: 'critical',
            message: `"${key}" ${what}: a published version does not change.`,
            evidence: `${entry.integrity} instead of ${other.integrity}`,
            fix: 'Find out who changed the lock file; compare with what the registry says.',
          },
          lock.path,
          entry.line,
        ),
      );
    }
    seen.set(key, entry);
  }
  return findings;
}

/** Judges sources and checksums of one lock file. Pure. */
export function judgeLock(
  lock: LockFile,
  registries: ReadonlySet<string>,
  before: LockFile | undefined,
): Finding[] {
  return [
    ...lock.packages.flatMap((entry) =>
      judgeSource(entry, registries).map((problem) => lockFinding(problem, lock.path, entry.line)),
    ),
    ...judgeChecksums(lock),
    ...judgeContents(lock, before),
  ];
}
