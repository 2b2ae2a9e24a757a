'use client';

import { getLlmUsage, getSystemHealth, listRuns } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../components/api-context.ts';

export function useRecentRuns() {
  const client = useApi();
  return useQuery({
    queryKey: ['runs', 'recent'],
    queryFn: async ({ signal }) => (await listRuns({ client, query: { limit: 8 }, signal })).data,
  });
}

/** Runs that go on now, whatever their age. */
export function useActiveRuns() {
  const client = useApi();
  return useQuery({
    queryKey: ['runs', 'active'],
    queryFn: async ({ signal }) => {
      const lists = await Promise.all(
        (['running', 'paused', 'queued'] as const).map((status) =>
          listRuns({ client, query: { status, limit: 20 }, signal }),
        ),
      );
      return lists.flatMap((list) => list.data.items);
    },
  });
}

export function useHealth() {
  const client = useApi();
  return useQuery({
    queryKey: ['system-health'],
    queryFn: async ({ signal }) => (await getSystemHealth({ client, signal })).data,
    refetchInterval: 15_000,
  });
}

export function useUsageByDay(days: number) {
  const client = useApi();
  return useQuery({
    queryKey: ['llm-usage', 'day', days],
    queryFn: async ({ signal }) =>
      (await getLlmUsage({ client, query: { by: 'day', days }, signal })).data,
    staleTime: 60_000,
  });
}
