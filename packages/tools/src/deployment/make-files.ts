import { toolError } from '../tool-error.ts';
import type { Blueprint } from './blueprint.ts';
import { plainCommand } from './detect-node.ts';
import { makeCompose } from './make-compose.ts';
import { makeDockerfile, makeIgnoreFile } from './make-dockerfile.ts';
import { makeKubernetes } from './make-kubernetes.ts';
import { makeWorkflow } from './make-workflow.ts';
import { inFolder, type Component, type Project, type Stack } from './stack.ts';
import type { DeploymentRequest } from './deployment-request.ts';

/** Set by the files, or known everywhere. */
const OWN_VARIABLES = new Set(['PORT', 'HOST', 'NODE_ENV', 'HOME', 'PATH', 'CI', 'TZ', 'PWD']);
const MADE_FOR = new Set(['JavaScript', 'TypeScript', 'Python', 'Go']);

function chooseComponent(stack: Stack, folder: string | undefined): Component {
  const found = stack.components.filter(({ kind }) => kind !== 'library');
  const chosen =
    folder === undefined
      ? found[0]
      : found.find((one) => one.folder === (folder.replace(/\/+$/, '') || '.'));
  if (chosen !== undefined && MADE_FOR.has(chosen.language)) return chosen;
  const there = stack.components.map((one) => `${one.folder} (${one.language} ${one.kind})`);
  throw toolError(
    'tools.deployment.stack_unsupported',
    'invalid-input',
    `Nothing here can be packed: files are made for programs in Node, Python and Go that start by themselves (for Node: a "start" script), and for sites built by Vite. Found: ${there.join(', ') || 'no manifest of a known language'}.`,
  );
}

function blueprint(
  stack: Stack,
  project: Project,
  request: DeploymentRequest,
): { plan: Blueprint; assumptions: string[] } {
  const component = chooseComponent(stack, request.component);
  const assumptions: string[] = [];
  const known = component.kind === 'site' ? 8080 : (request.port ?? component.ports[0]?.value);
  if (known === undefined)
    assumptions.push('No port was found, so 8080 is used and given as PORT.');
  if (component.health_path === null && component.kind === 'service')
    assumptions.push('No health address was found, so probes only try to connect.');
  if (component.runtime_version === null && component.kind === 'service')
    assumptions.push(`No version of ${component.language} is named, so a supported one is used.`);
  if (component.commands.test === null) assumptions.push('No test command was found.');
  const manager = component.package_manager?.value ?? 'npm';
  const isNode = component.language === 'JavaScript' || component.language === 'TypeScript';
  const command = isNode
    ? (plainCommand(project, component) ?? [manager, 'start'])
    : (component.commands.start?.value ?? '').split(' ');
  const plan: Blueprint = {
    component,
    port: known ?? 8080,
    image: request.image ?? `${component.name}:${component.version}`,
    healthPath: component.kind === 'site' ? '/' : (component.health_path?.value ?? null),
    command,
    variables: component.environment
      .map(({ value }) => value)
      .filter((name) => !OWN_VARIABLES.has(name)),
    paths: project.paths,
  };
  return { plan, assumptions };
}

/** Makes the files of a deployment. Throws `tools.deployment.stack_unsupported`. Pure. */
export function makeFiles(
  stack: Stack,
  project: Project,
  request: DeploymentRequest,
): { files: Record<string, string>; assumptions: string[]; component: Component } {
  const { plan, assumptions } = blueprint(stack, project, request);
  const { folder } = plan.component;
  const wants = (platform: DeploymentRequest['platform']) =>
    request.platform === 'all' || request.platform === platform;
  const files: Record<string, string> = {};
  if (wants('docker') || wants('compose')) {
    files[inFolder(folder, 'Dockerfile')] = makeDockerfile(plan);
    files[inFolder(folder, '.dockerignore')] = makeIgnoreFile();
  }
  if (wants('compose')) files[inFolder(folder, 'compose.yaml')] = makeCompose(plan);
  if (wants('kubernetes')) files[inFolder(folder, 'k8s/deployment.yaml')] = makeKubernetes(plan);
  if (wants('github_actions')) files['.github/workflows/ci.yaml'] = makeWorkflow(plan);
  return { files, assumptions, component: plan.component };
}
