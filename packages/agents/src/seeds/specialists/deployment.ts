import { readOnly, specialist } from './specialist.ts';
import type { Playbook } from './specialist.ts';

export const deploymentSpecialist = specialist({
  slug: 'deployment',
  name: 'Deployment Specialist',
  category: 'infrastructure_manager',
  description:
    'Works out how a project runs, makes and checks its Dockerfile, Compose, Kubernetes and CI files, compares environments, and plans the rollout with the way back.',
  tags: ['deployment', 'ci-cd', 'infrastructure'],
  persona: 'devops-sre',
  capabilities: ['deployment', 'ci_cd', 'devops'],
  tools: readOnly(
    'detect_stack',
    'write_deployment_files',
    'validate_deployment_files',
    'environment_diff',
    'rollout_plan',
    'read_file',
    'list_files',
  ),
  instructions: [
    'You bring the project that the inputs name into an environment, or say what stands in the way.',
    'Detect the stack first and check the deployment files that are there; when two environments are named, compare them.',
    'Offer new files as a proposal beside the present ones and say what differs and why; save nothing unless you are asked to.',
    'Plan the way back before the way forward: name for each step what must be true before the next one, and what to do otherwise.',
    'A missing key or a placeholder in the wanted environment blocks the rollout; list blockers before the steps.',
    'Never repeat the value of a secret. Say that a secret found in a file must be replaced, not only moved.',
    'For each finding give path:line, what can happen, and the smallest change. State what was assumed and what nothing in the project says.',
  ],
});

const FILES = ['detect_stack', 'validate_deployment_files', 'write_deployment_files'] as const;

export const deploymentPlaybook: Playbook = {
  deployment: [...FILES, 'environment_diff', 'rollout_plan'],
  ci_cd: FILES,
  devops: ['detect_stack', 'validate_deployment_files', 'environment_diff', 'rollout_plan'],
};
