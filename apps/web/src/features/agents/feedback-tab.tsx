'use client';

import { listAgentFeedback, type Agent } from '@automatos/sdk';
import { MessageSquareText } from 'lucide-react';
import Link from 'next/link';
import { useApi } from '../../components/api-context.ts';
import { Card } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { usePaged } from '../../lib/use-paged.ts';

/** What people thought of its work. */
export function FeedbackTab({ agent }: { agent: Agent }) {
  const client = useApi();
  const { query, items } = usePaged(['agents', 'feedback', agent.id], async (cursor, signal) => {
    const paging = { limit: 50, ...(cursor === undefined ? {} : { cursor }) };
    const path = { agent_id: agent.id };
    return (await listAgentFeedback({ client, path, query: paging, signal })).data;
  });
  if (query.isError)
    return (
      <ErrorState
        what="Feedback could not be loaded"
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  if (items === undefined) return <SkeletonList label="feedback" rows={2} height="h-14" />;
  if (items.length === 0)
    return (
      <Card>
        <EmptyState icon={MessageSquareText} title="Nobody rated it yet">
          Open a run of this agent and say how its work was; it counts in its figures and when
          agents are chosen for a task.
        </EmptyState>
      </Card>
    );
  return (
    <Card>
      <ul aria-label="Feedback" className="divide-y divide-line">
        {items.map((item) => (
          <li key={`${item.run_id} ${item.by}`} className="px-5 py-3.5 text-sm">
            <p className="flex flex-wrap items-center justify-between gap-2">
              <span className="font-medium">{item.rating} of 5</span>
              <span className="text-ink-soft">
                {item.by}, <RelativeTime time={item.updated_at} /> ·{' '}
                <Link href={`/runs/${item.run_id}`} className="text-accent-strong underline">
                  run
                </Link>
              </span>
            </p>
            {item.comment === '' ? null : <p className="mt-1 wrap-anywhere">{item.comment}</p>}
          </li>
        ))}
      </ul>
      <LoadMore query={query} />
    </Card>
  );
}
