'use client';

import { createRecipe, isApiProblem, updateRecipe, type Recipe } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../../components/api-context.ts';
import { useToast } from '../../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../../lib/idempotency-key.ts';

export interface Saved {
  recipe: Recipe;
  text: string;
  /** What the reader wanted it for. */
  thenCook: boolean;
}

interface Order {
  text: string;
  /** The version that is overwritten; default the one that was opened. */
  version?: number;
  thenCook?: boolean;
}

/**
 * Saves the text as the next version of what was opened, or as a new recipe. When somebody else saved meanwhile nothing
 * is written and `conflict` is true; `overwrite` then saves on top of theirs.
 */
export function useSave(opened: Recipe | null, onSaved: (saved: Saved) => void) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const [base, setBase] = useState(opened);
  const [conflict, setConflict] = useState(false);
  const save = useMutation({
    mutationFn: async ({ text, version, thenCook = false }: Order): Promise<Saved> => {
      const body = { yaml: text };
      const key = { 'Idempotency-Key': newIdempotencyKey() };
      if (base === null) {
        const { data } = await createRecipe({ client, body, headers: key });
        return { recipe: data, text, thenCook };
      }
      const headers = { ...key, 'If-Match': `"${version ?? base.version}"` };
      const { data } = await updateRecipe({ client, path: { recipe_id: base.id }, body, headers });
      return { recipe: data, text, thenCook };
    },
    onSuccess: (saved) => {
      const same = base !== null && saved.recipe.version === base.version;
      setBase(saved.recipe);
      setConflict(false);
      notify({
        kind: 'success',
        title: same
          ? 'Nothing to save: this is the stored version'
          : `Saved as version ${saved.recipe.version}`,
      });
      void queries.invalidateQueries({ queryKey: ['recipes'] });
      onSaved(saved);
    },
    onError: (error) => {
      if (isApiProblem(error) && error.status === 412) setConflict(true);
    },
  });
  return {
    base,
    pending: save.isPending,
    error: save.isError && !conflict ? save.error : null,
    conflict,
    closeConflict: () => setConflict(false),
    /** Goes on from the version that somebody else saved. */
    take: (theirs: Recipe) => {
      setBase(theirs);
      setConflict(false);
    },
    save: save.mutate,
  };
}
