'use client';

import { Plus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { useToast } from '../../../components/ui/toast.tsx';
import { useMedia } from '../../../lib/use-media.ts';
import { useWidth } from '../../../lib/use-width.ts';
import {
  connect,
  disconnect,
  drawRecipe,
  frameHeight,
  isGraph,
  type Line,
} from './document/graph.ts';
import { valueAt } from './document/json-edit.ts';
import { problemsAt } from './document/problems.ts';
import { useEditor } from './editor-context.tsx';
import { SelectedPanel } from './form-view.tsx';
import { GraphCanvas } from './graph-canvas.tsx';
import { StepTypeList } from './step-type-list.tsx';
import { useStepActions } from './use-step-actions.ts';

const HEIGHTS = [300, 640] as const;

/** The recipe as a picture; the step that is chosen has its form beside it. */
export function GraphView() {
  const editor = useEditor();
  const actions = useStepActions();
  const notify = useToast();
  const [adding, setAdding] = useState(false);
  const [ref, width] = useWidth();
  const direction = useMedia('(max-width: 639px)') ? 'down' : 'right';
  const recipe = editor.document.value;
  const picture = useMemo(
    () => drawRecipe(recipe, editor.tree, direction),
    [recipe, editor.tree, direction],
  );
  const problems = new Map(
    editor.steps.map(({ pointer }) => [pointer, problemsAt(editor.problems, pointer).length]),
  );
  const inOrder = valueAt(recipe, ['execution', 'mode']) === 'sequential';
  const draw = (line: Line) => {
    const edits = connect(recipe, editor.tree, line);
    if (edits !== null) return editor.edit(edits, '/graph');
    notify({
      kind: 'error',
      title: 'These steps cannot be connected',
      detail: 'A step cannot wait for one that waits for it, nor twice for the same.',
    });
  };
  const cut = (line: Line) => {
    const edits = disconnect(editor.tree, line);
    if (edits !== null) editor.edit(edits, '/graph');
  };
  const { step } = editor;
  return (
    <div className="grid grid-cols-1 gap-6 xl:grid-cols-[1fr_26rem]">
      <Card className="h-fit overflow-hidden">
        <div className="flex items-center justify-between gap-4 border-b border-line px-4 py-2.5">
          <p className="min-w-0 text-sm text-ink-soft">
            {inOrder
              ? 'The recipe says that its steps run as written; lines cannot be drawn.'
              : isGraph(recipe)
                ? 'Draw a line between two dots to make a step wait; double-click a line to take it away.'
                : 'Steps run as written. Drawing a line between two dots makes the recipe a graph.'}
          </p>
          <Button size="sm" disabled={editor.broken} onClick={() => setAdding(true)}>
            <Plus aria-hidden className="size-4" /> Add step
          </Button>
        </div>
        <div ref={ref} style={{ height: frameHeight(picture, width, HEIGHTS) }}>
          {width === null ? null : (
            <GraphCanvas
              picture={picture}
              direction={direction}
              selected={editor.selected}
              problems={problems}
              connectable={!editor.broken && !inOrder}
              onSelect={editor.select}
              onConnect={draw}
              onDisconnect={cut}
            />
          )}
        </div>
      </Card>
      <Card className="h-fit p-5">
        {step === null ? (
          <p className="text-sm text-ink-soft">Choose a step to see and change it here.</p>
        ) : (
          <SelectedPanel />
        )}
      </Card>
      <Dialog open={adding} onOpenChange={setAdding} title="Add a step">
        <StepTypeList
          onChoose={(type) => {
            actions.add(type, ['steps'], editor.tree.steps.length);
            setAdding(false);
          }}
        />
      </Dialog>
    </div>
  );
}
