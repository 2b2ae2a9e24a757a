'use client';

import { CircleAlert, GripVertical, Plus } from 'lucide-react';
import { useEffect, useRef, useState, type DragEvent, type KeyboardEvent } from 'react';
import { cn } from '../../../components/ui/cn.ts';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { toPointer, type Path } from './document/json-edit.ts';
import { problemsAt } from './document/problems.ts';
import type { StepItem, StepList } from './document/step-tree.ts';
import { SECTIONS, useEditor, type SectionName } from './editor-context.tsx';
import { StepTypeList } from './step-type-list.tsx';
import { stepType } from './step-types.ts';
import { useStepActions } from './use-step-actions.ts';

const LABELS: Record<SectionName, string> = {
  about: 'About',
  inputs: 'Inputs',
  outputs: 'Outputs',
  settings: 'Settings',
};

interface Place {
  path: Path;
  index: number;
}

interface Dragging {
  step: StepItem | null;
  over: Place | null;
  set: (state: { step: StepItem | null; over: Place | null }) => void;
}

const samePlace = (a: Place | null, b: Place) =>
  a !== null && a.index === b.index && toPointer(a.path) === toPointer(b.path);

function Row({
  step,
  dragging,
  onAdd,
}: {
  step: StepItem;
  dragging: Dragging;
  onAdd: (at: Place) => void;
}) {
  const editor = useEditor();
  const actions = useStepActions();
  const { icon: Icon, label } = stepType(step.type);
  const own = editor.problems.filter(
    (problem) =>
      problemsAt([problem], step.pointer).length > 0 &&
      !step.lists.some(({ path }) => problemsAt([problem], toPointer(path)).length > 0),
  );
  const path = step.path.slice(0, -1);
  const index = Number(step.path.at(-1));
  const current = editor.selected === step.pointer;
  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') || editor.broken)
      return;
    event.preventDefault();
    actions.move(step, event.key === 'ArrowUp' ? -1 : 1);
  };
  const onDragOver = (event: DragEvent) => {
    if (dragging.step === null) return;
    event.preventDefault();
    event.stopPropagation();
    const box = event.currentTarget.getBoundingClientRect();
    const below = event.clientY > box.top + box.height / 2;
    const over = { path, index: index + (below ? 1 : 0) };
    if (!samePlace(dragging.over, over)) dragging.set({ step: dragging.step, over });
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    event.stopPropagation();
    if (dragging.step !== null && dragging.over !== null) {
      actions.drop(dragging.step, dragging.over.path, dragging.over.index);
    }
    dragging.set({ step: null, over: null });
  };
  return (
    <li>
      {samePlace(dragging.over, { path, index }) ? (
        <div className="h-0.5 rounded bg-accent" />
      ) : null}
      <div
        draggable={!editor.broken}
        onDragStart={(event) => {
          event.stopPropagation();
          event.dataTransfer.effectAllowed = 'move';
          event.dataTransfer.setData('text/plain', step.stepId);
          dragging.set({ step, over: null });
        }}
        onDragEnd={() => dragging.set({ step: null, over: null })}
        onDragOver={onDragOver}
        onDrop={onDrop}
        className={cn(
          'group flex items-center rounded-lg',
          current ? 'bg-accent-soft' : 'hover:bg-sunken',
          dragging.step?.pointer === step.pointer && 'opacity-50',
        )}
      >
        <GripVertical
          aria-hidden
          className="hidden size-4 shrink-0 cursor-grab text-ink-soft/70 sm:block"
        />
        <button
          type="button"
          data-step={step.pointer}
          aria-current={current ? 'true' : undefined}
          aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
          onClick={() => editor.select(step.pointer)}
          onKeyDown={onKeyDown}
          className="flex min-h-11 min-w-0 flex-1 items-center gap-2.5 rounded-lg px-2 text-left text-sm sm:min-h-10"
        >
          <Icon
            aria-hidden
            className={cn('size-4 shrink-0', current ? 'text-accent-strong' : 'text-ink-soft')}
          />
          <span
            className={cn('min-w-0 flex-1 truncate', current && 'font-medium text-accent-strong')}
          >
            {step.name}
          </span>
          <span className="sr-only">{label}</span>
          {own.length === 0 ? null : (
            <CircleAlert
              role="img"
              aria-label={own.length === 1 ? '1 problem' : `${own.length} problems`}
              className="size-4 shrink-0 text-bad"
            />
          )}
        </button>
      </div>
      {step.lists.map((list) => (
        <div key={toPointer(list.path)} className="ml-3.5 border-l border-line pl-2 sm:ml-6">
          {list.label === null ? null : (
            <p className="px-2 pt-1.5 text-xs text-ink-soft">{list.label}</p>
          )}
          <Steps
            list={list}
            dragging={dragging}
            onAdd={onAdd}
            label={`Steps in ${step.name}${list.label === null ? '' : `, ${list.label}`}`}
          />
        </div>
      ))}
      {samePlace(dragging.over, { path, index: index + 1 }) ? (
        <div className="h-0.5 rounded bg-accent" />
      ) : null}
    </li>
  );
}

