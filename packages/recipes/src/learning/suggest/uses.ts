import type { RecipeDefinition } from '@automatos/contracts';
import type { DraftStep } from '../../definition/draft-step.ts';
import { parseTemplate } from '../../references/parse-template.ts';
import { targetOf } from '../../references/target.ts';
import type { Names } from '../../references/target.ts';
import { namesFor } from '../../validation/names.ts';
import type { StepGraph } from '../../validation/step-graph.ts';
import { templatesOf } from '../../validation/templates-of.ts';

/** What texts read of other steps. */
export interface Uses {
  /** Output keys. */
  keys: Set<string>;
  /** Fields below `object` of a step's result, as `key field`. */
  objectFields: Set<string>;
  /** Whether a reference goes by order (`previous`, `step_2_output`), so that moving steps would change it. */
  byOrder: boolean;
  /** Whether everything before is read at once (`run.findings`, `steps`). */
  everything: boolean;
}

export function noUses(): Uses {
  return { keys: new Set(), objectFields: new Set(), byOrder: false, everything: false };
}

/** What one step reads, steps inside it not included. */
export function usesOfStep(steps: readonly DraftStep[], graph: StepGraph, draft: DraftStep): Uses {
  const uses = noUses();
  for (const { text, place } of templatesOf(draft)) {
    collect(uses, text, namesFor(graph, draft, place));
  }
  return uses;
}

/** What the outputs of the recipe read. */
export function usesOfOutputs(
  definition: RecipeDefinition,
  steps: readonly DraftStep[],
  graph: StepGraph,
): Uses {
  const uses = noUses();
  const names = namesFor(graph, null);
  for (const text of Object.values(definition.outputs)) collect(uses, text, names);
  return uses;
}

function collect(uses: Uses, text: string, names: Names): void {
  for (const part of parseTemplate(text).parts) {
    if (part.kind !== 'reference') continue;
    const target = targetOf(part, names);
    if (target.kind === 'step') {
      uses.keys.add(target.key);
      const [first, second] = target.path;
      if (first?.kind === 'field' && first.name === 'object' && second?.kind === 'field') {
        uses.objectFields.add(`${target.key} ${second.name}`);
      }
    }
    if (target.kind === 'previous') {
      uses.byOrder = true;
      if (names.previous !== null) uses.keys.add(names.previous);
    }
    if (target.kind === 'position') {
      uses.byOrder = true;
      const key = names.byPosition[target.position - 1];
      if (key !== undefined) uses.keys.add(key);
    }
    if (target.kind === 'steps') uses.everything = true;
    const [first] = 'path' in target ? target.path : [];
    if (target.kind === 'run' && first?.kind === 'field' && first.name === 'findings') {
      uses.everything = true;
    }
  }
}
