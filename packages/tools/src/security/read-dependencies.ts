import { z } from 'zod';
import type { ToolEnvironment } from '../definition.ts';
import {
  scanInputShape,
  scanTextFiles,
  type ScanInput,
  type ScanResult,
  type TextFile,
} from '../workspace/scan-files.ts';
import type { AuditResult } from './audit-result.ts';
import type { AdvisorySource } from './osv-advisories.ts';

const MANIFESTS =
  /(?:^|\/)(?:package\.json|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|requirements[^/]*\.txt|pyproject\.toml)$/;

/** Input fields of the tools that judge dependencies by advisories. */
export const dependencyInputShape = {
  ...scanInputShape,
  advisories: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe('Folder or file with advisories as OSV JSON, such as an unpacked export of osv.dev'),
};

export interface ReadDependencies {
  files: TextFile[];
  scan: ScanResult;
  source: AdvisorySource;
  npm: AuditResult;
  python: AuditResult;
  /** Findings of both. */
  audit: AuditResult;
}

/** Reads and judges all manifests and lock files of a folder. */
export async function readDependencies(
  request: ScanInput & { advisories?: string | undefined },
  env: ToolEnvironment,
): Promise<ReadDependencies> {
  const [{ createAdvisoryIndex }, { readAdvisories }, { auditNpm }, { auditPython }] =
    await Promise.all([
      import('./advisories.ts'),
      import('./osv-advisories.ts'),
      import('./audit-npm.ts'),
      import('./audit-python.ts'),
    ]);
  const source = await readAdvisories(request.advisories, env);
  const find = createAdvisoryIndex(source.advisories);
  const files: TextFile[] = [];
  const scan = await scanTextFiles(request, env, {
    wants: (file) => MANIFESTS.test(file.path),
    bytesMax: 32 * 1024 * 1024,
    onFile: (file) => void files.push(file),
  });
  const paths = new Set(scan.listed.map((file) => file.path));
  const npm = auditNpm(files, paths, find);
  const python = auditPython(files, paths, find);
  const audit = {
    findings: [...npm.findings, ...python.findings],
    packages: [...npm.packages, ...python.packages],
  };
  return { files, scan, source, npm, python, audit };
}
