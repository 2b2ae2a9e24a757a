'use client';

import { deleteWorkspace, isApiProblem, updateWorkspace, type Workspace } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { Section } from '../../components/ui/card.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Input } from '../../components/ui/input.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { formatDateTime } from '../../lib/format.ts';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { keepWorkspaceChoice } from '../../lib/workspace-choice.ts';
import { useMay, useSession } from '../session/use-session.ts';

const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

function NameForm({ workspace, mayWrite }: { workspace: Workspace; mayWrite: boolean }) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const [name, setName] = useState(workspace.name);
  const [slug, setSlug] = useState(workspace.slug);
  const [shown, setShown] = useState(false);
  const save = useMutation({
    mutationFn: () =>
      updateWorkspace({
        client,
        path: { workspace_id: workspace.id },
        body: {
          ...(name.trim() === workspace.name ? {} : { name: name.trim() }),
          ...(slug === workspace.slug ? {} : { slug }),
        },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSuccess: () => {
      notify({ kind: 'success', title: 'The workspace is saved' });
      void queries.invalidateQueries({ queryKey: ['session'] });
    },
  });
  const refused = isApiProblem(save.error) ? save.error : null;
  const taken = refused?.code === 'identity.workspace.slug_taken' ? refused.detail : undefined;
  const missing = name.trim() === '' ? 'Name is needed.' : undefined;
  const odd = SLUG.test(slug) ? undefined : 'Use small letters, digits and single dashes.';
  const changed = name.trim() !== workspace.name || slug !== workspace.slug;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setShown(true);
    if (missing === undefined && odd === undefined && changed) save.mutate();
  };
  return (
    <form noValidate className="grid gap-4 p-5" onSubmit={submit}>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Name" error={shown ? missing : undefined}>
          {(control) => (
            <Input
              control={control}
              autoComplete="off"
              maxLength={100}
              readOnly={!mayWrite}
              value={name}
              onChange={({ target }) => setName(target.value)}
            />
          )}
        </Field>
        <Field
          label="Short name"
          help="For the command line, and asked for before a deletion."
          error={(shown ? odd : undefined) ?? taken}
        >
          {(control) => (
            <Input
              control={control}
              className="font-mono"
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              maxLength={64}
              readOnly={!mayWrite}
              value={slug}
              onChange={({ target }) => setSlug(target.value)}
            />
          )}
        </Field>
      </div>
      <p className="text-[0.8125rem] text-ink-soft">
        Made {formatDateTime(workspace.created_at)} · you are {workspace.role} ·{' '}
        <code className="font-mono text-xs wrap-anywhere">{workspace.id}</code>
      </p>
      {save.isError && taken === undefined ? (
        <ErrorState compact what="The workspace could not be saved" error={save.error} />
      ) : null}
      {mayWrite ? (
        <div className="flex justify-end">
          <Button type="submit" variant="primary" disabled={!changed} pending={save.isPending}>
            Save the workspace
          </Button>
        </div>
      ) : null}
    </form>
  );
}

function DeleteDialog({ workspace, onClose }: { workspace: Workspace; onClose: () => void }) {
  const client = useApi();
  const [typed, setTyped] = useState('');
  const remove = useMutation({
    mutationFn: () =>
      deleteWorkspace({
        client,
        path: { workspace_id: workspace.id },
        query: { confirm: typed },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSuccess: () => {
      keepWorkspaceChoice(null);
      window.location.assign('/');
    },
  });
  const same = typed === workspace.slug;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (same) remove.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={`Delete ${workspace.name}?`}
      description="Its recipes, runs, credentials, keys and budgets are deleted with it, for everybody in it. This cannot be undone."
    >
      <form noValidate className="grid gap-4" onSubmit={submit}>
        <Field label={`Type ${workspace.slug} to go on`}>
          {(control) => (
            <Input
              control={control}
              autoFocus
              className="font-mono"
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              value={typed}
              onChange={({ target }) => setTyped(target.value)}
            />
          )}
        </Field>
        {remove.isError ? (
          <ErrorState compact what="The workspace was not deleted" error={remove.error} />
        ) : null}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="danger"
            disabled={!same}
            pending={remove.isPending || remove.isSuccess}
          >
            Delete the workspace
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** What the workspace is called, and its end. */
export function WorkspaceSettings() {
  const workspace = useSession().data?.workspace;
  const mayWrite = useMay('workspace:write');
  const [deleting, setDeleting] = useState(false);
  if (workspace === undefined) return null;
  const owner = workspace.role === 'owner';
  return (
    <>
      <PageHeader
        title="Workspace"
        lead="What this workspace is called. What is in it is never seen in another one."
      />
      <div className="grid max-w-3xl grid-cols-1 gap-8">
        <Section title="Name">
          <NameForm
            key={`${workspace.name} ${workspace.slug}`}
            workspace={workspace}
            mayWrite={mayWrite}
          />
        </Section>
        <Section title="Delete the workspace">
          <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 p-5 text-sm">
            <p className="max-w-md text-ink-soft">
              {owner
                ? 'Everything in it goes with it, for everybody. Runs that go on have to end first.'
                : 'Only owners of the workspace can delete it.'}
            </p>
            <Button variant="danger" disabled={!owner} onClick={() => setDeleting(true)}>
              <Trash2 aria-hidden className="size-4" /> Delete
            </Button>
          </div>
        </Section>
      </div>
      {deleting ? <DeleteDialog workspace={workspace} onClose={() => setDeleting(false)} /> : null}
    </>
  );
}
