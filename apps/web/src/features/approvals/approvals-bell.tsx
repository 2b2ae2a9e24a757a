'use client';

import type { RunEvent } from '@automatos/sdk';
import { useQueryClient } from '@tanstack/react-query';
import { Bell } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { Drawer } from '../../components/ui/dialog.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { plural } from '../../lib/format.ts';
import { useWorkspaceEvents } from '../../lib/use-workspace-events.ts';
import { useSession } from '../session/use-session.ts';
import { APPROVALS_KEY, useOpenApprovals } from './approval-queries.ts';

const ApprovalInbox = dynamic(async () => (await import('./approval-inbox.tsx')).ApprovalInbox, {
  loading: () => <SkeletonList label="approvals" rows={3} />,
});

const TELLING: readonly RunEvent['type'][] = [
  'step.waiting_approval',
  'approval.decided',
  'run.cancelled',
  'run.failed',
];

function Watch() {
  const queries = useQueryClient();
  const refresh = () => void queries.invalidateQueries({ queryKey: APPROVALS_KEY });
  useWorkspaceEvents((events) => {
    if (events.some((event) => TELLING.includes(event.type))) refresh();
  }, refresh);
  return null;
}

/** Keeps what is shown of approvals up to date, once per page. */
export function ApprovalsWatch() {
  return useSession().data === undefined ? null : <Watch />;
}

/** Number of open approvals; behind it their list. */
export function ApprovalsBell() {
  const [open, setOpen] = useState(false);
  const signedIn = useSession().data !== undefined;
  const count = useOpenApprovals(signedIn).data?.length ?? 0;
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        aria-label={count === 0 ? 'Approvals' : `Approvals, ${count} open`}
        onClick={() => setOpen(true)}
        className="relative inline-flex size-11 shrink-0 items-center justify-center rounded-lg text-ink-soft hover:bg-sunken hover:text-ink lg:size-10"
      >
        <Bell aria-hidden className="size-5" />
        {count === 0 ? null : (
          <span
            aria-hidden
            className="absolute top-1 right-1 min-w-4.5 rounded-full bg-accent px-1 text-center text-[0.6875rem] leading-[1.125rem] font-semibold text-on-accent tabular-nums lg:top-0.5 lg:right-0.5"
          >
            {count > 99 ? '99+' : count}
          </span>
        )}
      </button>
      <Drawer
        open={open}
        onOpenChange={setOpen}
        title="Approvals"
        description={
          count === 0
            ? 'No run waits for a decision.'
            : `${plural(count, 'question')} of runs to be decided.`
        }
      >
        <ApprovalInbox onLeave={() => setOpen(false)} />
      </Drawer>
    </>
  );
}
