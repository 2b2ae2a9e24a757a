import type { Finding } from '@automatos/contracts';
import { toolError } from '../tool-error.ts';
import type { EnvironmentDiff } from './compare-environments.ts';
import type { RolloutRequest, RolloutStep } from './rollout-schema.ts';
import type { Component, Stack } from './stack.ts';

export interface Plan {
  component: string;
  platform: string;
  strategy: string;
  blockers: string[];
  steps: RolloutStep[];
}

type Step = Omit<RolloutStep, 'number'>;
type Compared = { diff: EnvironmentDiff; findings: readonly Finding[] } | null;

function choose(stack: Stack, folder: string | undefined): Component {
  const found =
    folder === undefined
      ? (stack.components.find(({ kind }) => kind !== 'library') ?? stack.components[0])
      : stack.components.find((one) => one.folder === (folder.replace(/\/+$/, '') || '.'));
  if (found !== undefined) return found;
  throw toolError(
    'tools.deployment.stack_unsupported',
    'invalid-input',
    folder === undefined
      ? 'No manifest of a known language lies here, so there is nothing to roll out.'
      : `"component" names no component: "${folder}". There are: ${stack.components.map((one) => one.folder).join(', ') || 'none'}.`,
  );
}

/** What makes this rollout riskier than it need be, each with the place that shows it. */
function risks(component: Component): Finding[] {
  const found: Finding[] = [];
  const add = (parts: Omit<Finding, 'tool'>) => found.push({ ...parts, tool: 'rollout_plan' });
  const { start, test } = component.commands;
  if (component.kind === 'service' && component.health_path === null && start !== null)
    add({
      rule: 'rollout.no_health_address',
      severity: 'medium',
      message: `"${component.name}" has no address that tells whether it works, so a rollout cannot stop by itself.`,
      location: { path: start.path, line: start.line },
      evidence: start.evidence,
      fix: 'Answer /healthz with 200 when the program and what it needs are reachable.',
    });
  if (test === null && component.package_manager !== null)
    add({
      rule: 'rollout.no_tests',
      severity: 'medium',
      message: `"${component.name}" has no test command that could stop a bad version.`,
      location: { path: component.package_manager.path, line: component.package_manager.line },
      evidence: component.package_manager.evidence,
      fix: 'Add a test command.',
    });
  if (component.migrations !== null)
    add({
      rule: 'rollout.migrations',
      severity: 'low',
      message:
        'The database changes with the program: during the rollout both versions run on one database.',
      location: { path: component.migrations.path, line: 1 },
      evidence: component.migrations.path,
      fix: 'First add, then use, and remove only with a later version.',
    });
  return found;
}

function blockersOf(compared: Compared): string[] {
  if (compared === null) return [];
  return [
    ...compared.diff.missing.map(({ key, file }) => `Set "${key}" in ${file}.`),
    ...compared.findings
      .filter(({ rule }) => rule === 'env.placeholder')
      .map(({ message }) => `${message} Give the real value.`),
  ];
}

function prepareSteps(component: Component, compared: Compared): Step[] {
  const steps: Step[] = [];
  const { test, build } = component.commands;
  if (test !== null)
    steps.push({
      phase: 'prepare',
      action: 'Run the tests on the commit that is to be rolled out.',
      command: test.value,
      check: 'All tests pass.',
      rollback: 'Stop; nothing has changed.',
    });
  steps.push({
    phase: 'prepare',
    action: `Build the image of version ${component.version}${build === null ? '' : ` (it runs "${build.value}")`} and push it.`,
    command: `docker build --pull --tag ${component.name}:${component.version} ${component.folder}`,
    check: 'The image exists in the registry, and its digest is noted.',
    rollback: 'Stop; nothing has changed.',
  });
  const changed =
    compared === null ? 0 : compared.diff.different.length + compared.diff.added.length;
  if (changed > 0)
    steps.push({
      phase: 'prepare',
      action: `Bring the ${changed} changed or new settings into the environment, keeping the old ones aside.`,
      command: null,
      check: 'Each key of the wanted settings has a value.',
      rollback: 'Put the settings that were kept aside back.',
    });
  if (component.migrations !== null)
    steps.push(
      {
        phase: 'prepare',
        action: 'Save the database.',
        command: null,
        check: 'The copy was restored into an empty database once.',
        rollback: 'Stop; nothing has changed.',
      },
      {
        phase: 'deploy',
        action: `Apply the changes of the database in ${component.migrations.value} that the running version can live with.`,
        command: null,
        check: 'The running version still answers without new errors.',
        rollback: 'Undo the changes; restore the copy only when they destroyed data.',
      },
    );
  return steps;
}

function verification(component: Component): string {
  return component.health_path === null
    ? 'The program accepts connections, and errors in its log are no more than before.'
    : `${component.health_path.value} answers 200 on every copy, and errors are no more than before.`;
}

