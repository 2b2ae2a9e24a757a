import type { RecipeDefinition, RecipeStep } from '@automatos/contracts';
import type { DraftStep } from './parse-recipe.ts';
import type { Path } from './pointer.ts';

/** All steps of a sound definition in flattened declaration order: a group, then its steps. */
export function flattenSteps(definition: Pick<RecipeDefinition, 'steps'>): DraftStep[] {
  const flat: DraftStep[] = [];
  const add = (step: RecipeStep, path: Path, parent: string | null) => {
    flat.push({
      path,
      index: flat.length + 1,
      stepId: step.step_id,
      outputKey: step.output_key ?? step.step_id,
      type: step.type ?? 'agent',
      step,
      parent,
      dependsOn: step.depends_on,
    });
    if (step.type !== 'parallel') return;
    for (const [index, child] of step.steps.entries()) {
      add(child, [...path, 'steps', index], step.step_id);
    }
  };
  for (const [index, step] of definition.steps.entries()) add(step, ['steps', index], null);
  return flat;
}
