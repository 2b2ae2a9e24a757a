'use client';

import { getMfa, listIdentities, listSessions } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../components/api-context.ts';

export function useMfa() {
  const client = useApi();
  return useQuery({
    queryKey: ['mfa'],
    queryFn: async ({ signal }) => (await getMfa({ client, signal })).data,
  });
}

export function useOwnSessions() {
  const client = useApi();
  return useQuery({
    queryKey: ['own-sessions'],
    queryFn: async ({ signal }) => (await listSessions({ client, signal })).data.items,
  });
}

export function useIdentities() {
  const client = useApi();
  return useQuery({
    queryKey: ['identities'],
    queryFn: async ({ signal }) => (await listIdentities({ client, signal })).data.items,
  });
}
