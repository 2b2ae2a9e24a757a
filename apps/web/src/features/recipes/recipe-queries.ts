'use client';

import { getRecipe, listRecipes, listRecipeVersions } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../components/api-context.ts';
import { usePaged } from '../../lib/use-paged.ts';

export function useRecipe(slug: string) {
  const client = useApi();
  return useQuery({
    queryKey: ['recipes', 'one', slug],
    queryFn: async ({ signal }) =>
      (await getRecipe({ client, path: { recipe_id: slug }, signal })).data,
  });
}

export function useRecipeVersions(slug: string) {
  const client = useApi();
  return usePaged(['recipes', 'versions', slug], async (cursor, signal) => {
    const paging = { limit: 50, ...(cursor === undefined ? {} : { cursor }) };
    const path = { recipe_id: slug };
    return (await listRecipeVersions({ client, path, query: paging, signal })).data;
  });
}

/** The first recipes by name, for choosing one; undefined until read. */
export function useRecipeNames() {
  const client = useApi();
  const query = useQuery({
    queryKey: ['recipes', 'names'],
    queryFn: async ({ signal }) =>
      (await listRecipes({ client, query: { limit: 100 }, signal })).data,
  });
  return query.data?.items;
}
