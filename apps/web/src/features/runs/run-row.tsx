'use client';

import type { Run } from '@automatos/sdk';
import Link from 'next/link';
import { RunStatusBadge } from '../../components/status/run-status.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { formatCompact, formatCostInText, formatDuration, plural } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';

const ACTIVE = new Set(['queued', 'running', 'paused', 'waiting_approval']);

export function isActive(run: Pick<Run, 'status'>): boolean {
  return ACTIVE.has(run.status);
}

/** How long a run has taken so far, or took; null before it started. */
export function runDurationMs(
  run: Pick<Run, 'started_at' | 'finished_at'>,
  now: number,
): number | null {
  if (run.started_at === null) return null;
  const end = run.finished_at === null ? now : Date.parse(run.finished_at);
  return Math.max(0, end - Date.parse(run.started_at));
}

function RunFacts({ run }: { run: Run }) {
  const now = useNow(isActive(run) ? 1000 : null);
  const duration = runDurationMs(run, now);
  return (
    <p className="mt-1 flex flex-wrap gap-x-3 text-[0.8125rem] text-ink-soft tabular-nums">
      <span>
        <RelativeTime time={run.created_at} />
      </span>
      {duration === null ? null : <span suppressHydrationWarning>{formatDuration(duration)}</span>}
      <span>{formatCompact(run.usage.input_tokens + run.usage.output_tokens)} tokens</span>
      <span>{formatCostInText(run.usage.cost_micros)}</span>
      {run.findings_total > 0 ? <span>{plural(run.findings_total, 'finding')}</span> : null}
    </p>
  );
}

/** One run in a list; the whole row leads to its kitchen. */
export function RunRow({ run, note }: { run: Run; note?: string | undefined }) {
  // What it was pointed at tells runs of one recipe apart.
  const subject = Object.values(run.inputs).find(
    (value): value is string => typeof value === 'string' && value !== '' && value.length <= 120,
  );
  return (
    <li className="relative flex items-start justify-between gap-4 px-5 py-3.5 hover:bg-sunken/50">
      <div className="min-w-0">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <Link
            href={`/runs/${run.id}`}
            className="font-medium wrap-anywhere after:absolute after:inset-0 hover:text-accent-strong"
          >
            {run.title}
          </Link>
          {run.recipe_slug === null ? null : (
            <span className="text-[0.8125rem] text-ink-soft">
              {run.recipe_slug} v{run.recipe_version}
            </span>
          )}
        </p>
        {subject === undefined ? null : (
          <p className="mt-0.5 font-mono text-xs text-ink-soft wrap-anywhere">{subject}</p>
        )}
        {note === undefined ? null : <p className="mt-0.5 text-sm text-busy">{note}</p>}
        {run.error === null ? null : (
          <p className="mt-0.5 line-clamp-2 text-sm text-bad wrap-anywhere">{run.error.message}</p>
        )}
        <RunFacts run={run} />
      </div>
      <RunStatusBadge status={run.status} />
    </li>
  );
}
