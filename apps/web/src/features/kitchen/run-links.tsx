import type { Run } from '@automatos/sdk';
import Link from 'next/link';
import type { ReactNode } from 'react';

const TRIGGERS: Record<string, string> = {
  schedule: 'by the schedule',
  webhook: 'by the webhook',
  run_event: 'by the trigger',
};

function RunLink({ id, children }: { id: string; children: ReactNode }) {
  return (
    <Link href={`/runs/${id}`} className="underline underline-offset-2 hover:text-ink">
      {children}
    </Link>
  );
}

/** What started a run when no person did: `by the schedule Nightly`. */
export function triggerText(trigger: Run['trigger']): string | null {
  if (trigger === null) return null;
  return `${TRIGGERS[trigger.kind] ?? `by ${trigger.kind}`} ${trigger.name}`;
}

/** The runs that this one comes from. */
export function RunLinks({ run }: { run: Run }) {
  const trigger = triggerText(run.trigger);
  if (run.parent_run_id === null && run.forked_from === null && trigger === null && !run.dry_run)
    return null;
  return (
    <p className="mt-1 flex flex-wrap gap-x-4 text-sm text-ink-soft">
      {trigger === null ? null : <span>Started {trigger}</span>}
      {run.parent_run_id === null ? null : (
        <span>
          Part of <RunLink id={run.parent_run_id}>the run above it</RunLink>
        </span>
      )}
      {run.forked_from === null ? null : (
        <span>
          Goes on from <RunLink id={run.forked_from.run_id}>an earlier run</RunLink> at step{' '}
          {run.forked_from.step_id}
        </span>
      )}
      {run.dry_run ? <span>Dry run: no model asked, nothing changed</span> : null}
    </p>
  );
}
