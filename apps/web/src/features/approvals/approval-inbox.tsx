'use client';

import { BellRing } from 'lucide-react';
import Link from 'next/link';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { useOpenApprovals } from './approval-queries.ts';
import { TimeLeft } from './time-left.tsx';

/** Open questions as a short list; each leads to the kitchen of its run. */
export function ApprovalInbox({ onLeave }: { onLeave: () => void }) {
  const open = useOpenApprovals();
  if (open.isError) {
    return (
      <ErrorState
        what="Approvals could not be loaded"
        error={open.error}
        onRetry={() => void open.refetch()}
      />
    );
  }
  if (open.data === undefined) return <SkeletonList label="approvals" rows={3} />;
  return (
    <>
      {open.data.length === 0 ? (
        <EmptyState icon={BellRing} title="Nothing waits for you">
          When a run asks for an approval it shows here at once.
        </EmptyState>
      ) : (
        <ul aria-label="Open approvals" className="grid gap-2">
          {open.data.map((approval) => (
            <li
              key={approval.id}
              className="relative rounded-card border border-line px-4 py-3 hover:bg-sunken/50"
            >
              <Link
                href={`/runs/${approval.run_id}`}
                onClick={onLeave}
                className="font-medium wrap-anywhere after:absolute after:inset-0"
              >
                {approval.title}
              </Link>
              <p className="mt-0.5 text-sm text-ink-soft wrap-anywhere">{approval.run_title}</p>
              <p className="mt-0.5 text-[0.8125rem] text-warn tabular-nums">
                <TimeLeft dueAt={approval.due_at} />
                {approval.may_decide ? '' : ', others decide'}
              </p>
            </li>
          ))}
        </ul>
      )}
      <p className="mt-4 text-center">
        <Link
          href="/approvals"
          onClick={onLeave}
          className="inline-flex min-h-11 items-center text-sm text-accent-strong underline underline-offset-2"
        >
          All approvals
        </Link>
      </p>
    </>
  );
}
