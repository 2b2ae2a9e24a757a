'use client';

import { listAgents, listRecipes, listTools } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../../components/api-context.ts';

export interface Named {
  value: string;
  label: string;
}

const LIMIT = 100;

/** Names that a field may take, for choosing; empty until read, and then other names may still be typed. */
export function useNames(kind: 'agent' | 'tool' | 'recipe'): Named[] {
  const client = useApi();
  const query = { limit: LIMIT };
  const names = useQuery({
    queryKey: ['names', kind],
    queryFn: async ({ signal }): Promise<Named[]> => {
      switch (kind) {
        case 'agent': {
          const { data } = await listAgents({ client, query, signal });
          return data.items.map(({ slug, name }) => ({ value: slug, label: name }));
        }
        case 'tool': {
          const { data } = await listTools({ client, query, signal });
          return data.items.map(({ name, title }) => ({ value: name, label: title }));
        }
        case 'recipe': {
          const { data } = await listRecipes({ client, query, signal });
          return data.items.map(({ slug, name }) => ({ value: slug, label: name }));
        }
      }
    },
    staleTime: 60_000,
  });
  return names.data ?? [];
}
