'use client';

import dynamic from 'next/dynamic';
import { useMemo } from 'react';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { useMedia } from '../../lib/use-media.ts';
import { layoutGraph } from './graph-layout.ts';
import type { DrawnStep } from './step-graph.tsx';

/** The graph with its canvas library, loaded when it is first needed. */
const StepGraph = dynamic(async () => (await import('./step-graph.tsx')).StepGraph, {
  ssr: false,
  loading: () => <Skeleton className="h-full w-full" />,
});

const MARGIN = 48;

/** The graph of steps with as much room as it needs: lying on wide screens, upright on phones. */
export function StepGraphPanel({
  label,
  steps,
  selected = null,
  onSelect = null,
}: {
  label: string;
  steps: readonly DrawnStep[];
  selected?: string | null;
  onSelect?: ((stepId: string) => void) | null;
}) {
  const direction = useMedia('(max-width: 639px)') ? 'down' : 'right';
  const shape = JSON.stringify(
    steps.map((step) => [step.stepId, step.type, step.parent, step.dependsOn]),
  );
  // The layout follows the shape of the graph only, so that progress does not move anything.
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  const layout = useMemo(() => layoutGraph(steps, direction), [shape, direction]);
  const height = Math.min(440, Math.max(144, layout.height + MARGIN));
  return (
    <div className="overflow-hidden rounded-card" style={{ height }}>
      <StepGraph
        label={label}
        steps={steps}
        layout={layout}
        direction={direction}
        selected={selected}
        onSelect={onSelect}
      />
    </div>
  );
}
