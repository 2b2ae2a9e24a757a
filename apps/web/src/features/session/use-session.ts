'use client';

import { getAuthStatus, getSession, signOut, type Session } from '@automatos/sdk';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../components/app-providers.tsx';

export function useSession() {
  const client = useApi();
  return useQuery({
    queryKey: ['session'],
    queryFn: async ({ signal }) => (await getSession({ client, signal })).data,
    staleTime: 5 * 60_000,
  });
}

export function useAuthStatus(enabled = true) {
  const client = useApi();
  return useQuery({
    queryKey: ['auth-status'],
    queryFn: async ({ signal }) => (await getAuthStatus({ client, signal })).data,
    staleTime: 0,
    enabled,
  });
}

type Permission = Session['permissions'][number];

/** Whether the signed-in person may do `permission`; false until that is known. The server decides again. */
export function useMay(permission: Permission): boolean {
  return useSession().data?.permissions.includes(permission) ?? false;
}

/** Ends the session here and on the server, and opens the sign-in page with nothing of it left in memory. */
export function useSignOut(): () => Promise<void> {
  const client = useApi();
  const queries = useQueryClient();
  return async () => {
    await signOut({ client });
    queries.clear();
    window.location.assign('/sign-in');
  };
}
