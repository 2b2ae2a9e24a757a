'use client';

import type { RunComparison } from '@automatos/sdk';
import { useState } from 'react';
import { Section } from '../../../components/ui/card.tsx';
import { DiffView } from '../../../components/ui/diff-view.tsx';

type ComparedStep = RunComparison['steps'][number];
/** Lines at which the server cuts a difference. */
const LINES_MAX = 2000;

function OutputDiff({ step }: { step: ComparedStep }) {
  const [open, setOpen] = useState(false);
  const count = (kind: 'removed' | 'added') =>
    step.diff.filter((line) => line.kind === kind).length;
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="min-h-12 px-5 py-3 text-sm hover:bg-sunken/50 focus-visible:-outline-offset-2">
        <span className="font-medium wrap-anywhere">{step.name}</span>{' '}
        {step.step_id.includes('#') ? (
          <span className="font-mono text-xs text-ink-soft">{step.step_id}</span>
        ) : null}
        <span className="ml-2 text-[0.8125rem] text-ink-soft tabular-nums">
          {count('removed')} lines only left, {count('added')} only right
        </span>
      </summary>
      {open ? (
        <div className="border-t border-line p-4">
          {step.diff.length >= LINES_MAX ? (
            <p className="mb-2 text-sm text-ink-soft">
              Only the first {LINES_MAX} lines are compared here.
            </p>
          ) : null}
          <DiffView label={`Output of ${step.name}, left and right`} lines={step.diff} />
        </div>
      ) : null}
    </details>
  );
}

/** What the steps gave, where it differs. */
export function OutputDiffs({ steps }: { steps: readonly ComparedStep[] }) {
  return (
    <Section title="Outputs of the steps">
      <div className="divide-y divide-line">
        {steps.map((step) => (
          <OutputDiff key={step.step_id} step={step} />
        ))}
      </div>
    </Section>
  );
}
