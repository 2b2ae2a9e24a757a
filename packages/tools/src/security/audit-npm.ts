import type { Finding } from '@automatos/contracts';
import type { TextFile } from '../workspace/scan-files.ts';
import type { FindAdvisories } from './advisories.ts';
import { auditFinding, type AuditedPackage, type AuditResult } from './audit-result.ts';
import { LOCK_FILES } from './lock-entries.ts';
import { auditLock } from './npm-lock.ts';
import { auditManifest, readManifest, type Manifest } from './npm-manifest.ts';

/** The lock file that governs a manifest: in its folder, or in a folder above (workspaces). */
export function lockFor(manifestPath: string, locks: ReadonlySet<string>): string | undefined {
  let folder = manifestPath.slice(0, manifestPath.lastIndexOf('/') + 1);
  for (;;) {
    for (const name of [
      'package-lock.json',
      'npm-shrinkwrap.json',
      'yarn.lock',
      'pnpm-lock.yaml',
      'bun.lock',
    ])
      if (locks.has(folder + name)) return folder + name;
    if (folder === '') return undefined;
    folder = folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1);
  }
}

/** Judges all package.json and lock files (npm, Yarn, pnpm) of a folder. `paths` are all files there, to know which lock files exist. */
export function auditNpm(
  files: readonly TextFile[],
  paths: ReadonlySet<string>,
  find: FindAdvisories,
): AuditResult {
  const findings: Finding[] = [];
  const packages: AuditedPackage[] = [];
  const governed = new Map<string, Manifest[]>();
  for (const file of files.filter((candidate) => /(?:^|\/)package\.json$/.test(candidate.path))) {
    const manifest = readManifest(file);
    if (manifest === undefined) {
      findings.push(
        auditFinding({
          rule: 'unreadable',
          severity: 'medium',
          path: file.path,
          evidence: 'not valid JSON',
          message: 'The manifest cannot be read.',
          fix: 'Correct the JSON.',
        }),
      );
      continue;
    }
    const lock = lockFor(file.path, paths);
    if (lock !== undefined) governed.set(lock, [...(governed.get(lock) ?? []), manifest]);
    const isEmpty = [...manifest.sections.values()].every(
      (section) => Object.keys(section).length === 0,
    );
    const result = auditManifest(manifest, lock !== undefined && LOCK_FILES.test(lock), find);
    findings.push(...result.findings);
    packages.push(...result.packages);
    if (lock === undefined && !isEmpty) {
      findings.push(
        auditFinding({
          rule: 'lock_missing',
          severity: 'medium',
          path: file.path,
          evidence: 'no lock file here or above',
          message: 'Without a lock file each installation may get other versions.',
          fix: 'Run npm install and commit package-lock.json.',
        }),
      );
    }
  }
  for (const file of files.filter((candidate) => LOCK_FILES.test(candidate.path))) {
    const result = auditLock(file, governed.get(file.path) ?? [], find);
    findings.push(...result.findings);
    packages.push(...result.packages);
  }
  return { findings, packages };
}