function Steps({
  list,
  dragging,
  onAdd,
  label,
}: {
  list: StepList;
  dragging: Dragging;
  onAdd: (at: Place) => void;
  label: string;
}) {
  const { broken } = useEditor();
  const actions = useStepActions();
  const end = { path: list.path, index: list.steps.length };
  return (
    <div>
      <ol aria-label={label} className="grid gap-0.5">
        {list.steps.map((step) => (
          <Row
            key={`${step.pointer}/${step.stepId}`}
            step={step}
            dragging={dragging}
            onAdd={onAdd}
          />
        ))}
      </ol>
      <button
        type="button"
        disabled={broken}
        onClick={() => onAdd(end)}
        onDragOver={(event) => {
          if (dragging.step === null) return;
          event.preventDefault();
          if (!samePlace(dragging.over, end)) dragging.set({ step: dragging.step, over: end });
        }}
        onDrop={(event) => {
          event.preventDefault();
          if (dragging.step !== null) actions.drop(dragging.step, end.path, end.index);
          dragging.set({ step: null, over: null });
        }}
        className="flex min-h-11 w-full items-center gap-2 rounded-lg px-2 text-sm text-ink-soft hover:bg-sunken hover:text-ink disabled:opacity-50 sm:min-h-9 sm:pl-6"
      >
        <Plus aria-hidden className="size-4" /> Add step
        <span className="sr-only">to {label}</span>
      </button>
    </div>
  );
}

/** Sections and steps of the recipe; steps are dragged, or moved with Alt and the arrow keys. */
export function Outline() {
  const editor = useEditor();
  const actions = useStepActions();
  const [drag, setDrag] = useState<{ step: StepItem | null; over: Place | null }>({
    step: null,
    over: null,
  });
  const [adding, setAdding] = useState<Place | null>(null);
  const root = useRef<HTMLElement>(null);
  const { selected } = editor;
  useEffect(() => {
    // A moved step is another element: the keyboard stays with it.
    const inside =
      root.current?.contains(document.activeElement) === true ||
      document.activeElement === document.body;
    const button = root.current?.querySelector<HTMLElement>(`[data-step="${selected}"]`);
    if (inside && button !== null && button !== document.activeElement) button?.focus();
  }, [selected]);
  return (
    <nav ref={root} aria-label="Parts of the recipe" className="grid content-start gap-4">
      <ul className="grid grid-cols-2 gap-0.5 sm:grid-cols-1">
        {SECTIONS.map((name) => (
          <li key={name}>
            <button
              type="button"
              aria-current={selected === name ? 'true' : undefined}
              onClick={() => editor.select(name)}
              className={cn(
                'flex min-h-11 w-full items-center rounded-lg px-3 text-left text-sm sm:min-h-9',
                selected === name
                  ? 'bg-accent-soft font-medium text-accent-strong'
                  : 'hover:bg-sunken',
              )}
            >
              {LABELS[name]}
            </button>
          </li>
        ))}
      </ul>
      <div>
        <h2 className="mb-1.5 px-3 text-xs font-medium text-ink-soft">Steps</h2>
        <Steps
          list={editor.tree}
          dragging={{ ...drag, set: setDrag }}
          onAdd={setAdding}
          label="Steps"
        />
        <p className="mt-2 hidden px-3 text-xs text-ink-soft sm:block">
          Drag a step, or move it with Alt and ↑ ↓.
        </p>
      </div>
      <Dialog
        open={adding !== null}
        onOpenChange={(open) => (open ? undefined : setAdding(null))}
        title="Add a step"
      >
        <StepTypeList
          onChoose={(type) => {
            if (adding !== null) actions.add(type, adding.path, adding.index);
            setAdding(null);
          }}
        />
      </Dialog>
    </nav>
  );
}
