import type { ContainerType, RecipeStep, StepType } from '@automatos/contracts';
import type { Path } from './pointer.ts';

/** One step of a recipe that may still hold problems; `step` is null when its own fields are wrong. */
export interface DraftStep {
  path: Path;
  /** 1-based position in flattened declaration order: a container, then its steps. */
  index: number;
  /** A step without a usable id or key gets a name that no step can carry. */
  stepId: string;
  outputKey: string;
  type: StepType | null;
  step: RecipeStep | null;
  /** Id of the container that holds it, null on the first level. */
  parent: string | null;
  /** Arm of a branch (or `otherwise`) in which it stands, else null. */
  arm: string | null;
  /** Type of the container that holds it. */
  container: ContainerType | null;
  /** Undefined when the step names none, which differs from naming an empty list. */
  dependsOn: readonly string[] | undefined;
}

const NAMELESS = '?';

/** Name of a step that has no usable one. */
export function nameless(index: number): string {
  return `${NAMELESS}${index}`;
}

export function isNameless(name: string): boolean {
  return name.startsWith(NAMELESS);
}
