'use client';

import { isApiProblem, type Recipe } from '@automatos/sdk';
import { TriangleAlert } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { SkeletonList } from '../../../components/ui/skeleton.tsx';
import { useToast } from '../../../components/ui/toast.tsx';
import { plural } from '../../../lib/format.ts';
import { useMay } from '../../session/use-session.ts';
import { isChanged } from './document/recipe-document.ts';
import { EditorProvider, useEditor } from './editor-context.tsx';
import { FormView } from './form-view.tsx';
import { leaveBehind, leftBehind } from './left-behind.ts';
import { NEW_RECIPE } from './new-recipe.ts';
import { ProblemsPanel } from './problems-panel.tsx';
import { ConflictDialog, LeaveDialog } from './save-dialogs.tsx';
import { Toolbar } from './toolbar.tsx';
import { useLeaveGuard } from '../../../lib/use-leave-guard.ts';
import { useSave } from './use-save.ts';
import { useShortcuts } from './use-shortcuts.ts';

const loading = () => <SkeletonList label="view" rows={1} height="h-96" />;
const YamlView = dynamic(async () => (await import('./yaml-view.tsx')).YamlView, {
  ssr: false,
  loading,
});
const GraphView = dynamic(async () => (await import('./graph-view.tsx')).GraphView, {
  ssr: false,
  loading,
});
const CookForm = dynamic(async () => (await import('../cook-form.tsx')).CookForm, {
  ssr: false,
  loading,
});

function BrokenNotice() {
  const { broken, problems, reveal, dispatch } = useEditor();
  const [first] = problems;
  if (!broken || first === undefined) return null;
  return (
    <div
      role="alert"
      className="mb-5 flex flex-wrap items-center justify-between gap-3 rounded-card bg-warn-soft px-4 py-3 text-sm"
    >
      <p className="flex min-w-0 gap-2.5">
        <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
        <span>
          <span className="font-medium">The YAML cannot be read at line {first.line ?? 1}.</span>{' '}
          Form and graph show the last state that could be, and wait until it is repaired.
        </span>
      </p>
      <span className="flex gap-2">
        <Button size="sm" onClick={() => reveal(first, 'yaml')}>
          Go to the line
        </Button>
        <Button size="sm" onClick={() => dispatch({ kind: 'undo' })}>
          Undo
        </Button>
      </span>
    </div>
  );
}

function LeftNotice({ recipe }: { recipe: string }) {
  const { document, dispatch } = useEditor();
  const [left, setLeft] = useState(() => leftBehind(recipe));
  const changed = isChanged(document);
  const text = changed ? document.text : null;
  useEffect(() => {
    // What was left behind stays until it is taken or replaced by newer changes.
    if (left === null || text !== null) leaveBehind(recipe, text);
  }, [recipe, text, left]);
  if (left === null || changed || left === document.text) return null;
  const drop = () => {
    leaveBehind(recipe, null);
    setLeft(null);
  };
  return (
    <div
      role="status"
      className="mb-5 flex flex-wrap items-center justify-between gap-3 rounded-card bg-busy-soft px-4 py-3 text-sm"
    >
      <p>You left this page with changes that were not saved.</p>
      <span className="flex gap-2">
        <Button
          size="sm"
          onClick={() => {
            dispatch({ kind: 'replace', text: left });
            setLeft(null);
          }}
        >
          Bring them back
        </Button>
        <Button size="sm" variant="ghost" onClick={drop}>
          Forget them
        </Button>
      </span>
    </div>
  );
}

function SaveError({ error }: { error: unknown }) {
  if (error === null) return null;
  const problems = isApiProblem(error) ? error.errors : [];
  return (
    <div className="mb-5 grid gap-2">
      <ErrorState compact what="The recipe could not be saved" error={error} />
      {problems.length === 0 ? null : (
        <ul className="list-disc pl-5 text-sm text-bad">
          {problems.map(({ pointer, message, line }) => (
            <li key={`${pointer}/${message}`}>
              {line === undefined ? pointer : `line ${line}`}: {message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Workbench({ opened }: { opened: Recipe | null }) {
  const editor = useEditor();
  const { document, dispatch, problems } = editor;
  const router = useRouter();
  const notify = useToast();
  const mayWrite = useMay('recipes:write');
  const mayRun = useMay('recipes:run');
  const [cooking, setCooking] = useState<Recipe | null>(null);
  const changed = isChanged(document);
  const draftKey = opened?.id ?? 'new';
  const saving = useSave(opened, ({ recipe, text, thenCook }) => {
    dispatch({ kind: 'saved', text });
    leaveBehind(draftKey, null);
    if (thenCook) setCooking(recipe);
    else if (opened?.slug !== recipe.slug) router.replace(`/recipes/${recipe.slug}/edit`);
  });
  const guard = useLeaveGuard(changed);
  const save = (thenCook: boolean) => {
    const [first] = problems;
    if (first !== undefined) {
      editor.reveal(first);
      const title = `${plural(problems.length, 'problem')} to repair before it can be saved`;
      return notify({ kind: 'error', title, detail: first.message });
    }
    return saving.save({ text: document.text, thenCook });
  };
  const cook = () => (changed || saving.base === null ? save(true) : setCooking(saving.base));
  useShortcuts({
    undo: () => dispatch({ kind: 'undo' }),
    redo: () => dispatch({ kind: 'redo' }),
    save: mayWrite ? () => save(false) : null,
  });
  return (
    <div>
      <Toolbar
        pending={saving.pending}
        unsaved={changed || saving.base === null}
        onSave={mayWrite ? () => save(false) : null}
        onRun={mayRun && (mayWrite || !changed) ? cook : null}
      />
      <LeftNotice recipe={draftKey} />
      <BrokenNotice />
      <SaveError error={saving.error} />
      {editor.view === 'form' ? (
        <FormView />
      ) : editor.view === 'yaml' ? (
        <YamlView />
      ) : (
        <GraphView />
      )}
      <ProblemsPanel />
      {saving.conflict && saving.base !== null ? (
        <ConflictDialog
          base={saving.base}
          text={document.text}
          pending={saving.pending}
          onClose={saving.closeConflict}
          onOverwrite={(version) => saving.save({ text: document.text, version })}
          onTake={(theirs) => {
            saving.take(theirs);
            dispatch({ kind: 'replace', text: theirs.yaml });
            dispatch({ kind: 'saved', text: theirs.yaml });
          }}
        />
      ) : null}
      {guard.wanted === null ? null : (
        <LeaveDialog
          wanted={guard.wanted}
          onStay={guard.stay}
          onLeave={() => {
            leaveBehind(draftKey, null);
            dispatch({ kind: 'saved', text: document.text });
          }}
        />
      )}
      <Dialog
        open={cooking !== null}
        onOpenChange={(open) => (open ? undefined : setCooking(null))}
        title={`Cook ${cooking?.name ?? ''}`}
        description="Runs on this machine and can be left at any time; it goes on by itself."
      >
        {cooking === null ? null : (
          <CookForm key={cooking.version} slug={cooking.slug} schema={cooking.definition.inputs} />
        )}
      </Dialog>
    </div>
  );
}

/** Form, YAML and graph over one document; `opened` is null for a new recipe. */
export function Editor({ opened }: { opened: Recipe | null }) {
  return (
    <EditorProvider text={opened?.yaml ?? NEW_RECIPE}>
      <Workbench opened={opened} />
    </EditorProvider>
  );
}
