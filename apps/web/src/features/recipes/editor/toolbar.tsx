'use client';

import {
  Braces,
  CircleAlert,
  CircleCheck,
  LoaderCircle,
  PencilLine,
  Play,
  Redo2,
  Save,
  Undo2,
  Workflow,
} from 'lucide-react';
import { Button, IconButton } from '../../../components/ui/button.tsx';
import { cn } from '../../../components/ui/cn.ts';
import { useEditor, type View } from './editor-context.tsx';

const VIEW_LOOKS: readonly { view: View; label: string; icon: typeof Braces }[] = [
  { view: 'form', label: 'Form', icon: PencilLine },
  { view: 'yaml', label: 'YAML', icon: Braces },
  { view: 'graph', label: 'Graph', icon: Workflow },
];

function Views() {
  const { view, setView } = useEditor();
  return (
    <div role="group" aria-label="View" className="flex gap-1 rounded-lg bg-sunken p-1">
      {VIEW_LOOKS.map(({ view: own, label, icon: Icon }) => (
        <button
          key={own}
          type="button"
          aria-pressed={view === own}
          onClick={() => setView(own)}
          className={cn(
            'inline-flex min-h-10 items-center gap-1.5 rounded-md px-3 text-sm font-medium sm:min-h-8',
            view === own
              ? 'bg-surface text-accent-strong shadow-card dark:bg-accent-soft'
              : 'text-ink-soft hover:text-ink',
          )}
        >
          <Icon aria-hidden className="size-4" />
          {label}
        </button>
      ))}
    </div>
  );
}

function State() {
  const { problems, checking, reveal } = useEditor();
  const [first] = problems;
  return (
    <div role="status" className="text-sm">
      {first !== undefined ? (
        <button
          type="button"
          onClick={() => reveal(first)}
          className="inline-flex min-h-9 items-center gap-1.5 rounded-lg px-2 font-medium text-bad hover:bg-bad-soft"
        >
          <CircleAlert aria-hidden className="size-4" /> {problems.length}
          <span className="max-sm:sr-only">{problems.length === 1 ? 'problem' : 'problems'}</span>
        </button>
      ) : checking ? (
        <span className="inline-flex min-h-9 items-center gap-1.5 px-2 text-ink-soft">
          <LoaderCircle aria-hidden className="size-4 animate-spin" />
          <span className="max-sm:sr-only">Checking</span>
        </span>
      ) : (
        <span className="inline-flex min-h-9 items-center gap-1.5 px-2 text-ok">
          <CircleCheck aria-hidden className="size-4" />
          <span className="max-sm:sr-only">No problems</span>
        </span>
      )}
    </div>
  );
}

/** Views, state and what can be done with the whole recipe; stays in sight. */
export function Toolbar({
  pending,
  unsaved,
  onSave,
  onRun,
}: {
  pending: boolean;
  /** The server does not hold this text. */
  unsaved: boolean;
  onSave: (() => void) | null;
  onRun: (() => void) | null;
}) {
  const { document, dispatch } = useEditor();
  return (
    <div className="-mx-4 mb-5 flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line bg-paper px-4 py-2.5 sm:sticky sm:top-[3.65rem] sm:z-10 sm:-mx-6 sm:px-6 lg:top-0 lg:-mx-10 lg:px-10">
      <div className="flex items-center gap-2">
        <Views />
        <State />
      </div>
      <div className="flex items-center gap-1.5">
        <IconButton
          label="Undo"
          disabled={document.past.length === 0}
          onClick={() => dispatch({ kind: 'undo' })}
        >
          <Undo2 aria-hidden className="size-4" />
        </IconButton>
        <IconButton
          label="Redo"
          disabled={document.future.length === 0}
          onClick={() => dispatch({ kind: 'redo' })}
        >
          <Redo2 aria-hidden className="size-4" />
        </IconButton>
        {onRun === null ? null : (
          <Button onClick={onRun} disabled={pending}>
            <Play aria-hidden className="size-4" /> {unsaved ? 'Save and cook' : 'Cook'}
          </Button>
        )}
        {onSave === null ? null : (
          <Button variant="primary" pending={pending} onClick={onSave} disabled={!unsaved}>
            {pending ? null : <Save aria-hidden className="size-4" />} Save
          </Button>
        )}
      </div>
    </div>
  );
}
