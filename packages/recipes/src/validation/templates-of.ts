import { isJsonObject } from '@automatos/kernel';
import type { JsonValue } from '@automatos/kernel';
import type { DraftStep } from '../definition/parse-recipe.ts';
import { isAgentStep } from '../definition/step-kinds.ts';
import type { Path } from '../definition/pointer.ts';

/** A text of a recipe that may hold references. */
export interface TemplateSite {
  path: Path;
  text: string;
}

/** Every text of a step in which references are replaced. */
export function templatesOf({ step, path }: DraftStep): TemplateSite[] {
  if (step === null) return [];
  switch (step.type) {
    case 'tool':
      return textsIn(step.input, [...path, 'input']);
    case 'document':
      return [
        { path: [...path, 'title'], text: step.title },
        { path: [...path, 'template'], text: step.template },
      ];
    case 'parallel':
      return [];
    default:
      if (!isAgentStep(step)) return [];
      return [
        { path: [...path, 'prompt_template'], text: step.prompt_template },
        ...textsIn(step.inputs ?? {}, [...path, 'inputs']),
      ];
  }
}

function textsIn(value: JsonValue, path: Path): TemplateSite[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => textsIn(item, [...path, index]));
  }
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => textsIn(item, [...path, key]));
}
