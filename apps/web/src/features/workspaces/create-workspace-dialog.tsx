'use client';

import { createWorkspace } from '@automatos/sdk';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Dialog } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { FormFooter } from '../../components/ui/form-footer.tsx';
import { Input } from '../../components/ui/input.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { enterWorkspace } from '../../lib/workspace-choice.ts';

/** Makes a workspace and opens it. */
export function CreateWorkspaceDialog({ onClose }: { onClose: () => void }) {
  const client = useApi();
  const [name, setName] = useState('');
  const [missing, setMissing] = useState(false);
  const create = useMutation({
    mutationFn: async (title: string) => {
      const headers = { 'Idempotency-Key': newIdempotencyKey() };
      return (await createWorkspace({ client, body: { name: title }, headers })).data;
    },
    onSuccess: ({ id }) => enterWorkspace(id),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const title = name.trim();
    setMissing(title === '');
    if (title !== '') create.mutate(title);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="New workspace"
      description="A place of its own: recipes, runs, keys and people of one workspace are never seen in another. You will own it."
    >
      <form noValidate className="grid gap-5" onSubmit={submit}>
        <Field label="Name" error={missing ? 'Name is needed.' : undefined}>
          {(control) => (
            <Input
              control={control}
              autoFocus
              autoComplete="off"
              maxLength={100}
              value={name}
              onChange={({ target }) => setName(target.value)}
            />
          )}
        </Field>
        <FormFooter
          save={{ ...create, isPending: create.isPending || create.isSuccess }}
          failure="The workspace could not be made"
          label="Make the workspace"
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
