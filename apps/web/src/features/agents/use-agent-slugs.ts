'use client';

import { listAgents } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../components/api-context.ts';

/** Slugs of the workspace's agents in alphabetical order, for lists to choose from; empty until they are known. */
export function useAgentSlugs(): string[] {
  const client = useApi();
  const agents = useQuery({
    queryKey: ['agents', 'slugs'],
    queryFn: async ({ signal }) =>
      (await listAgents({ client, query: { limit: 100 }, signal })).data.items.map(
        ({ slug }) => slug,
      ),
  });
  return agents.data?.toSorted() ?? [];
}
