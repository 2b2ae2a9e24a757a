'use client';

import '@xyflow/react/dist/style.css';
import {
  Background,
  Controls,
  Handle,
  Position,
  ReactFlow,
  type Edge,
  type Node,
  type NodeProps,
} from '@xyflow/react';
import type { StepStatus } from '@automatos/sdk';
import { StepStatusIcon } from '../../components/status/run-status.tsx';
import { cn } from '../../components/ui/cn.ts';
import { NODE, type GraphDirection, type GraphLayout, type GraphStep } from './graph-layout.ts';

export interface DrawnStep extends GraphStep {
  name: string;
  /** Who or what does it. */
  note: string;
  /** Null in a recipe, where nothing has run. */
  status: StepStatus | null;
}

export interface StepGraphProps {
  label: string;
  steps: readonly DrawnStep[];
  layout: GraphLayout;
  direction: GraphDirection;
  selected: string | null;
  /** Makes the steps buttons. */
  onSelect: ((stepId: string) => void) | null;
}

type StepNode = Node<
  {
    step: DrawnStep;
    selected: boolean;
    direction: GraphDirection;
    onSelect: ((stepId: string) => void) | null;
  },
  'step'
>;

const BORDERS: Record<StepStatus, string> = {
  pending: 'border-line',
  running: 'border-busy ring-3 ring-busy/20',
  retrying: 'border-warn',
  waiting_approval: 'border-warn',
  completed: 'border-ok/60',
  failed: 'border-bad',
  skipped: 'border-line border-dashed',
  cancelled: 'border-line border-dashed',
};

function StepBox({ data: { step, selected, direction, onSelect } }: NodeProps<StepNode>) {
  const look = cn(
    'nodrag nopan pointer-events-auto flex h-full w-full items-center gap-2.5 rounded-xl border-2 px-3 text-left shadow-card',
    step.status === null ? 'border-line' : BORDERS[step.status],
    selected ? 'bg-accent-soft' : 'bg-surface',
  );
  const content = (
    <>
      {step.status === null ? null : <StepStatusIcon status={step.status} />}
      <span className="min-w-0 flex-1">
        <span className="line-clamp-2 text-[0.8125rem] leading-4 font-semibold">{step.name}</span>
        <span className="mt-0.5 block truncate text-xs text-ink-soft">{step.note}</span>
      </span>
    </>
  );
  const [into, outOf] =
    direction === 'right' ? [Position.Left, Position.Right] : [Position.Top, Position.Bottom];
  return (
    <div style={{ width: NODE.width, height: NODE.height }}>
      <Handle type="target" position={into} className="invisible" />
      {onSelect === null ? (
        <div className={look}>{content}</div>
      ) : (
        <button
          type="button"
          aria-pressed={selected}
          title={step.name}
          className={look}
          onClick={() => onSelect(step.stepId)}
        >
          {content}
        </button>
      )}
      <Handle type="source" position={outOf} className="invisible" />
    </div>
  );
}

const NODE_TYPES = { step: StepBox };

/** Steps and what each waits for. */
export function StepGraph({ label, steps, layout, direction, selected, onSelect }: StepGraphProps) {
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
        data: { step, selected: stepId === selected, direction, onSelect },
      },
    ];
  });
  const edges: Edge[] = layout.edges.map(({ from, to }) => ({
    id: `${from}>${to}`,
    source: from,
    target: to,
    animated: byId.get(to)?.status === 'running',
    style: { stroke: 'var(--line-strong)', strokeWidth: 1.5 },
  }));
  return (
    <div role="group" aria-label={label} className="h-full w-full">
      <ReactFlow
        key={`${direction}/${nodes.length}`}
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        fitView
        fitViewOptions={{
          // The controls stand at the right edge.
          padding: { top: '16px', bottom: '16px', left: '16px', right: '56px' },
          maxZoom: 1,
          minZoom: 0.4,
        }}
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
    </div>
  );
}
