'use client';

import { createApiKey, isApiProblem, updateApiKey, type ApiKey } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Choices } from '../../components/ui/choices.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { FormFooter } from '../../components/ui/form-footer.tsx';
import { Input, Select, Textarea } from '../../components/ui/input.tsx';
import { NumberField } from '../../components/ui/number-field.tsx';
import { SecretOnce } from '../../components/ui/secret-once.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { formOf, inputOf, type KeyForm, type KeyProblems } from './key-form.ts';
import { scopesOf, withinRole, type KeyRole } from './key-scopes.ts';
import { ScopePicker } from './scope-picker.tsx';

const KINDS = [
  {
    value: 'server',
    label: 'Server key',
    help: 'For programs that keep it secret: servers, the command line, continuous integration.',
  },
  {
    value: 'browser',
    label: 'Browser key',
    help: 'Stands in the source of web pages. It counts only from the origins that you list.',
  },
] as const;
const REACHES = [
  {
    value: 'role',
    label: 'Everything its role may',
    help: 'New abilities of the role come with it.',
  },
  {
    value: 'chosen',
    label: 'Only what I choose',
    help: 'Less is better: whoever finds it can do no more.',
  },
] as const;

function useSaveKey(key: ApiKey | null, onClose: () => void) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  return useMutation({
    mutationFn: async ({
      form,
      input,
    }: {
      form: KeyForm;
      input: Exclude<ReturnType<typeof inputOf>['input'], undefined>;
    }): Promise<string | null> => {
      const headers = { 'Idempotency-Key': newIdempotencyKey() };
      if (key !== null) {
        await updateApiKey({ client, path: { key_id: key.id }, body: input, headers });
        return null;
      }
      const { kind, role, days } = form;
      const expiry = days === '' ? {} : { expires_in_days: Number(days) };
      const body = { ...input, kind, role, ...expiry };
      return (await createApiKey({ client, body, headers })).data.key;
    },
    onSuccess: (secret) => {
      void queries.invalidateQueries({ queryKey: ['api-keys'] });
      if (secret !== null) return;
      notify({ kind: 'success', title: 'The key is saved' });
      onClose();
    },
  });
}

/** What a key is and may at most: chosen once. */
function KindAndRole({ form, set }: { form: KeyForm; set: (changes: Partial<KeyForm>) => void }) {
  const change = (role: KeyRole) =>
    set({ role, scopes: form.scopes === null ? null : withinRole(form.scopes, role) });
  return (
    <>
      <Choices legend="Kind" options={KINDS} value={form.kind} onChange={(kind) => set({ kind })} />
      <Field label="Role" help="What the key may do at most.">
        {(control) => (
          <Select
            control={control}
            value={form.role}
            onChange={({ target }) => change(target.value as KeyRole)}
          >
            <option value="viewer">Viewer: reads</option>
            <option value="member">Member: reads, writes recipes, runs</option>
            <option value="admin">Admin: everything, keys included</option>
          </Select>
        )}
      </Field>
    </>
  );
}

/** Makes an API key, whose secret is shown once, or changes what one may do. */
export function KeyDialog({ apiKey, onClose }: { apiKey: ApiKey | null; onClose: () => void }) {
  const [form, setForm] = useState(() => formOf(apiKey));
  const [shown, setShown] = useState(false);
  const save = useSaveKey(apiKey, onClose);
  const made = inputOf(form);
  const set = (changes: Partial<KeyForm>) => setForm((before) => ({ ...before, ...changes }));
  const refused = isApiProblem(save.error) ? save.error.errors : [];
  const errorAt = (field: keyof KeyProblems) =>
    (shown ? made.problems?.[field] : undefined) ??
    refused.find(({ pointer }) => pointer.replace(/^#/, '').startsWith(`/${field}`))?.message;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setShown(true);
    if (made.input !== undefined) save.mutate({ form, input: made.input });
  };
  const secret = save.data ?? null;
  if (secret !== null)
    return (
      <Dialog open onOpenChange={(open) => (open ? undefined : onClose())} title="Your new API key">
        <SecretOnce label="API key" secret={secret} onDone={onClose}>
          Copy the key now. Only its hash is stored, so it cannot be shown again.
        </SecretOnce>
      </Dialog>
    );
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={apiKey === null ? 'New API key' : `Change ${apiKey.name}`}
    >
      <form noValidate className="grid gap-5" onSubmit={submit}>
        <Field
          label="Name"
          help="What will use it, so that you recognise it later."
          error={errorAt('name')}
        >
          {(control) => (
            <Input
              control={control}
              autoFocus
              autoComplete="off"
              maxLength={100}
              value={form.name}
              onChange={({ target }) => set({ name: target.value })}
            />
          )}
        </Field>
        {apiKey === null ? <KindAndRole form={form} set={set} /> : null}
        <Choices
          legend="What it may do"
          options={REACHES}
          value={form.scopes === null ? 'role' : 'chosen'}
          onChange={(reach) =>
            set({
              scopes:
                reach === 'role'
                  ? null
                  : withinRole(apiKey?.scopes ?? scopesOf('viewer'), form.role),
            })
          }
        />
        {form.scopes === null ? null : (
          <ScopePicker
            role={form.role}
            scopes={form.scopes}
            error={errorAt('scopes')}
            onChange={(scopes) => set({ scopes })}
          />
        )}
        {form.kind === 'browser' ? (
          <Field
            label="Origins"
            help="Where the pages that use it come from, one a line, such as https://app.example.com."
            error={errorAt('origins')}
          >
            {(control) => (
              <Textarea
                control={control}
                rows={3}
                className="font-mono"
                autoCapitalize="off"
                spellCheck={false}
                value={form.origins}
                onChange={({ target }) => set({ origins: target.value })}
              />
            )}
          </Field>
        ) : null}
        <div className="grid gap-4 sm:grid-cols-2">
          <NumberField
            label="Limit"
            unit="/ min"
            optional
            help="Requests of this key. Empty: what everybody gets."
            value={form.limit}
            onChange={(limit) => set({ limit })}
            error={errorAt('rate_limit_per_minute')}
          />
          {apiKey === null ? (
            <Field label="Expires">
              {(control) => (
                <Select
                  control={control}
                  value={form.days}
                  onChange={({ target }) => set({ days: target.value })}
                >
                  <option value="30">After 30 days</option>
                  <option value="90">After 90 days</option>
                  <option value="365">After a year</option>
                  <option value="">Never</option>
                </Select>
              )}
            </Field>
          ) : null}
        </div>
        <FormFooter
          save={save}
          failure={apiKey === null ? 'The key could not be made' : 'The key could not be saved'}
          label={apiKey === null ? 'Make the key' : 'Save the key'}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
