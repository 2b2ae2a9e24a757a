'use client';

import { ChevronDown, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { STEP_LOOKS, StepStatusIcon } from '../../components/status/run-status.tsx';
import { cn } from '../../components/ui/cn.ts';
import { formatDuration } from '../../lib/format.ts';
import { useRunNow, useRunState } from './run-context.tsx';
import type { Call } from './run-state-types.ts';
import { repetitionText, timelineEntries, type TimelineEntry } from './step-instances.ts';

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

/** Deeper ones do not move further: names need their room on phones. */
const INDENTS = ['', 'pl-5', 'pl-10', 'pl-14'];

function Bars({
  entry: { step },
  calls,
  whole,
  now,
}: {
  entry: TimelineEntry;
  calls: Call[];
  whole: Span | null;
  now: number;
}) {
  const span = spanOf(step, now);
  return (
    <span aria-hidden className="relative h-4 rounded bg-sunken">
      {span === null || whole === null ? null : (
        <>
          <span
            className={cn('absolute inset-y-0 rounded', BARS[STEP_LOOKS[step.status].tone])}
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
  );
}

function Row({
  entry,
  calls,
  whole,
  now,
  selected,
  onSelect,
  onFold,
}: {
  entry: TimelineEntry;
  calls: Call[];
  whole: Span | null;
  now: number;
  selected: boolean;
  onSelect: () => void;
  onFold: () => void;
}) {
  const { step, name, depth, repetition, folded } = entry;
  const span = spanOf(step, now);
  const duration =
    step.reusedFrom !== null ? 'reused' : span === null ? '' : formatDuration(span.to - span.from);
  const Fold = folded === true ? ChevronRight : ChevronDown;
  return (
    <li>
      <button
        type="button"
        aria-pressed={selected}
        onClick={onSelect}
        className={cn(
          'grid min-h-12 w-full grid-cols-[minmax(0,8.5rem)_minmax(0,1fr)_auto] items-center gap-x-3 px-4 sm:grid-cols-[minmax(0,13rem)_minmax(0,1fr)_auto] sm:gap-x-4 sm:px-5 py-1.5 text-left text-sm hover:bg-sunken/60 focus-visible:-outline-offset-2',
          selected && 'bg-accent-soft',
        )}
      >
        <span className={cn('flex min-w-0 items-center gap-2.5', INDENTS[Math.min(depth, 3)])}>
          <StepStatusIcon status={step.status} />
          <span className="min-w-0">
            <span className="line-clamp-2 leading-5 wrap-anywhere">{name}</span>
            {repetition === null ? null : (
              <span className="block text-xs text-ink-soft tabular-nums">
                {repetitionText(repetition, step.type)}
              </span>
            )}
          </span>
        </span>
        <Bars entry={entry} calls={calls} whole={whole} now={now} />
        <span className="min-w-14 text-right text-xs text-ink-soft tabular-nums">{duration}</span>
      </button>
      {folded === null || repetition === null ? null : (
        <button
          type="button"
          aria-expanded={!folded}
          onClick={onFold}
          className="flex min-h-11 w-full items-center gap-2 border-t border-line/60 px-5 pl-10 text-left text-[0.8125rem] text-ink-soft hover:bg-sunken/60 hover:text-ink focus-visible:-outline-offset-2 sm:min-h-9"
        >
          <Fold aria-hidden className="size-4" />
          {folded ? 'Show' : 'Hide'} all {repetition.begun}{' '}
          {step.type === 'loop' ? 'rounds' : 'items'} of {name}
        </button>
      )}
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
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const startedAt = useRunState((state) => state.startedAt);
  const finishedAt = useRunState((state) => state.finishedAt);
  const now = useRunNow();
  const whole = spanOf({ startedAt, finishedAt }, now);
  const toggle = (stepId: string) => {
    const next = new Set(opened);
    if (!next.delete(stepId)) next.add(stepId);
    setOpened(next);
  };
  return (
    <>
      <ul
        aria-label="Timeline of the steps"
        className="divide-y divide-line overflow-hidden rounded-t-card"
      >
        {timelineEntries({ steps, stepOrder: order }, opened).map((entry) => (
          <Row
            key={entry.step.stepId}
            entry={entry}
            calls={entry.step.calls.flatMap((id) => calls[id] ?? [])}
            whole={whole}
            now={now}
            selected={entry.step.stepId === selected}
            onSelect={() => onSelect(entry.step.stepId)}
            onFold={() => toggle(entry.step.stepId)}
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
