'use client';

import { importAgents, type ImportAgentsData } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Dialog } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { FormFooter } from '../../components/ui/form-footer.tsx';
import { Input, Select, Textarea } from '../../components/ui/input.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { plural } from '../../lib/format.ts';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';

type Conflict = NonNullable<ImportAgentsData['body']['on_conflict']>;

const CONFLICTS: readonly [Conflict, string][] = [
  ['fail', 'Change nothing and say so'],
  ['new_version', 'Save it as a new version of that agent'],
  ['new_slug', 'Add it under another short name'],
  ['skip', 'Leave that one out'],
];

/** Takes agents from an exported file: all of them or none. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const [document, setDocument] = useState('');
  const [conflict, setConflict] = useState<Conflict>('fail');
  const load = useMutation({
    mutationFn: async () =>
      (
        await importAgents({
          client,
          body: { document, on_conflict: conflict },
          headers: { 'Idempotency-Key': newIdempotencyKey() },
        })
      ).data,
    onSuccess: ({ items }) => {
      const told = items.map(({ slug, outcome }) => `${slug}: ${outcome}`).join(', ');
      notify({ kind: 'success', title: `${plural(items.length, 'agent')} read`, detail: told });
      void queries.invalidateQueries({ queryKey: ['agents'] });
      void queries.invalidateQueries({ queryKey: ['personas'] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    load.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="Import agents"
      description="A YAML or JSON file from “Export”. It holds no credentials; personas in it come along."
    >
      <form noValidate className="grid gap-5" onSubmit={submit}>
        <Field label="File" optional>
          {(control) => (
            <Input
              control={control}
              type="file"
              accept=".yaml,.yml,.json"
              className="py-2"
              onChange={({ target }) =>
                void target.files?.[0]?.text().then((text) => setDocument(text))
              }
            />
          )}
        </Field>
        <Field label="Text">
          {(control) => (
            <Textarea
              control={control}
              rows={8}
              className="font-mono text-[0.8125rem]!"
              value={document}
              onChange={({ target }) => setDocument(target.value)}
            />
          )}
        </Field>
        <Field label="When an agent with the short name is there already">
          {(control) => (
            <Select
              control={control}
              value={conflict}
              onChange={({ target }) => setConflict(target.value as Conflict)}
            >
              {CONFLICTS.map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <FormFooter
          save={load}
          failure="The agents could not be imported"
          label="Import"
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
