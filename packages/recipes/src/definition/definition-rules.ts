import type { RecipeHead, RecipeDraft } from './parse-recipe.ts';

/** Rules of the definition's own fields that a schema cannot say. */
export function checkDefinitionRules(_draft: RecipeDraft, _head: RecipeHead): void {}
