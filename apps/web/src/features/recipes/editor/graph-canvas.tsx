'use client';

import '@xyflow/react/dist/style.css';
import {
  Background,
  Controls,
  Handle,
  Position,
  ReactFlow,
  type Connection,
  type Edge,
  type Node,
  type NodeProps,
} from '@xyflow/react';
import { CircleAlert } from 'lucide-react';
import { cn } from '../../../components/ui/cn.ts';
import type { Box, Direction, Line, Picture } from './document/graph.ts';
import { stepType } from './step-types.ts';

interface BoxData extends Record<string, unknown> {
  box: Box;
  direction: Direction;
  selected: boolean;
  problems: number;
  connectable: boolean;
  onSelect: ((id: string) => void) | undefined;
}
type BoxNode = Node<BoxData, 'box'>;

function BoxView({
  data: { box, direction, selected, problems, connectable, onSelect },
}: NodeProps<BoxNode>) {
  const { step } = box;
  if (step === null) return <p className="px-1 text-xs text-ink-soft">{box.label}</p>;
  const { icon: Icon, label } = stepType(step.type);
  const [into, outOf] =
    direction === 'right' ? [Position.Left, Position.Right] : [Position.Top, Position.Bottom];
  const handle = cn(
    !connectable && 'invisible',
    '!size-3 !border-2 !border-surface !bg-line-strong',
  );
  const look = cn(
    'nodrag nopan pointer-events-auto flex items-center gap-2.5 px-3 text-left',
    box.frame
      ? 'h-10 max-w-full rounded-xl'
      : cn(
          'h-full w-full rounded-xl border-2 shadow-card',
          selected
            ? 'border-accent bg-accent-soft'
            : problems > 0
              ? 'border-bad bg-surface'
              : 'border-line bg-surface',
        ),
  );
  const content = (
    <>
      <Icon aria-hidden className="size-4 shrink-0 text-accent-strong" />
      <span className="min-w-0 flex-1">
        <span className="block truncate text-[0.8125rem] leading-4 font-semibold">{step.name}</span>
        {box.frame ? null : (
          <span className="mt-0.5 block truncate text-xs text-ink-soft">
            {noteOf(box) ?? label}
          </span>
        )}
      </span>
      {box.frame ? <span className="text-xs text-ink-soft">{label}</span> : null}
      {problems === 0 ? null : (
        <CircleAlert
          role="img"
          aria-label={problems === 1 ? '1 problem' : `${problems} problems`}
          className="size-4 shrink-0 text-bad"
        />
      )}
    </>
  );
  return (
    <div
      style={{ width: box.width, height: box.height }}
      className={cn(
        box.frame && 'rounded-2xl border-2 border-dashed',
        box.frame &&
          (selected ? 'border-accent bg-accent-soft/40' : 'border-line-strong/60 bg-sunken/50'),
      )}
    >
      <Handle type="target" position={into} isConnectable={connectable} className={handle} />
      {onSelect === undefined ? (
        <div className={look}>{content}</div>
      ) : (
        <button
          type="button"
          aria-pressed={selected}
          title={step.name}
          onClick={() => onSelect(box.id)}
          className={look}
        >
          {content}
        </button>
      )}
      <Handle type="source" position={outOf} isConnectable={connectable} className={handle} />
    </div>
  );
}

function noteOf({ step }: Box): string | null {
  if (step === null) return null;
  const { agent, tool, recipe } = step.value;
  const named = [agent, tool, recipe].find((each) => typeof each === 'string' && each !== '');
  return typeof named === 'string' ? named : null;
}

const NODE_TYPES = { box: BoxView };

export interface GraphCanvasProps {
  picture: Picture;
  direction: Direction;
  selected: string;
  /** Number of problems by box. */
  problems: ReadonlyMap<string, number>;
  /** Boxes of the first level can be connected. */
  connectable: boolean;
  /** Without it the picture is only to look at. */
  onSelect?: (id: string) => void;
  onConnect?: (line: Line) => void;
  onDisconnect?: (line: Line) => void;
}

/** The recipe as a graph; lines are drawn from the right edge of a step to the left edge of another. */
export function GraphCanvas({
  picture,
  direction,
  selected,
  problems,
  connectable,
  onSelect,
  onConnect,
  onDisconnect,
}: GraphCanvasProps) {
  const nodes: BoxNode[] = picture.boxes.map((box) => ({
    id: box.id,
    type: 'box',
    position: { x: box.x, y: box.y },
    width: box.width,
    height: box.height,
    ...(box.parent === null ? {} : { parentId: box.parent }),
    data: {
      box,
      direction,
      selected: box.id === selected,
      problems: problems.get(box.id) ?? 0,
      connectable: connectable && box.parent === null,
      onSelect,
    },
  }));
  const edges: Edge[] = picture.lines.map(({ from, to }) => ({
    id: `${from}>${to}`,
    source: from,
    target: to,
    zIndex: 1,
    style: { stroke: 'var(--line-strong)', strokeWidth: 1.5 },
  }));
  return (
    <div role="group" aria-label="Graph of the recipe" className="h-full w-full">
      <ReactFlow
        key={`${direction}/${picture.boxes.length}/${Math.round(picture.height)}`}
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        fitView
        fitViewOptions={{ padding: '24px', maxZoom: 1, minZoom: 0.35 }}
        minZoom={0.2}
        maxZoom={1.5}
        nodesDraggable={false}
        nodesConnectable={connectable}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        zoomOnScroll={false}
        preventScrolling={false}
        connectionRadius={40}
        onConnect={({ source, target }: Connection) => onConnect?.({ from: source, to: target })}
        onEdgeDoubleClick={(_event, { source, target }) =>
          onDisconnect?.({ from: source, to: target })
        }
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={20} color="var(--line)" />
        <Controls showInteractive={false} position="bottom-right" />
      </ReactFlow>
    </div>
  );
}
