'use client';

import { StepStatusBadge } from '../../components/status/run-status.tsx';
import { cn } from '../../components/ui/cn.ts';
import { formatCostInText, formatDuration, formatNumber } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { STAGE_HELP, type Stage } from './task-words.ts';

function Took({ stage }: { stage: Stage }) {
  const running = stage.status === 'running' && stage.started_at !== null;
  const now = useNow(running ? 500 : null);
  const ms =
    stage.duration_ms ??
    (running && stage.started_at !== null ? Math.max(0, now - Date.parse(stage.started_at)) : null);
  if (ms === null) return null;
  const tokens = stage.usage.input_tokens + stage.usage.output_tokens;
  return (
    <span className="text-[0.8125rem] text-ink-soft tabular-nums" suppressHydrationWarning>
      {formatDuration(ms)}
      {tokens === 0 ? '' : ` · ${formatNumber(tokens)} tokens`}
      {stage.usage.model_calls === 0 ? '' : ` · ${formatCostInText(stage.usage.cost_micros)}`}
    </span>
  );
}

/** The nine stages from top to bottom, as they go. */
export function StageRail({
  stages,
  selected,
  onSelect,
}: {
  stages: readonly Stage[];
  selected: string;
  onSelect: (stage: Stage['stage']) => void;
}) {
  return (
    <ol aria-label="Stages" className="divide-y divide-line">
      {stages.map((stage, index) => (
        <li key={stage.stage}>
          <button
            type="button"
            aria-current={stage.stage === selected ? 'true' : undefined}
            onClick={() => onSelect(stage.stage)}
            className={cn(
              'flex w-full items-start gap-3 px-4 py-3 text-left text-sm focus-visible:-outline-offset-2 sm:px-5',
              stage.stage === selected ? 'bg-accent-soft/60' : 'hover:bg-sunken/60',
            )}
          >
            <span
              aria-hidden
              className="mt-0.5 inline-flex size-6 shrink-0 items-center justify-center rounded-full bg-sunken text-xs text-ink-soft tabular-nums"
            >
              {index + 1}
            </span>
            <span className="min-w-0 flex-1">
              <span className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
                <span className="font-medium">{stage.name}</span>
                <StepStatusBadge status={stage.status} />
              </span>
              <span className="mt-0.5 block text-[0.8125rem] text-ink-soft">
                {STAGE_HELP[stage.stage]}
              </span>
              <span className="flex flex-wrap gap-x-3">
                <Took stage={stage} />
                {stage.attempts > 1 ? (
                  <span className="text-[0.8125rem] text-warn">attempt {stage.attempts}</span>
                ) : null}
              </span>
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}
