import type { ToolDefinition } from '../definition.ts';
import { detectStack } from './detect-stack.ts';
import { environmentDiff } from './environment-diff.ts';
import { rolloutPlan } from './rollout-plan.ts';
import { validateDeploymentFiles } from './validate-deployment-files.ts';
import { writeDeploymentFiles } from './write-deployment-files.ts';

/** Building and running of a project. */
export const deploymentTools: readonly ToolDefinition[] = [
  detectStack,
  writeDeploymentFiles,
  validateDeploymentFiles,
  environmentDiff,
  rolloutPlan,
];
