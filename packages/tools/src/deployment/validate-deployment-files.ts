import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { countBy } from '../workspace/count-by.ts';
import { describeSkipped, scanInputShape, scanTextFiles } from '../workspace/scan-files.ts';
import { skippedSchema } from '../workspace/walk.ts';
import { DEPLOYMENT_KINDS, kindByPath, type DeploymentFile } from './deployment-files.ts';

const input = z.strictObject(scanInputShape);
const output = z.object({
  validation: z.array(
    z.object({ path: z.string(), kind: z.enum(DEPLOYMENT_KINDS), findings: z.int() }),
  ),
  by_rule: z.record(z.string(), z.int()),
  skipped: skippedSchema,
});

export const validateDeploymentFiles = defineTool({
  name: 'validate_deployment_files',
  title: 'Validate deployment files',
  description:
    'Checks Dockerfiles, Compose files, Kubernetes manifests and GitHub Actions workflows: form, versions of images and actions, rights, secrets, limits, probes and script injection.',
  group: 'deployment',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['dockerfile', 'compose', 'kubernetes', 'workflow', 'ci', 'lint', 'hardening'],
  async run(request, env) {
    const { checkFiles } = await import('./check-files.ts');
    const files: DeploymentFile[] = [];
    const scan = await scanTextFiles(request, env, {
      wants: ({ path }) => kindByPath(path) !== undefined || /\.ya?ml$/.test(path),
      skipGenerated: true,
      onFile: ({ path, text }) => void files.push({ path, text }),
    });
    const checked = checkFiles(files, new Set(scan.listed.map(({ path }) => path)));
    const findings = checked.flatMap((file) => file.findings);
    return {
      output: {
        validation: checked.map(({ path, kind, findings: own }) => ({
          path,
          kind,
          findings: own.length,
        })),
        by_rule: countBy(findings, ({ rule }) => rule),
        skipped: scan.skipped,
      },
      summary: `${checked.length === 0 ? `No Dockerfile, Compose file, Kubernetes manifest or workflow among ${scan.listed.length} files` : `${findings.length} problems in ${checked.length} deployment files`}.${describeSkipped(scan.skipped)}`,
      findings,
    };
  },
});
