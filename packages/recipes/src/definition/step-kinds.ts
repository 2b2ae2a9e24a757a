import { CONTAINER_TYPES } from '@automatos/contracts';
import type {
  BranchArm,
  ContainerStep,
  ContainerType,
  LeafStep,
  RecipeStep,
  StepType,
} from '@automatos/contracts';
import type { Path } from './pointer.ts';

export type AgentStep = Extract<LeafStep, { agent: string }>;
/** A leaf that is not an agent step, by its type. */
export type StepOf<T extends StepType> = Extract<RecipeStep, { type: T }>;

/** Name of the arm that holds the steps of `otherwise`. */
export const OTHERWISE = 'otherwise';

/** One list of steps inside a container: its arm (null outside of a branch), and its path from the container. */
export interface StepBody {
  arm: string | null;
  path: Path;
  steps: readonly RecipeStep[];
}

export function typeOfStep(step: RecipeStep): StepType {
  return step.type ?? 'agent';
}

export function isAgentStep(step: RecipeStep): step is AgentStep {
  return step.type === undefined || step.type === 'agent';
}

export function isContainerType(type: string | null | undefined): type is ContainerType {
  return (CONTAINER_TYPES as readonly unknown[]).includes(type);
}

export function isContainer(step: RecipeStep): step is ContainerStep {
  return isContainerType(step.type);
}

/** Name of an arm by its place (0-based): its own, or `branch_1`, `branch_2`, … */
export function armName(arm: Pick<BranchArm, 'name'>, index: number): string {
  return arm.name ?? `branch_${index + 1}`;
}

/** The lists of steps of a step in the order written; none for leaves. */
export function bodiesOf(step: RecipeStep): StepBody[] {
  if (!isContainer(step)) return [];
  if (step.type !== 'branch') return [{ arm: null, path: ['steps'], steps: step.steps }];
  const arms = step.branches.map((arm, index) => ({
    arm: armName(arm, index),
    path: ['branches', index, 'steps'],
    steps: arm.steps,
  }));
  if (step.otherwise === undefined) return arms;
  return [...arms, { arm: OTHERWISE, path: ['otherwise'], steps: step.otherwise }];
}
