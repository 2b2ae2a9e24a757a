import { PlatformError } from '@automatos/kernel';
import type { FieldError } from '@automatos/kernel';

type Noun = 'schedule' | 'trigger';

export function itemNotFound(noun: Noun, id: string): PlatformError {
  return new PlatformError({
    code: `triggers.${noun}.not_found`,
    kind: 'not-found',
    message: `No ${noun} "${id}" in this workspace.`,
  });
}

export function standsInRecipe(noun: Noun, slug: string): PlatformError {
  return new PlatformError({
    code: `triggers.${noun}.in_recipe`,
    kind: 'conflict',
    message: `This ${noun} stands in the recipe "${slug}": change it there.`,
  });
}

export function itemInvalid(noun: Noun, problems: FieldError[]): PlatformError {
  const first = problems[0];
  return new PlatformError({
    code: `triggers.${noun}.invalid`,
    kind: 'invalid-input',
    message: `The ${noun} cannot work: ${first?.pointer ?? ''} ${first?.message ?? ''}.`,
    errors: problems,
  });
}

/** With pointers that start at `prefix`. */
export function under(prefix: string, problems: readonly FieldError[]): FieldError[] {
  return problems.map((problem) => ({ ...problem, pointer: `${prefix}${problem.pointer}` }));
}
