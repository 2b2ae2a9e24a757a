'use client';

import { useRef } from 'react';
import { Section } from '../../components/ui/card.tsx';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { focusStep } from './run-state.ts';
import type { StepView } from './run-state-types.ts';
import { useRunState } from './run-context.tsx';
import { StepDetail } from './step-detail.tsx';
import { StepGraphPanel } from './step-graph-panel.tsx';
import { Timeline } from './timeline.tsx';

export function stepNote(step: Pick<StepView, 'agent' | 'tool' | 'type'>): string {
  if (step.agent !== null) return `Agent ${step.agent}`;
  if (step.tool !== null) return `Tool ${step.tool}`;
  return step.type === 'document' ? 'Document' : 'Group';
}

/** Graph and timeline of the steps, beside them the chosen one; without a choice the one that runs. */
export function StepsTab({ runId }: { runId: string }) {
  const [chosen, setChosen] = useSearchParam('step');
  const detail = useRef<HTMLDivElement>(null);
  const steps = useRunState((state) => state.steps);
  const order = useRunState((state) => state.stepOrder);
  const focus = useRunState(focusStep);
  const selected = chosen !== null && steps[chosen] !== undefined ? chosen : focus;
  const drawn = order.flatMap((id) => {
    const step = steps[id];
    return step === undefined ? [] : [{ ...step, note: stepNote(step) }];
  });
  const select = (stepId: string) => {
    setChosen(stepId);
    // On narrow screens the detail stands below.
    if (window.innerWidth < 1280)
      detail.current?.scrollIntoView({ behavior: 'smooth', block: 'start' });
  };
  return (
    <div className="grid grid-cols-1 gap-6">
      <Section title="Steps">
        <StepGraphPanel
          label="Graph of the steps"
          steps={drawn}
          selected={selected}
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
