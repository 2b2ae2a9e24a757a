'use client';

import { listRuns, type Agent } from '@automatos/sdk';
import { useQueryClient } from '@tanstack/react-query';
import { CookingPot } from 'lucide-react';
import { useApi } from '../../components/api-context.ts';
import { Card } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { usePaged } from '../../lib/use-paged.ts';
import { useWorkspaceEvents } from '../../lib/use-workspace-events.ts';
import { RunRow } from '../runs/run-row.tsx';

/** Runs in which the agent worked, newest first. */
export function HistoryTab({ agent }: { agent: Agent }) {
  const client = useApi();
  const queries = useQueryClient();
  const key = ['runs', 'list', { agent: agent.slug }];
  const { query, items } = usePaged(key, async (cursor, signal) => {
    const paging = { limit: 25, ...(cursor === undefined ? {} : { cursor }) };
    return (await listRuns({ client, query: { agent: agent.slug, ...paging }, signal })).data;
  });
  const refresh = () => void queries.invalidateQueries({ queryKey: ['runs'] });
  useWorkspaceEvents((events) => {
    if (events.some((event) => event.type.startsWith('run.'))) refresh();
  }, refresh);
  if (query.isError)
    return (
      <ErrorState
        what="The runs could not be loaded"
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  if (items === undefined) return <SkeletonList label="runs" rows={3} height="h-16" />;
  return (
    <Card>
      {items.length === 0 ? (
        <EmptyState icon={CookingPot} title="It has not worked yet">
          “Give it work” starts a run; recipes and tasks that use it are listed here too.
        </EmptyState>
      ) : (
        <ul aria-label="Runs of the agent" className="divide-y divide-line">
          {items.map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
        </ul>
      )}
      <LoadMore query={query} />
    </Card>
  );
}
