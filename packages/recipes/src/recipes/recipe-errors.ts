import { PlatformError } from '@automatos/kernel';
import type { FieldError } from '@automatos/kernel';
import type { z } from 'zod';
import { toPointer } from '../definition/pointer.ts';
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
    errors: [
      {
        pointer: '/recipe_id',
        message: 'unknown recipe',
        ...(near[0] === undefined ? {} : { suggestion: near[0] }),
      },
    ],
  });
}

export function versionNotFound(slug: string, version: number, current: number): PlatformError {
  return new PlatformError({
    code: 'recipes.version.not_found',
    kind: 'not-found',
    message: `Recipe "${slug}" has no version ${version}; the newest is ${current}.`,
    errors: [{ pointer: '/version', message: `must be 1 to ${current}` }],
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

export function versionUnreadable(
  version: number,
  issues: readonly z.core.$ZodIssue[],
): PlatformError {
  const errors = issues.slice(0, 20).map(({ path, message }) => ({
    pointer: toPointer(path.map(String)),
    message,
  }));
  const first = errors[0];
  return new PlatformError({
    code: 'recipes.version.unreadable',
    kind: 'conflict',
    message: `Version ${version} was saved by another release and cannot be used by this one: ${first?.pointer ?? ''} ${first?.message ?? ''}. Save the recipe again.`,
    errors,
  });
}

export function importInvalid(problems: FieldError[]): PlatformError {
  const first = problems[0];
  const place = first?.line === undefined ? '' : `line ${first.line}: `;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return new PlatformError({
    code: 'recipes.import.invalid',
    kind: 'invalid-input',
    message: `Nothing was imported: ${place}${first?.message ?? ''}${more}`,
    errors: problems,
  });
}

export function importConflict(problems: FieldError[]): PlatformError {
  return new PlatformError({
    code: 'recipes.import.slug_taken',
    kind: 'conflict',
    message: `Nothing was imported: ${problems.length === 1 ? 'a recipe of this slug is' : `recipes of ${problems.length} of the slugs are`} in this workspace already. Choose on_conflict new_version or skip.`,
    errors: problems,
  });
}

export function featuredNotFound(slug: string, slugs: readonly string[]): PlatformError {
  const [near] = closest(slug, slugs, 1);
  return new PlatformError({
    code: 'recipes.featured.not_found',
    kind: 'not-found',
    message: `No featured recipe "${slug}".${near === undefined ? '' : ` Did you mean "${near}"?`}`,
    errors: [
      {
        pointer: '/slug',
        message: 'unknown featured recipe',
        ...(near === undefined ? {} : { suggestion: near }),
      },
    ],
  });
}

export function featuredWaiting(slug: string, waitsFor: string): PlatformError {
  return new PlatformError({
    code: 'recipes.featured.waiting',
    kind: 'conflict',
    message: `The recipe "${slug}" cannot be installed yet: it waits for ${waitsFor}.`,
    errors: [{ pointer: '/slug', message: `waits for ${waitsFor}` }],
  });
}
