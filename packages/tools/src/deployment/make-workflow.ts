import { stringify } from 'yaml';
import type { Blueprint } from './blueprint.ts';

/** Actions by the commit of their release, so that nobody can change them afterwards. */
const CHECKOUT = 'actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683'; // v4.2.2
const SETUP = {
  node: 'actions/setup-node@39370e3970a6d050c480ffad4ff0ed4d3fdee5af', // v4.1.0
  python: 'actions/setup-python@0b93645e9fea7318ecaed2b359559ac225c90a2b', // v5.3.0
  go: 'actions/setup-go@3041bf56c941b39c61721a86cd11f3bb1338122a', // v5.2.0
};

function setupSteps({ component }: Blueprint): object[] {
  const version = /\d+(?:\.\d+)*/.exec(component.runtime_version?.value ?? '')?.[0];
  if (component.language === 'Python')
    return [{ uses: SETUP.python, with: { 'python-version': version ?? '3.13' } }];
  if (component.language === 'Go')
    return [{ uses: SETUP.go, with: { 'go-version': version ?? '1.25' } }];
  const manager = component.package_manager?.value ?? 'npm';
  return [
    ...(manager === 'npm' ? [] : [{ run: 'corepack enable' }]),
    {
      uses: SETUP.node,
      with: {
        'node-version': version ?? '24',
        ...(component.lock_file === null ? {} : { cache: manager }),
      },
    },
  ];
}

/** A workflow that installs, checks, builds and packs; it publishes nothing. */
export function makeWorkflow(plan: Blueprint): string {
  const { component } = plan;
  const { install, lint, test, build } = component.commands;
  const steps = [install, lint, test, build].flatMap((command) =>
    command === null ? [] : [{ run: command.value.replace(' --no-dev', '') }],
  );
  const folder =
    component.folder === '.'
      ? {}
      : { defaults: { run: { 'working-directory': component.folder } } };
  const workflow = {
    name: 'CI',
    on: { push: { branches: ['main'] }, pull_request: {} },
    permissions: { contents: 'read' },
    concurrency: { group: '${{ github.workflow }}-${{ github.ref }}', 'cancel-in-progress': true },
    jobs: {
      check: {
        'runs-on': 'ubuntu-24.04',
        'timeout-minutes': 20,
        ...folder,
        steps: [
          { uses: CHECKOUT, with: { 'persist-credentials': false } },
          ...setupSteps(plan),
          ...steps,
        ],
      },
      image: {
        'runs-on': 'ubuntu-24.04',
        'timeout-minutes': 20,
        needs: 'check',
        ...folder,
        steps: [
          { uses: CHECKOUT, with: { 'persist-credentials': false } },
          { run: `docker build --pull --tag ${component.name}:ci .` },
        ],
      },
    },
  };
  return stringify(workflow, { lineWidth: 120 });
}
