'use client';

import { getLlmUsage, listLlmCalls, type ListLlmCallsResponse } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../components/api-context.ts';
import { usePaged } from '../../lib/use-paged.ts';
import type { Grouping, Split } from './usage-words.ts';

export type LlmCall = ListLlmCallsResponse['items'][number];

/** Each day once per model, agent, provider or source. */
export function useUsageSplit(days: number, split: Split) {
  const client = useApi();
  return useQuery({
    queryKey: ['llm-usage', 'split', split, days],
    queryFn: async ({ signal }) =>
      (await getLlmUsage({ client, query: { by: 'day', split, days }, signal })).data,
  });
}

export function useUsageBy(by: Grouping, days: number) {
  const client = useApi();
  return useQuery({
    queryKey: ['llm-usage', by, days],
    queryFn: async ({ signal }) =>
      (await getLlmUsage({ client, query: { by, days }, signal })).data,
  });
}

export interface CallFilter {
  provider?: string;
  agent?: string;
  run_id?: string;
}

export function useCalls(filter: CallFilter) {
  const client = useApi();
  return usePaged<LlmCall>(['llm-usage', 'calls', filter], async (cursor, signal) => {
    const paging = { limit: 50, ...(cursor === undefined ? {} : { cursor }) };
    return (await listLlmCalls({ client, query: { ...filter, ...paging }, signal })).data;
  });
}
