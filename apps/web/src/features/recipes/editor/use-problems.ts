'use client';

import { validateRecipe } from '@automatos/sdk';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useApi } from '../../../components/api-context.ts';
import { useDebounced } from '../../../lib/use-debounced.ts';
import { syntaxProblem, type Problem } from './document/problems.ts';
import type { RecipeDocument } from './document/recipe-document.ts';

const SETTLED_MS = 350;

/** What is wrong with the document: as YAML at once, as a recipe as soon as the server was asked. */
export function useProblems(document: RecipeDocument): {
  problems: readonly Problem[];
  checking: boolean;
} {
  const client = useApi();
  const settled = useDebounced(document.text, SETTLED_MS);
  const readable = document.problems.length === 0;
  const check = useQuery({
    queryKey: ['recipes', 'validate', settled],
    queryFn: async ({ signal }) =>
      (await validateRecipe({ client, body: { yaml: settled }, signal })).data.errors,
    enabled: readable && settled.trim() !== '',
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 60_000,
  });
  if (!readable) return { problems: document.problems.map(syntaxProblem), checking: false };
  if (document.text.trim() === '') {
    const problem = { pointer: '', message: 'The recipe is empty.', line: 1, column: 1 };
    return { problems: [problem], checking: false };
  }
  return { problems: check.data ?? [], checking: check.isFetching || settled !== document.text };
}
