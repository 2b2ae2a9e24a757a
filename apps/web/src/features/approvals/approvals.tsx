'use client';

import type { Approval } from '@automatos/sdk';
import { BellRing } from 'lucide-react';
import Link from 'next/link';
import { Badge, type Tone } from '../../components/ui/badge.tsx';
import { Section } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Select } from '../../components/ui/input.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { ApprovalCard, ApprovalSource } from './approval-card.tsx';
import { useApprovalPages, useOpenApprovals } from './approval-queries.ts';

type Ended = Exclude<Approval['status'], 'open'>;
const ENDS: Record<Ended, { label: string; tone: Tone }> = {
  approved: { label: 'Approved', tone: 'ok' },
  rejected: { label: 'Rejected', tone: 'bad' },
  timed_out: { label: 'Timed out', tone: 'warn' },
  cancelled: { label: 'Closed', tone: 'idle' },
};
const isEnd = (status: string | null): status is Ended => status !== null && status in ENDS;

function OpenOnes() {
  const open = useOpenApprovals();
  if (open.isError) {
    return (
      <ErrorState
        what="Open approvals could not be loaded"
        error={open.error}
        onRetry={() => void open.refetch()}
      />
    );
  }
  if (open.data === undefined)
    return <SkeletonList label="open approvals" rows={2} height="h-40" />;
  if (open.data.length === 0) {
    return (
      <div className="rounded-card border border-line bg-surface">
        <EmptyState icon={BellRing} title="Nothing waits for a decision">
          When a step of a run asks for an approval it shows here and at the bell at once.
        </EmptyState>
      </div>
    );
  }
  return (
    <div className="grid grid-cols-1 gap-4">
      {open.data.map((approval) => (
        <ApprovalCard
          key={approval.id}
          approval={approval}
          about={<ApprovalSource approval={approval} />}
        />
      ))}
    </div>
  );
}

function DecidedRow({ approval }: { approval: Approval & { status: Ended } }) {
  const { label, tone } = ENDS[approval.status];
  return (
    <li className="relative flex items-start justify-between gap-4 px-5 py-3.5 hover:bg-sunken/50">
      <div className="min-w-0">
        <Link
          href={`/runs/${approval.run_id}?step=${encodeURIComponent(approval.step_id)}`}
          className="font-medium wrap-anywhere after:absolute after:inset-0 hover:text-accent-strong"
        >
          {approval.title}
        </Link>
        <p className="mt-0.5 text-[0.8125rem] text-ink-soft wrap-anywhere">
          {approval.run_title}, step {approval.step_id}
        </p>
        {approval.comment === null ? null : (
          <p className="mt-1 text-sm wrap-anywhere">“{approval.comment}”</p>
        )}
        <p className="mt-1 text-[0.8125rem] text-ink-soft">
          {approval.decided_by === null ? '' : `${approval.decided_by}, `}
          <RelativeTime time={approval.decided_at} />
        </p>
      </div>
      <Badge tone={tone}>{label}</Badge>
    </li>
  );
}

function Decided() {
  const [value, setStatus] = useSearchParam('status');
  const status = isEnd(value) ? value : null;
  const { query, items } = useApprovalPages(status);
  const decided = items?.filter(
    (each): each is Approval & { status: Ended } => each.status !== 'open',
  );
  return (
    <Section
      title="Decided"
      actions={
        <div className="w-40">
          <Select
            aria-label="How it ended"
            value={status ?? ''}
            onChange={(event) => setStatus(event.target.value)}
          >
            <option value="">Every end</option>
            {Object.entries(ENDS).map(([each, { label }]) => (
              <option key={each} value={each}>
                {label}
              </option>
            ))}
          </Select>
        </div>
      }
    >
      {query.isError ? (
        <ErrorState
          what="Decided approvals could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : decided === undefined ? (
        <div className="p-4">
          <SkeletonList label="decided approvals" rows={3} />
        </div>
      ) : decided.length === 0 && !query.hasNextPage ? (
        <p className="px-5 py-6 text-sm text-ink-soft">
          {status === null ? 'Nothing has been decided yet.' : 'No approval ended like this.'}
        </p>
      ) : (
        <ul aria-label="Decided approvals" className="divide-y divide-line">
          {decided.map((approval) => (
            <DecidedRow key={approval.id} approval={approval} />
          ))}
        </ul>
      )}
      <LoadMore query={query} />
    </Section>
  );
}

/** What runs ask people, and what was answered. */
export function Approvals() {
  return (
    <>
      <PageHeader
        title="Approvals"
        lead="Runs wait here for a person. Each question is answered once."
      />
      <div className="grid grid-cols-1 gap-8">
        <OpenOnes />
        <Decided />
      </div>
    </>
  );
}
