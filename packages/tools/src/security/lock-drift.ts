import type { Finding } from '@automatos/contracts';
import semver from 'semver';
import type { TextFile } from '../workspace/scan-files.ts';
import { compareText } from '../workspace/walk.ts';
import { lockFor } from './audit-npm.ts';
import { pointerKey } from './json-lines.ts';
import { lockFinding } from './judge-lock.ts';
import { LOCK_FILES, type LockedPackage, type LockFile } from './lock-entries.ts';
import { readManifest, type Manifest } from './npm-manifest.ts';

const LOCAL = /^(?:file:|link:|workspace:|portal:|patch:|catalog:)/;

function fits(entry: LockedPackage, range: string): boolean {
  if (entry.isLocal || entry.version === undefined) return true;
  if (semver.validRange(range) === null || semver.valid(entry.version) === null) return true;
  return semver.satisfies(entry.version, range, { includePrerelease: true });
}

/** What is said of one declared dependency: why the lock file does not serve it, or undefined. */
function problemOf(
  lock: LockFile,
  prefix: string,
  [name, range]: [string, string],
): { message: string; evidence: string } | undefined {
  if (LOCAL.test(range)) return undefined;
  const asked = `"${name}": "${range}"`;
  if (lock.kind === 'npm') {
    const entry =
      lock.packages.find(({ key }) => key === `${prefix}node_modules/${name}`) ??
      lock.packages.find(({ key }) => key === `node_modules/${name}`);
    if (entry === undefined)
      return {
        message: `The lock file does not know "${name}".`,
        evidence: `${asked} is not in ${lock.path}`,
      };
    if (fits(entry, range)) return undefined;
    return {
      message: `The locked version of "${name}" does not fit its declared range.`,
      evidence: `${asked}, locked ${entry.version ?? ''}`,
    };
  }
  const key = lock.kind === 'pnpm' ? `${prefix}${name}@${range}` : `${name}@${range}`;
  if (lock.asked.has(key) || lock.asked.has(`${name}@npm:${range}`)) return undefined;
  const isKnown = [...lock.asked].some((one) => one.startsWith(key.slice(0, -range.length)));
  return {
    message: isKnown
      ? `The lock file was written for another range of "${name}".`
      : `The lock file does not know "${name}".`,
    evidence: `${asked} is not in ${lock.path}`,
  };
}

function judgeManifest(lock: LockFile, manifest: Manifest): Finding[] {
  const folder = lock.path.slice(0, lock.path.lastIndexOf('/') + 1);
  const prefix = manifest.path.slice(folder.length, manifest.path.lastIndexOf('/') + 1);
  return (['dependencies', 'devDependencies'] as const).flatMap((section) =>
    Object.entries(manifest.sections.get(section) ?? {}).flatMap((entry) => {
      const problem = problemOf(lock, prefix, entry);
      if (problem === undefined) return [];
      return [
        lockFinding(
          {
            rule: 'out_of_step',
            severity: 'medium',
            ...problem,
            fix: 'Install with the package manager of the lock file and commit what it writes.',
          },
          manifest.path,
          manifest.lines.get(`/${section}/${pointerKey(entry[0])}`),
        ),
      ];
    }),
  );
}

/** Dependencies that manifests declare and the lock file that governs them does not serve. */
export function judgeDrift(lock: LockFile, files: readonly TextFile[]): Finding[] {
  const locks = new Set(files.map(({ path }) => path).filter((path) => LOCK_FILES.test(path)));
  return files
    .filter(({ path }) => /(?:^|\/)package\.json$/.test(path) && lockFor(path, locks) === lock.path)
    .flatMap((file) => readManifest(file) ?? [])
    .flatMap((manifest) => judgeManifest(lock, manifest));
}

/** Lock files of several package managers side by side: which one holds is a matter of luck. */
export function severalLocks(paths: readonly string[]): Finding[] {
  const byFolder = Map.groupBy(paths, (path) => path.slice(0, path.lastIndexOf('/') + 1));
  return [...byFolder.values()]
    .filter((found) => found.length > 1)
    .map((found) =>
      lockFinding(
        {
          rule: 'several_managers',
          severity: 'low',
          message: 'Lock files of several package managers lie in one folder.',
          evidence: found.toSorted(compareText).join(', '),
          fix: 'Keep the one that the build uses.',
        },
        found.toSorted(compareText)[0] ?? '',
      ),
    );
}

/** The finding for a lock file that cannot be read. */
export function unreadable(path: string): Finding {
  return lockFinding(
    {
      rule: 'unreadable',
      severity: 'medium',
      message: 'The lock file cannot be read.',
      evidence: 'not valid JSON or YAML',
      fix: 'Resolve conflicts in it, or write it anew.',
    },
    path,
  );
}
