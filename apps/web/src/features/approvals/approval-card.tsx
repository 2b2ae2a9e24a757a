'use client';

import type { Approval } from '@automatos/sdk';
import { Hand } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { useMay } from '../session/use-session.ts';
import { TimeLeft } from './time-left.tsx';

const MarkdownView = dynamic(
  async () => (await import('../kitchen/markdown-view.tsx')).MarkdownView,
  { loading: () => <Skeleton className="h-12" /> },
);
const ApprovalForm = dynamic(async () => (await import('./approval-form.tsx')).ApprovalForm, {
  loading: () => <Skeleton className="h-32" />,
});

function whoMay(approval: Approval): string {
  const { roles = [], users = [] } = approval.approvers ?? {};
  const named = [...roles, ...users].join(', ');
  return named === '' ? 'people with the permission to approve runs' : named;
}

/** One open question: what is asked, how long it stays open, and the answers. */
export function ApprovalCard({ approval, about }: { approval: Approval; about?: ReactNode }) {
  const mayApprove = useMay('runs:approve');
  const heading = `approval-${approval.id}`;
  return (
    <section
      aria-labelledby={heading}
      className="rounded-card border-2 border-warn/50 bg-surface p-5 shadow-card"
    >
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1">
        <h2 id={heading} className="flex min-w-0 items-start gap-2.5 text-lg font-semibold">
          <Hand aria-hidden className="mt-1 size-5 shrink-0 text-warn" />
          <span className="min-w-0 wrap-anywhere">{approval.title}</span>
        </h2>
        <p className="text-sm text-warn tabular-nums">
          <TimeLeft dueAt={approval.due_at} />
        </p>
      </div>
      {about}
      {approval.message === '' ? null : (
        <div
          className="mt-3 max-h-96 overflow-y-auto [&_.markdown]:mx-0"
          tabIndex={0}
          role="group"
          aria-label="What is asked"
        >
          <MarkdownView text={approval.message} />
        </div>
      )}
      <div className="mt-4 max-w-2xl border-t border-line pt-4">
        {approval.may_decide && mayApprove ? (
          <ApprovalForm approval={approval} />
        ) : (
          <p className="text-sm text-ink-soft">Only {whoMay(approval)} may decide this.</p>
        )}
      </div>
    </section>
  );
}

/** The run and step that ask. */
export function ApprovalSource({ approval }: { approval: Approval }) {
  return (
    <p className="mt-1 text-sm text-ink-soft wrap-anywhere">
      <Link
        href={`/runs/${approval.run_id}`}
        className="underline underline-offset-2 hover:text-accent-strong"
      >
        {approval.run_title}
      </Link>
      , step {approval.step_id}
    </p>
  );
}
