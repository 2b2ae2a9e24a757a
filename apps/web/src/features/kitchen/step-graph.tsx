'use client';

import '@xyflow/react/dist/style.css';
import {
  Background,
  Controls,
  Handle,
  Position,
  ReactFlow,
  ReactFlowProvider,
  type Edge,
  type Node,
  type NodeProps,
} from '@xyflow/react';
import type { StepStatus } from '@automatos/sdk';
import { useMemo } from 'react';
import { StepStatusIcon } from '../../components/status/run-status.tsx';
import { layoutGraph, NODE, type GraphStep } from './graph-layout.ts';
import { cn } from '../../components/ui/cn.ts';

export interface DrawnStep extends GraphStep {
  name: string;
  /** Who or what does it. */
  note: string;
  /** Null in a recipe, where nothing has run. */
  status: StepStatus | null;
}

type StepNode = Node<
  { step: DrawnStep; selected: boolean; onSelect: ((stepId: string) => void) | null },
  'step'
>;

const EDGES: Record<StepStatus, string> = {
  pending: 'border-line',
  running: 'border-busy ring-2 ring-busy/25',
  retrying: 'border-warn',
  waiting_approval: 'border-warn',
  completed: 'border-ok/60',
  failed: 'border-bad',
  skipped: 'border-line border-dashed',
  cancelled: 'border-line border-dashed',
};

function StepBox({ data: { step, selected, onSelect } }: NodeProps<StepNode>) {
  const look = cn(
    'nodrag nopan flex h-full w-full items-center gap-2.5 rounded-xl border-2 bg-surface px-3 text-left shadow-card',
    step.status === null ? 'border-line' : EDGES[step.status],
    selected && 'bg-accent-soft',
  );
  const content = (
    <>
      {step.status === null ? null : <StepStatusIcon status={step.status} />}
      <span className="min-w-0 flex-1">
        <span className="block truncate text-[0.8125rem] font-semibold">{step.name}</span>
        <span className="block truncate text-xs text-ink-soft">{step.note}</span>
      </span>
    </>
  );
  return (
    <div style={{ width: NODE.width, height: NODE.height }}>
      <Handle type="target" position={Position.Left} className="invisible" />
      {onSelect === null ? (
        <div className={look}>{content}</div>
      ) : (
        <button
          type="button"
          aria-pressed={selected}
          title={step.name}
          className={cn(look, 'hover:bg-sunken')}
          onClick={() => onSelect(step.stepId)}
        >
          {content}
        </button>
      )}
      <Handle type="source" position={Position.Right} className="invisible" />
    </div>
  );
}

const NODE_TYPES = { step: StepBox };

/** Steps and what each waits for, from left to right. `onSelect` makes the steps buttons. */
export function StepGraph({
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
  const shape = JSON.stringify(
    steps.map((step) => [step.stepId, step.type, step.parent, step.dependsOn]),
  );
  // The layout follows the shape of the graph only, so that progress does not move anything.
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  const layout = useMemo(() => layoutGraph(steps), [shape]);
  const byId = new Map(steps.map((step) => [step.stepId, step]));
  const nodes: StepNode[] = layout.nodes.flatMap(({ stepId, x, y }) => {
    const step = byId.get(stepId);
    if (step === undefined) return [];
    return [
      {
        id: stepId,
        type: 'step' as const,
        position: { x, y },
        width: NODE.width,
        height: NODE.height,
        focusable: false,
        data: { step, selected: stepId === selected, onSelect },
      },
    ];
  });
  const edges: Edge[] = layout.edges.map(({ from, to }) => ({
    id: `${from}>${to}`,
    source: from,
    target: to,
    focusable: false,
    animated: byId.get(to)?.status === 'running',
    style: { stroke: 'var(--line-strong)', strokeWidth: 1.5 },
  }));
  return (
    <div role="group" aria-label={label} className="h-full min-h-44 w-full">
      <ReactFlowProvider>
        <ReactFlow
          key={shape}
          nodes={nodes}
          edges={edges}
          nodeTypes={NODE_TYPES}
          fitView
          fitViewOptions={{ padding: 0.12, maxZoom: 1, minZoom: 0.35 }}
          minZoom={0.3}
          maxZoom={1.5}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          zoomOnScroll={false}
          preventScrolling={false}
          proOptions={{ hideAttribution: true }}
        >
          <Background gap={20} color="var(--line)" />
          <Controls showInteractive={false} position="bottom-right" />
        </ReactFlow>
      </ReactFlowProvider>
    </div>
  );
}
