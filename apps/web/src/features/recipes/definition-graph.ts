import type { RecipeDefinition } from '@automatos/sdk';
import type { GraphStep } from '../kitchen/graph-layout.ts';

export interface DefinedStep extends GraphStep {
  name: string;
  agent: string | null;
  tool: string | null;
}

type Step = RecipeDefinition['steps'][number];

function describe(step: Step, parent: string | null, dependsOn: readonly string[]): DefinedStep {
  return {
    stepId: step.step_id,
    name: step.name ?? step.step_id,
    type: step.type ?? 'agent',
    parent,
    dependsOn,
    agent: 'agent' in step ? step.agent : null,
    tool: step.type === 'tool' ? step.tool : null,
  };
}

/**
 * The steps of a definition with what each waits for: as soon as one names `depends_on` the recipe is a graph, else its
 * steps run in the order they are written.
 */
export function definedSteps(definition: RecipeDefinition): DefinedStep[] {
  const { steps } = definition;
  const isGraph = steps.some((step) => step.depends_on !== undefined);
  return steps.flatMap((step, index) => {
    const before = steps[index - 1]?.step_id;
    const ordered = before === undefined ? [] : [before];
    const described = describe(step, null, isGraph ? (step.depends_on ?? []) : ordered);
    const inner =
      step.type === 'parallel' ? step.steps.map((each) => describe(each, step.step_id, [])) : [];
    return [described, ...inner];
  });
}
