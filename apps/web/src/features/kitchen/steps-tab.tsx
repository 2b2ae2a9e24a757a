'use client';

import dynamic from 'next/dynamic';
import { useRef } from 'react';
import { Section } from '../../components/ui/card.tsx';
import { sentence } from '../../lib/format.ts';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { focusStep } from './run-state.ts';
import type { StepView } from './run-state-types.ts';
import { useRunState } from './run-context.tsx';
import { drawnAs, drawnSteps, repetitionOf, repetitionText } from './step-instances.ts';
import { StepGraphPanel } from './step-graph-panel.tsx';
import { Timeline } from './timeline.tsx';

// The page draws its head and timeline first.
const StepDetail = dynamic(async () => (await import('./step-detail.tsx')).StepDetail, {
  loading: () => <Skeleton className="h-48" />,
});
const LazyRunApprovals = dynamic(
  async () => (await import('../approvals/run-approvals.tsx')).RunApprovals,
  { loading: () => <Skeleton className="h-48" /> },
);

const NOTES: Record<string, string> = {
  document: 'Document',
  approval: 'Approval',
  wait: 'Wait',
  map: 'For each item',
  loop: 'Loop',
  branch: 'Branch',
  recipe: 'Recipe',
};

/** Who or what does a step; how far it is where it is done many times. */
function stepNote(step: StepView, steps: Readonly<Record<string, StepView>>): string {
  const repetition = repetitionOf(step.stepId, steps);
  if (repetition !== null) return repetitionText(repetition, step.type);
  if (step.agent !== null) return `Agent ${step.agent}`;
  if (step.tool !== null) return `Tool ${step.tool}`;
  return NOTES[step.type] ?? sentence(step.type);
}

/** Graph and timeline of the steps, beside them the chosen one; without a choice the one that runs. */
export function StepsTab({ runId }: { runId: string }) {
  const [chosen, setChosen] = useSearchParam('step');
  const detail = useRef<HTMLDivElement>(null);
  const steps = useRunState((state) => state.steps);
  const order = useRunState((state) => state.stepOrder);
  const focus = useRunState(focusStep);
  const approvals = useRunState((state) => state.approvals);
  const asked = Object.keys(approvals);
  const selected = chosen !== null && steps[chosen] !== undefined ? chosen : focus;
  const drawn = drawnSteps({ steps, stepOrder: order }).map((step) => ({
    ...step,
    note: stepNote(step, steps),
  }));
  const select = (stepId: string) => {
    setChosen(stepId);
    // On narrow screens the detail stands below.
    if (window.innerWidth < 1280)
      detail.current?.scrollIntoView({ behavior: 'smooth', block: 'start' });
  };
  return (
    <div className="grid grid-cols-1 gap-6">
      {asked.length === 0 ? null : <LazyRunApprovals runId={runId} asked={asked} />}
      <Section title="Steps">
        <StepGraphPanel
          label="Graph of the steps"
          steps={drawn}
          selected={selected === null ? null : drawnAs(selected, steps)}
          onSelect={select}
        />
      </Section>
      <div className="grid grid-cols-1 gap-6 xl:grid-cols-2">
        <Section title="Timeline" className="min-w-0">
          <Timeline selected={selected} onSelect={select} />
        </Section>
        <div ref={detail} className="min-w-0 scroll-mt-16">
          {selected === null ? null : (
            <StepDetail
              runId={runId}
              stepId={selected}
              following={chosen === null}
              onFollow={() => setChosen(null)}
            />
          )}
        </div>
      </div>
    </div>
  );
}
