import { PlatformError } from '@automatos/kernel';
import type { FieldError } from '@automatos/kernel';

type Noun = 'schedule' | 'trigger';

/** Written out, so that each code is found by its name. */
const CODES = {
  schedule: {
    notFound: 'triggers.schedule.not_found',
    inRecipe: 'triggers.schedule.in_recipe',
    invalid: 'triggers.schedule.invalid',
  },
  trigger: {
    notFound: 'triggers.trigger.not_found',
    inRecipe: 'triggers.trigger.in_recipe',
    invalid: 'triggers.trigger.invalid',
  },
} as const;

export function itemNotFound(noun: Noun, id: string): PlatformError {
  return new PlatformError({
    code: CODES[noun].notFound,
    kind: 'not-found',
    message: `No ${noun} "${id}" in this workspace.`,
  });
}

export function standsInRecipe(noun: Noun, slug: string): PlatformError {
  return new PlatformError({
    code: CODES[noun].inRecipe,
    kind: 'conflict',
    message: `This ${noun} stands in the recipe "${slug}": change it there.`,
  });
}

export function itemInvalid(noun: Noun, problems: FieldError[]): PlatformError {
  const first = problems[0];
  return new PlatformError({
    code: CODES[noun].invalid,
    kind: 'invalid-input',
    message: `The ${noun} cannot work: ${first?.pointer ?? ''} ${first?.message ?? ''}.`,
    errors: problems,
  });
}

/** With pointers that start at `prefix`. */
export function under(prefix: string, problems: readonly FieldError[]): FieldError[] {
  return problems.map((problem) => ({ ...problem, pointer: `${prefix}${problem.pointer}` }));
}