function kubernetesSteps(component: Component, strategy: string): Step[] {
  const { name, version } = component;
  const check = verification(component);
  const undo = `kubectl rollout undo deployment/${name}`;
  if (strategy === 'rolling')
    return [
      {
        phase: 'deploy',
        action: 'Replace the copies one by one.',
        command: `kubectl set image deployment/${name} ${name}=${name}:${version} && kubectl rollout status deployment/${name} --timeout=5m`,
        check,
        rollback: undo,
      },
    ];
  if (strategy === 'canary')
    return [
      {
        phase: 'deploy',
        action:
          'Write k8s/canary.yaml (the Deployment under another name, one copy, the same labels, the new image) and start it beside the old copies.',
        command: `kubectl apply -f k8s/canary.yaml && kubectl rollout status deployment/${name}-canary --timeout=5m`,
        check,
        rollback: `kubectl delete deployment/${name}-canary`,
      },
      {
        phase: 'verify',
        action: 'Watch errors and times of the new copy against the old ones for half an hour.',
        command: null,
        check: 'Error rate and p95 are no worse than those of the old copies.',
        rollback: `kubectl delete deployment/${name}-canary`,
      },
      {
        phase: 'deploy',
        action: 'Replace the other copies, then remove the extra one.',
        command: `kubectl set image deployment/${name} ${name}=${name}:${version} && kubectl rollout status deployment/${name} --timeout=5m && kubectl delete deployment/${name}-canary`,
        check,
        rollback: undo,
      },
    ];
  return [
    {
      phase: 'deploy',
      action:
        'Write k8s/green.yaml (the Deployment under another name, the new image, the label app.kubernetes.io/version) and start it beside the old copies, without requests.',
      command: `kubectl apply -f k8s/green.yaml && kubectl rollout status deployment/${name}-green --timeout=5m`,
      check,
      rollback: `kubectl delete deployment/${name}-green`,
    },
    {
      phase: 'deploy',
      action: 'Point the service at the new copies.',
      command: `kubectl patch service ${name} -p '{"spec":{"selector":{"app.kubernetes.io/version":"${version}"}}}'`,
      check,
      rollback: 'Point the service back at the old copies; they still run.',
    },
  ];
}

function composeSteps(component: Component): Step[] {
  return [
    {
      phase: 'deploy',
      action: 'Replace the container; the program is away for the time of its start.',
      command: `docker compose up --detach --wait ${component.name}`,
      check: verification(component),
      rollback: `Set the image back to the version before, and run "docker compose up --detach --wait ${component.name}".`,
    },
  ];
}

function finalSteps(component: Component, strategy: string): Step[] {
  const steps: Step[] = [
    {
      phase: 'verify',
      action: 'Try the most important ways through the program as a user.',
      command: null,
      check: 'Each gives the expected result.',
      rollback: 'Go the way back as a whole.',
    },
    {
      phase: 'finish',
      action:
        'Watch errors, times and load for an hour; note version, digest and time of the rollout.',
      command: null,
      check: 'Nothing got worse.',
      rollback: 'Go the way back as a whole.',
    },
  ];
  if (strategy === 'blue_green')
    steps.push({
      phase: 'finish',
      action: 'Remove the old copies.',
      command: `kubectl delete deployment/${component.name}`,
      check: 'Only the new version runs.',
      rollback: 'From here on the way back is a rollout of the old version.',
    });
  return steps;
}

function wayBack(
  component: Component,
  { platform, compared }: { platform: string; compared: Compared },
): string[] {
  return [
    'Decide within ten minutes: a way back that is known beats a search for the cause.',
    platform === 'kubernetes'
      ? `kubectl rollout undo deployment/${component.name} && kubectl rollout status deployment/${component.name} --timeout=5m`
      : `Set the image of "${component.name}" back to the version before, and run "docker compose up --detach --wait".`,
    ...(compared === null || compared.diff.different.length + compared.diff.added.length === 0
      ? []
      : ['Put the settings that were kept aside back.']),
    ...(component.migrations === null
      ? []
      : [
          'Leave added columns and tables; undo only changes that the old version cannot live with.',
        ]),
    verification(component),
  ];
}

/** Works a rollout out from the stack and from what differs between the environments. Pure. */
export function planRollout(
  stack: Stack,
  request: RolloutRequest,
  compared: Compared,
): { plan: Plan; rollback: string[]; findings: Finding[] } {
  const component = choose(stack, request.component);
  const { platform } = request;
  // One container has nobody to share requests with.
  const strategy = platform === 'compose' ? 'replace' : (request.strategy ?? 'rolling');
  const steps = [
    ...prepareSteps(component, compared),
    ...(platform === 'compose' ? composeSteps(component) : kubernetesSteps(component, strategy)),
    ...finalSteps(component, strategy),
  ];
  return {
    plan: {
      component: component.name,
      platform,
      strategy,
      blockers: blockersOf(compared),
      steps: steps.map((one, index) => ({ number: index + 1, ...one })),
    },
    rollback: wayBack(component, { platform, compared }),
    findings: risks(component),
  };
}

/** The plan as a document. */
export function toMarkdown(plan: Plan, rollback: readonly string[]): string {
  const steps = plan.steps.map(
    ({ number, phase, action, command, check, rollback: back }) =>
      `### ${number}. ${action}\n\nPhase: ${phase}\n${command === null ? '' : `\n\`\`\`sh\n${command}\n\`\`\`\n`}\n- Go on when: ${check}\n- Otherwise: ${back}`,
  );
  return [
    `# Rollout of ${plan.component}`,
    `Platform: ${plan.platform}. Strategy: ${plan.strategy.replaceAll('_', ' ')}.`,
    '## Before the first step',
    plan.blockers.length === 0
      ? 'Nothing blocks the rollout.'
      : plan.blockers.map((one) => `- ${one}`).join('\n'),
    '## Steps',
    ...steps,
    '## The way back',
    rollback.map((one, index) => `${index + 1}. ${one}`).join('\n'),
    '',
  ].join('\n\n');
}
