'use client';

import { STEP_LOOKS, StepStatusIcon } from '../../components/status/run-status.tsx';
import { cn } from '../../components/ui/cn.ts';
import { formatDuration } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { useRunState } from './run-context.tsx';
import type { Call, StepView } from './run-state-types.ts';

const BARS = {
  ok: 'bg-ok/30',
  busy: 'bg-busy/30',
  warn: 'bg-warn/30',
  bad: 'bg-bad/30',
  idle: 'bg-idle/30',
  accent: 'bg-accent/30',
};

interface Span {
  from: number;
  to: number;
}

/** Left edge and width in percent of the whole; at least wide enough to be seen. */
function place(part: Span, whole: Span): { left: string; width: string } {
  const length = Math.max(1, whole.to - whole.from);
  const left = Math.min(99.4, Math.max(0, ((part.from - whole.from) / length) * 100));
  const width = Math.min(100 - left, Math.max(0.6, ((part.to - part.from) / length) * 100));
  return { left: `${left}%`, width: `${width}%` };
}

function spanOf(
  part: { startedAt: string | null; finishedAt: string | null },
  now: number,
): Span | null {
  if (part.startedAt === null) return null;
  return {
    from: Date.parse(part.startedAt),
    to: part.finishedAt === null ? now : Date.parse(part.finishedAt),
  };
}

function Row({
  step,
  calls,
  whole,
  now,
  selected,
  onSelect,
}: {
  step: StepView;
  calls: Call[];
  whole: Span | null;
  now: number;
  selected: boolean;
  onSelect: () => void;
}) {
  const span = spanOf(step, now);
  const look = STEP_LOOKS[step.status];
  const duration = span === null ? '' : formatDuration(span.to - span.from);
  return (
    <li>
      <button
        type="button"
        aria-pressed={selected}
        onClick={onSelect}
        className={cn(
          'grid min-h-12 w-full grid-cols-[minmax(0,11rem)_minmax(0,1fr)_auto] items-center gap-x-4 px-5 py-1.5 text-left text-sm hover:bg-sunken/60 focus-visible:-outline-offset-2',
          selected && 'bg-accent-soft',
        )}
      >
        <span className="flex min-w-0 items-center gap-2.5">
          <StepStatusIcon status={step.status} />
          <span className="line-clamp-2 leading-5">{step.name}</span>
        </span>
        <span aria-hidden className="relative h-4 rounded bg-sunken">
          {span === null || whole === null ? null : (
            <>
              <span
                className={cn('absolute inset-y-0 rounded', BARS[look.tone])}
                style={place(span, whole)}
              />
              {calls.map((call) => {
                const part = spanOf(call, now);
                return part === null ? null : (
                  <span
                    key={call.callId}
                    className={cn(
                      'absolute inset-y-1 rounded-sm',
                      call.kind === 'llm' ? 'bg-accent' : 'bg-busy',
                    )}
                    style={place(part, whole)}
                  />
                );
              })}
            </>
          )}
        </span>
        <span className="min-w-14 text-right text-xs text-ink-soft tabular-nums">{duration}</span>
      </button>
    </li>
  );
}

/** When each step ran, and inside it its model calls and tool calls. */
export function Timeline({
  selected,
  onSelect,
}: {
  selected: string | null;
  onSelect: (stepId: string) => void;
}) {
  const steps = useRunState((state) => state.steps);
  const order = useRunState((state) => state.stepOrder);
  const calls = useRunState((state) => state.calls);
  const startedAt = useRunState((state) => state.startedAt);
  const finishedAt = useRunState((state) => state.finishedAt);
  const now = useNow(startedAt !== null && finishedAt === null ? 500 : null);
  const whole = spanOf({ startedAt, finishedAt }, now);
  const shown = order
    .map((id) => steps[id])
    .filter((step): step is StepView => step !== undefined && step.type !== 'parallel');
  return (
    <>
      <ul
        aria-label="Timeline of the steps"
        className="divide-y divide-line overflow-hidden rounded-t-card"
      >
        {shown.map((step) => (
          <Row
            key={step.stepId}
            step={step}
            calls={step.calls.flatMap((id) => calls[id] ?? [])}
            whole={whole}
            now={now}
            selected={step.stepId === selected}
            onSelect={() => onSelect(step.stepId)}
          />
        ))}
      </ul>
      <p aria-hidden className="flex gap-5 border-t border-line px-5 py-2.5 text-xs text-ink-soft">
        <span className="inline-flex items-center gap-1.5">
          <span className="size-2.5 rounded-sm bg-accent" /> Model call
        </span>
        <span className="inline-flex items-center gap-1.5">
          <span className="size-2.5 rounded-sm bg-busy" /> Tool call
        </span>
      </p>
    </>
  );
}
