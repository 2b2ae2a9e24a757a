import type { RecipeDefinition, RecipeStep } from '@automatos/contracts';
import type { DraftStep } from './draft-step.ts';
import type { Path } from './pointer.ts';
import { bodiesOf, isContainer, typeOfStep } from './step-kinds.ts';

type Within = Pick<DraftStep, 'parent' | 'arm' | 'container'>;

/** All steps of a sound definition in flattened declaration order: a container, then its steps, arm by arm. */
export function flattenSteps(definition: Pick<RecipeDefinition, 'steps'>): DraftStep[] {
  const flat: DraftStep[] = [];
  const add = (step: RecipeStep, path: Path, within: Within) => {
    flat.push({
      path,
      index: flat.length + 1,
      stepId: step.step_id,
      outputKey: step.output_key ?? step.step_id,
      type: typeOfStep(step),
      step,
      ...within,
      dependsOn: step.depends_on,
    });
    if (!isContainer(step)) return;
    for (const body of bodiesOf(step)) {
      const inside = { parent: step.step_id, arm: body.arm, container: step.type };
      for (const [index, child] of body.steps.entries()) {
        add(child, [...path, ...body.path, index], inside);
      }
    }
  };
  const outside = { parent: null, arm: null, container: null };
  for (const [index, step] of definition.steps.entries()) add(step, ['steps', index], outside);
  return flat;
}
