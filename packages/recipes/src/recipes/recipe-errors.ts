import { PlatformError } from '@automatos/kernel';
import type { FieldError } from '@automatos/kernel';
import { closest } from '../definition/suggest.ts';

export function recipeNotFound(ref: string, slugs: readonly string[]): PlatformError {
  const near = closest(ref, slugs, 3);
  const hint =
    near.length === 0 ? '' : ` Did you mean ${near.map((slug) => `"${slug}"`).join(' or ')}?`;
  const message = `No recipe "${ref}" in this workspace.${hint}`;
  return new PlatformError({
    code: 'recipes.recipe.not_found',
    kind: 'not-found',
    message,
    ...(near[0] === undefined
      ? {}
      : { errors: [{ pointer: '/recipe_id', message: 'unknown recipe', suggestion: near[0] }] }),
  });
}

export function versionNotFound(slug: string, version: number, current: number): PlatformError {
  return new PlatformError({
    code: 'recipes.version.not_found',
    kind: 'not-found',
    message: `Recipe "${slug}" has no version ${version}; the newest is ${current}.`,
  });
}

export function slugTaken(slug: string): PlatformError {
  return new PlatformError({
    code: 'recipes.recipe.slug_taken',
    kind: 'conflict',
    message: `Another recipe of this workspace has the slug "${slug}" already.`,
    errors: [{ pointer: '/slug', message: 'is taken' }],
  });
}

export function slugFixed(from: string, to: string): PlatformError {
  return new PlatformError({
    code: 'recipes.recipe.slug_fixed',
    kind: 'invalid-input',
    message: `The slug of a saved recipe cannot change (from "${from}" to "${to}"). Save it as a new recipe.`,
    errors: [{ pointer: '/slug', message: `must stay "${from}"`, suggestion: from }],
  });
}

export function versionMismatch(slug: string, version: number): PlatformError {
  return new PlatformError({
    code: 'recipes.recipe.version_mismatch',
    kind: 'conflict',
    message: `Recipe "${slug}" was changed meanwhile: it is at version ${version}. Read it again and repeat the change.`,
    details: { version },
  });
}

export function versionRequired(): PlatformError {
  return new PlatformError({
    code: 'recipes.recipe.version_required',
    kind: 'invalid-input',
    message: "Send If-Match with the version that was read, so that nobody's change is lost.",
  });
}

export function notRunnable(slug: string, problems: FieldError[]): PlatformError {
  const first = problems[0];
  return new PlatformError({
    code: 'recipes.recipe.not_runnable',
    kind: 'conflict',
    message:
      `Recipe "${slug}" cannot run now: ${first?.pointer ?? ''} ${first?.message ?? ''}`.trim(),
    errors: problems,
  });
}

export function cursorInvalid(): PlatformError {
  return new PlatformError({
    code: 'recipes.list.cursor_invalid',
    kind: 'invalid-input',
    message: 'The cursor is not one that this list gave out. Start again without it.',
    errors: [{ pointer: '/cursor', message: 'not a cursor of this list' }],
  });
}
