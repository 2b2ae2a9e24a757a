import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { deploymentRequestSchema } from './deployment-request.ts';

const output = z.object({
  files: z.record(z.string(), z.string()).describe('Text by path relative to the project'),
  validation: z.array(z.object({ path: z.string(), kind: z.string(), findings: z.int() })),
  assumptions: z.array(z.string()).describe('What nothing in the project says'),
  saved: z.array(z.string()),
  not_saved: z.array(z.string()).describe('Existed already'),
  component: z.string(),
});

/** What a made file is, for those who show it. */
function typeOf(path: string): string {
  return /\.ya?ml$/.test(path) ? 'application/yaml' : 'text/plain';
}

export const writeDeploymentFiles = defineTool({
  name: 'write_deployment_files',
  title: 'Make deployment files',
  description:
    'Makes a Dockerfile, .dockerignore, Compose file, Kubernetes manifests and a CI workflow for a Node, Python or Go project or a static site, checked by the same rules as foreign ones. Saves them only when asked to.',
  group: 'deployment',
  input: deploymentRequestSchema,
  output,
  capabilities: ['read', 'write'],
  actions: { preview: ['read'], save: ['read', 'write'] },
  actionOf: ({ save }) => (save ? 'save' : 'preview'),
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['dockerfile', 'compose', 'kubernetes', 'pipeline', 'container', 'generate'],
  async run(request, env) {
    const [{ readStack }, { makeFiles }, { checkFiles }, { saveNew }] = await Promise.all([
      import('./read-stack.ts'),
      import('./make-files.ts'),
      import('./check-files.ts'),
      import('./save-new.ts'),
    ]);
    const { stack, project, scan } = await readStack({ path: request.path }, env);
    const made = makeFiles(stack, project, request);
    const checked = checkFiles(
      Object.entries(made.files).map(([path, text]) => ({ path, text })),
      new Set([...project.paths, ...Object.keys(made.files)]),
    );
    const wrong = checked.flatMap(({ findings }) => findings);
    if (wrong.length > 0)
      throw toolError(
        'tools.deployment.result_invalid',
        'internal',
        `The files that were made break own rules (${wrong.map(({ rule, location }) => `${rule} in ${location?.path}`).join(', ')}), so they are not offered.`,
      );
    const { saved, notSaved } = request.save
      ? await saveNew(scan.folder, made.files, env)
      : { saved: [], notSaved: [] };
    const names = Object.keys(made.files);
    return {
      output: {
        files: made.files,
        validation: checked.map(({ path, kind, findings }) => ({
          path,
          kind,
          findings: findings.length,
        })),
        assumptions: made.assumptions,
        saved,
        not_saved: notSaved,
        component: made.component.folder,
      },
      summary: `${names.join(', ')} for ${made.component.name} (${made.component.language}), checked without complaint; ${request.save ? `${saved.length} saved, ${notSaved.length} existed already` : 'nothing was saved'}.${made.assumptions.length === 0 ? '' : ` Assumed: ${made.assumptions.join(' ')}`}`,
      artifacts: names.map((path) => ({
        // Names of artifacts have no folders and do not begin with a dot; the title is the path.
        name: path.replace(/^\.+/, '').replaceAll('/', '__'),
        title: path,
        contentType: typeOf(path),
        content: made.files[path] ?? '',
      })),
    };
  },
});
