import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { revisionSchema } from '../git/revision.ts';
import { countBy } from '../workspace/count-by.ts';
import {
  describeSkipped,
  scanInputShape,
  scanTextFiles,
  type TextFile,
} from '../workspace/scan-files.ts';
import { skippedSchema } from '../workspace/walk.ts';

const WANTED =
  /(?:^|\/)(?:package\.json|\.npmrc|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml)$/;

const input = z.strictObject({
  ...scanInputShape,
  registries: z
    .array(z.string().min(1).max(300))
    .max(50)
    .default([])
    .describe('Hosts that packages may come from beside the public registries and those of .npmrc'),
  base: revisionSchema
    .optional()
    .describe('Commit, tag or branch whose lock files checksums are compared with; default HEAD'),
});
const output = z.object({
  lock_files: z.array(
    z.object({ path: z.string(), kind: z.string(), version: z.string(), packages: z.int() }),
  ),
  hosts: z.record(z.string(), z.int()).describe('How many packages come from which host'),
  registries: z.array(z.string()).describe('Hosts that were accepted'),
  compared_with: z.string().nullable().describe('What checksums were compared with, or null'),
  by_rule: z.record(z.string(), z.int()),
  skipped: skippedSchema,
});

function describeLocks(locks: number, packages: number, problems: number): string {
  if (locks === 0 && problems === 0) return 'No lock file of npm, Yarn or pnpm is there';
  const found =
    problems === 0
      ? 'sources, encryption, checksums and drift are in order'
      : `${problems} problems`;
  return `${packages} packages in ${locks} lock files: ${found}`;
}

export const lockfileIntegrity = defineTool({
  name: 'lockfile_integrity',
  title: 'Check lock files',
  description:
    'Checks where lock files of npm, Yarn and pnpm fetch packages from: hosts, encryption, git sources, missing, weak or changed checksums, archives of another package, and drift from package.json.',
  group: 'security',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['supply chain', 'lockfile', 'checksum', 'registry', 'poisoning'],
  async run(request, env) {
    const [{ readLockFile, LOCK_FILES }, { judgeLock, registriesOf }, drift, before] =
      await Promise.all([
        import('./lock-entries.ts'),
        import('./judge-lock.ts'),
        import('./lock-drift.ts'),
        import('./lock-before.ts'),
      ]);
    const files: TextFile[] = [];
    const scan = await scanTextFiles(request, env, {
      wants: (file) => WANTED.test(file.path),
      bytesMax: 32 * 1024 * 1024,
      onFile: (file) => void files.push(file),
    });
    const registries = registriesOf(files, request.registries);
    const readBefore = await before.openBefore(scan.folder, request.base, env);
    const findings: Finding[] = [];
    const locks: z.output<typeof output>['lock_files'] = [];
    const hosts: string[] = [];
    for (const file of files.filter(({ path }) => LOCK_FILES.test(path))) {
      env.progress(`Reading ${file.path}`);
      const lock = readLockFile(file);
      if (lock === undefined) {
        findings.push(drift.unreadable(file.path));
        continue;
      }
      const earlier = await readBefore?.(file);
      findings.push(...judgeLock(lock, registries, earlier), ...drift.judgeDrift(lock, files));
      const { path, kind, version, packages } = lock;
      locks.push({ path, kind, version, packages: packages.length });
      for (const { resolved } of packages) {
        const host = resolved === undefined ? undefined : URL.parse(resolved)?.host;
        if (host !== undefined && host !== '') hosts.push(host);
      }
    }
    findings.push(...drift.severalLocks(locks.map(({ path }) => path)));
    const total = locks.reduce((sum, lock) => sum + lock.packages, 0);
    return {
      output: {
        lock_files: locks,
        hosts: countBy(hosts, (host) => host),
        registries: [...registries],
        compared_with: readBefore === null ? null : (request.base ?? 'HEAD'),
        by_rule: countBy(findings, (finding) => finding.rule),
        skipped: scan.skipped,
      },
      summary: `${describeLocks(locks.length, total, findings.length)}${readBefore === null ? '' : `; checksums compared with ${request.base ?? 'HEAD'}`}.${describeSkipped(scan.skipped)}`,
      findings,
    };
  },
});
