'use client';

import { createDataRequest, createOwnDataRequest, isApiProblem } from '@automatos/sdk';
import type { CreateOwnDataRequestData } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Choices } from '../../components/ui/choices.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { FormFooter } from '../../components/ui/form-footer.tsx';
import { Input, Textarea } from '../../components/ui/input.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { TYPES, type RequestType } from './privacy-words.ts';

interface Form {
  type: RequestType;
  details: string;
  email: string;
  newName: string;
  newEmail: string;
  wrong: string;
  right: string;
  objection: string;
}

const EMPTY: Form = {
  type: 'access',
  details: '',
  email: '',
  newName: '',
  newEmail: '',
  wrong: '',
  right: '',
  objection: '',
};

/** What the API takes: only what belongs to the type. */
function inputOf(form: Form): CreateOwnDataRequestData['body'] {
  const { type, details } = form;
  if (type === 'rectification') {
    const { newName, newEmail, wrong, right } = form;
    return {
      type,
      details,
      corrections: {
        ...(newName === '' ? {} : { name: newName }),
        ...(newEmail === '' ? {} : { email: newEmail }),
        ...(wrong === '' ? {} : { texts: [{ wrong, right }] }),
      },
    };
  }
  if (type === 'objection' && form.objection !== '') {
    const [kind = '', key = ''] = form.objection.split(':');
    return { type, details, target: { [kind]: key } };
  }
  return { type, details };
}

export interface ObjectionTarget {
  /** `purpose:<key>` or `processing:<key or id>`. */
  value: string;
  label: string;
  help: string;
}

function Corrections({
  form,
  set,
  errorAt,
}: {
  form: Form;
  set: (changes: Partial<Form>) => void;
  errorAt: (pointer: string) => string | undefined;
}) {
  const fields = [
    ['newName', 'Right name', '/corrections/name'],
    ['newEmail', 'Right e-mail', '/corrections/email'],
    ['wrong', 'Words that are wrong in texts', '/corrections/texts/0/wrong'],
    ['right', 'What should stand there', '/corrections/texts/0/right'],
  ] as const;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {fields.map(([name, label, pointer]) => (
        <Field key={name} label={label} error={errorAt(pointer)} optional>
          {(control) => (
            <Input
              control={control}
              autoComplete="off"
              value={form[name]}
              onChange={({ target }) => set({ [name]: target.value })}
            />
          )}
        </Field>
      ))}
    </div>
  );
}

/** Asks about data: one's own, or taken down for a member who asked otherwise. */
export function RequestDialog({
  own,
  targets,
  onClose,
}: {
  own: boolean;
  targets: readonly ObjectionTarget[];
  onClose: () => void;
}) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const [form, setForm] = useState(EMPTY);
  const set = (changes: Partial<Form>) => setForm((before) => ({ ...before, ...changes }));
  const save = useMutation({
    mutationFn: async () => {
      const headers = { 'Idempotency-Key': newIdempotencyKey() };
      const body = inputOf(form);
      return own
        ? (await createOwnDataRequest({ client, body, headers })).data
        : (
            await createDataRequest({
              client,
              body: { ...body, subject_email: form.email },
              headers,
            })
          ).data;
    },
    onSuccess: ({ status }) => {
      notify({
        kind: 'success',
        title: status === 'completed' ? 'The request is done' : 'The request was received',
      });
      void queries.invalidateQueries({ queryKey: ['privacy'] });
      onClose();
    },
  });
  const refused = isApiProblem(save.error) ? save.error.errors : [];
  const errorAt = (at: string) => refused.find(({ pointer }) => pointer === at)?.message;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={own ? 'Ask about my data' : 'Take down a request'}
      description={
        own
          ? 'It is answered within a month. You may be asked to prove again who you are.'
          : 'For a member who asked by letter, telephone or in person.'
      }
    >
      <form noValidate className="grid gap-5" onSubmit={submit}>
        {own ? null : (
          <Field label="E-mail of the member" error={errorAt('/subject_email')}>
            {(control) => (
              <Input
                control={control}
                type="email"
                autoComplete="off"
                value={form.email}
                onChange={({ target }) => set({ email: target.value })}
              />
            )}
          </Field>
        )}
        <Choices
          legend="What is asked for"
          options={(Object.keys(TYPES) as RequestType[]).map((value) => ({
            value,
            ...TYPES[value],
          }))}
          value={form.type}
          onChange={(type) => set({ type })}
        />
        {form.type === 'rectification' ? (
          <Corrections form={form} set={set} errorAt={errorAt} />
        ) : null}
        {form.type === 'objection' && !own ? (
          <Field
            label="To which activity of the record"
            help="Its key or id, such as recipe_learning."
            error={errorAt('/target/processing') ?? errorAt('/target')}
          >
            {(control) => (
              <Input
                control={control}
                autoComplete="off"
                value={form.objection.replace(/^processing:/, '')}
                onChange={({ target }) => set({ objection: `processing:${target.value}` })}
              />
            )}
          </Field>
        ) : null}
        {form.type === 'objection' && own && targets.length > 0 ? (
          <Choices
            legend="To what"
            options={targets}
            value={form.objection}
            onChange={(objection) => set({ objection })}
          />
        ) : null}
        <Field label="Anything else" error={errorAt('/details')} optional>
          {(control) => (
            <Textarea
              control={control}
              rows={3}
              maxLength={4000}
              value={form.details}
              onChange={({ target }) => set({ details: target.value })}
            />
          )}
        </Field>
        <FormFooter
          save={save}
          failure="The request could not be made"
          label={own ? 'Ask' : 'Take down'}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
