'use client';

import type { Run } from '@automatos/sdk';
import Link from 'next/link';
import { RunStatusBadge } from '../../components/status/run-status.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { cn } from '../../components/ui/cn.ts';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { formatCompact, formatCostInText, formatDuration, plural } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { triggerText } from '../kitchen/run-links.tsx';
import { gradeTone } from '../kitchen/score-text.ts';

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

function RunFacts({ run, origin }: { run: Run; origin: string | null }) {
  const now = useNow(isActive(run) ? 1000 : null);
  const duration = runDurationMs(run, now);
  return (
    <p className="mt-1 flex flex-wrap gap-x-3 text-[0.8125rem] text-ink-soft tabular-nums">
      <span>
        <RelativeTime time={run.created_at} />
      </span>
      {origin === null ? null : <span>{origin}</span>}
      {run.parent_run_id === null ? null : <span>part of a run</span>}
      {run.forked_from === null ? null : <span>goes on from a run</span>}
      {duration === null ? null : <span suppressHydrationWarning>{formatDuration(duration)}</span>}
      <span>{formatCompact(run.usage.input_tokens + run.usage.output_tokens)} tokens</span>
      <span>{formatCostInText(run.usage.cost_micros)}</span>
      {run.findings_total > 0 ? <span>{plural(run.findings_total, 'finding')}</span> : null}
    </p>
  );
}

/** One run in a list; the whole row leads to its kitchen. With `onChoose` it can be chosen beside that. */
export function RunRow({
  run,
  note,
  chosen = false,
  onChoose,
}: {
  run: Run;
  note?: string | undefined;
  chosen?: boolean;
  onChoose?: () => void;
}) {
  const trigger = triggerText(run.trigger);
  // What it was pointed at tells runs of one recipe apart.
  const subject = Object.values(run.inputs).find(
    (value): value is string => typeof value === 'string' && value !== '' && value.length <= 120,
  );
  return (
    <li
      className={cn(
        'relative flex items-start gap-x-3 gap-y-2 px-5 py-3.5 hover:bg-sunken/50',
        chosen && 'bg-accent-soft/50',
      )}
    >
      {onChoose === undefined ? null : (
        <label className="relative z-10 -my-2.5 -ml-3 inline-flex size-11 shrink-0 cursor-pointer items-center justify-center">
          <span className="sr-only">Choose {run.title} for comparing</span>
          <input
            type="checkbox"
            checked={chosen}
            onChange={onChoose}
            className="size-4 accent-accent"
          />
        </label>
      )}
      <div className="min-w-0 flex-1">
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
        <RunFacts run={run} origin={trigger} />
      </div>
      <span className="flex shrink-0 flex-col items-end gap-1.5 sm:flex-row-reverse sm:items-center">
        <RunStatusBadge status={run.status} />
        {run.quality_grade === null ? null : (
          <Badge tone={gradeTone(run.quality_grade)}>
            <span className="sr-only">Quality </span>
            {run.quality_grade}
            {run.quality_score === null ? '' : ` ${Math.round(run.quality_score * 100)} %`}
          </Badge>
        )}
      </span>
    </li>
  );
}
