'use client';

import { getAuthStatus, getSession, signOut, type Session } from '@automatos/sdk';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../components/api-context.ts';
import { keepWorkspaceChoice } from '../../lib/workspace-choice.ts';

export function useSession(enabled = true) {
  const client = useApi();
  return useQuery({
    queryKey: ['session'],
    queryFn: async ({ signal }) => (await getSession({ client, signal })).data,
    staleTime: 5 * 60_000,
    enabled,
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

/** Addresses that the browser opens by itself, such as downloads, in the workspace of this page. */
export function useWorkspaceHref(): (href: string) => string {
  const id = useSession().data?.workspace.id;
  return (href) =>
    id === undefined ? href : `${href}${href.includes('?') ? '&' : '?'}workspace_id=${id}`;
}

/** Ends the session here and on the server, and opens the sign-in page or `path` with nothing of it left in memory. */
export function useSignOut(): (path?: string) => Promise<void> {
  const client = useApi();
  const queries = useQueryClient();
  return async (path = '/sign-in') => {
    await signOut({ client });
    queries.clear();
    keepWorkspaceChoice(null);
    window.location.assign(path);
    // An address that differs behind the # only would not be opened anew.
    if (path.startsWith(`${window.location.pathname}#`)) window.location.reload();
  };
}
