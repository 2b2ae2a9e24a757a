'use client';

import {
  getProviderConfiguration,
  getProviderHealth,
  getRouterSettings,
  listModelPrices,
  listModels,
  listProviders,
  type Model,
} from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../components/api-context.ts';

export function useProviders() {
  const client = useApi();
  return useQuery({
    queryKey: ['providers', 'list'],
    queryFn: async ({ signal }) => (await listProviders({ client, signal })).data.items,
  });
}

/** What was seen in the last `windowMinutes`, read again every few seconds. */
export function useProviderHealth(windowMinutes: number) {
  const client = useApi();
  return useQuery({
    queryKey: ['providers', 'health', windowMinutes],
    queryFn: async ({ signal }) =>
      (await getProviderHealth({ client, query: { window_minutes: windowMinutes }, signal })).data,
    refetchInterval: 10_000,
  });
}

/** Settings without the effect they seem to have. */
export function useConfiguration() {
  const client = useApi();
  return useQuery({
    queryKey: ['providers', 'configuration'],
    queryFn: async ({ signal }) => (await getProviderConfiguration({ client, signal })).data,
  });
}

/** Every model of the catalogue: it has a few hundred rows at most. */
export function useAllModels() {
  const client = useApi();
  return useQuery({
    queryKey: ['providers', 'models'],
    queryFn: async ({ signal }) => {
      const models: Model[] = [];
      let cursor: string | null = null;
      do {
        const query: { limit: number; cursor?: string } = { limit: 100 };
        if (cursor !== null) query.cursor = cursor;
        const { data } = await listModels({ client, query, signal });
        models.push(...data.items);
        cursor = data.next_cursor;
      } while (cursor !== null);
      return models;
    },
    staleTime: 60_000,
  });
}

export function usePrices() {
  const client = useApi();
  return useQuery({
    queryKey: ['providers', 'prices'],
    queryFn: async ({ signal }) => (await listModelPrices({ client, signal })).data,
  });
}

export function useRouterSettings() {
  const client = useApi();
  return useQuery({
    queryKey: ['providers', 'router'],
    queryFn: async ({ signal }) => (await getRouterSettings({ client, signal })).data,
    // A form stands on it: it is read again when somebody asks for it, not behind their back.
    staleTime: Number.POSITIVE_INFINITY,
  });
}
