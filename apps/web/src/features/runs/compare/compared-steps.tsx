'use client';

import type { RunComparison } from '@automatos/sdk';
import { StepStatusIcon } from '../../../components/status/run-status.tsx';
import { Badge } from '../../../components/ui/badge.tsx';
import { Section } from '../../../components/ui/card.tsx';
import { cn } from '../../../components/ui/cn.ts';
import { formatCostInText, formatDuration, plural } from '../../../lib/format.ts';

type ComparedStep = RunComparison['steps'][number];
type Side = NonNullable<ComparedStep['left']>;

function Duration({ side, longest, tone }: { side: Side | null; longest: number; tone: string }) {
  if (side === null) {
    return <p className="text-[0.8125rem] text-ink-soft">no such step</p>;
  }
  const { duration_ms: ms, usage, attempts } = side;
  const facts = [
    side.reused_from !== null
      ? 'reused'
      : ms === null
        ? side.status.replaceAll('_', ' ')
        : formatDuration(ms),
    usage.model_calls === 0 ? null : formatCostInText(usage.cost_micros),
    attempts > 1 ? plural(attempts, 'attempt') : null,
  ];
  return (
    <div className="grid grid-cols-[1rem_minmax(0,1fr)] items-center gap-x-2">
      <StepStatusIcon status={side.status} />
      <div>
        <div aria-hidden className="h-2 rounded-full bg-sunken">
          <div
            className={cn('h-full rounded-full', tone)}
            style={{ width: `${((ms ?? 0) / longest) * 100}%` }}
          />
        </div>
        <p className="mt-0.5 text-xs text-ink-soft tabular-nums">
          {facts.filter((fact) => fact !== null).join(', ')}
        </p>
      </div>
    </div>
  );
}

/** Every step of both runs with how it ended, how long it took, and whether it gave the same. */
export function ComparedSteps({ steps }: { steps: readonly ComparedStep[] }) {
  const longest = Math.max(
    1,
    ...steps.flatMap(({ left, right }) => [left?.duration_ms ?? 0, right?.duration_ms ?? 0]),
  );
  return (
    <Section title="Steps">
      <ul aria-label="Steps of both runs" className="divide-y divide-line">
        {steps.map((step) => (
          <li
            key={step.step_id}
            className="grid gap-x-6 gap-y-2 px-5 py-3 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_minmax(0,1fr)_8.5rem] sm:items-center"
          >
            <p className="text-sm font-medium wrap-anywhere">
              {step.name}
              {step.step_id.includes('#') ? (
                <span className="ml-1.5 font-mono text-xs font-normal text-ink-soft">
                  {step.step_id}
                </span>
              ) : null}
            </p>
            <div>
              <span className="sr-only">Left: </span>
              <Duration side={step.left} longest={longest} tone="bg-busy" />
            </div>
            <div>
              <span className="sr-only">Right: </span>
              <Duration side={step.right} longest={longest} tone="bg-accent" />
            </div>
            <p className="sm:text-right">
              {step.same_output ? (
                <span className="text-[0.8125rem] text-ink-soft">same output</span>
              ) : (
                <Badge tone="warn">Output differs</Badge>
              )}
            </p>
          </li>
        ))}
      </ul>
      <p aria-hidden className="flex gap-5 border-t border-line px-5 py-2.5 text-xs text-ink-soft">
        <span className="inline-flex items-center gap-1.5">
          <span className="size-2.5 rounded-sm bg-busy" /> Left
        </span>
        <span className="inline-flex items-center gap-1.5">
          <span className="size-2.5 rounded-sm bg-accent" /> Right
        </span>
      </p>
    </Section>
  );
}
