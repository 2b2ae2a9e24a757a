'use client';

import { listApprovals, type Approval } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../components/api-context.ts';
import { usePaged } from '../../lib/use-paged.ts';

/** Everything read about approvals starts with this, so that one event makes all of it read again. */
export const APPROVALS_KEY = ['approvals'];
const OPEN_MAX = 100;

/** Open approvals of the workspace, those first whose time runs out first. */
export function useOpenApprovals(enabled = true) {
  const client = useApi();
  return useQuery({
    queryKey: [...APPROVALS_KEY, 'open'],
    queryFn: async ({ signal }) =>
      (await listApprovals({ client, query: { status: 'open', limit: OPEN_MAX }, signal })).data
        .items,
    enabled,
  });
}

/** Open approvals of one run; `asked` are their ids as the events tell them. */
export function useApprovalsOfRun(runId: string, asked: readonly string[]) {
  const client = useApi();
  return useQuery({
    queryKey: [...APPROVALS_KEY, 'run', runId, asked],
    queryFn: async ({ signal }) => {
      const query = { run: runId, status: 'open', limit: OPEN_MAX } as const;
      return (await listApprovals({ client, query, signal })).data.items;
    },
    enabled: asked.length > 0,
  });
}

/** Approvals of the workspace page by page; of one status, or of all. */
export function useApprovalPages(status: Approval['status'] | null) {
  const client = useApi();
  return usePaged([...APPROVALS_KEY, 'pages', status], async (cursor, signal) => {
    const query = {
      limit: 25,
      ...(status === null ? {} : { status }),
      ...(cursor === undefined ? {} : { cursor }),
    };
    return (await listApprovals({ client, query, signal })).data;
  });
}
