'use client';

import { ErrorState } from '../../components/ui/error-state.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { ApprovalCard } from './approval-card.tsx';
import { useApprovalsOfRun } from './approval-queries.ts';

/** What a run asks right now. */
export function RunApprovals({ runId, asked }: { runId: string; asked: readonly string[] }) {
  const query = useApprovalsOfRun(runId, asked);
  if (asked.length === 0) return null;
  if (query.isError) {
    return (
      <ErrorState
        what="The question of this run could not be loaded"
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (query.data === undefined) return <Skeleton className="h-48" />;
  return (
    <div className="grid grid-cols-1 gap-4">
      {query.data.map((approval) => (
        <ApprovalCard key={approval.id} approval={approval} />
      ))}
    </div>
  );
}
