'use client';

import { createThreatBlock, isApiProblem } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Dialog } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { FormFooter } from '../../components/ui/form-footer.tsx';
import { Input, Select } from '../../components/ui/input.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import type { Scope } from './security-words.ts';

export interface BlockSubject {
  kind: 'address' | 'principal';
  subject: string;
}

const HOURS = [
  ['1', 'One hour'],
  ['24', 'One day'],
  ['168', 'One week'],
  ['', 'Until it is removed'],
] as const;

/** Keeps an address or a caller out. */
export function BlockDialog({
  scope,
  initial,
  onClose,
}: {
  scope: Scope;
  initial: BlockSubject;
  onClose: () => void;
}) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const [form, setForm] = useState({ ...initial, reason: '', hours: '24' });
  const set = (changes: Partial<typeof form>) => setForm((before) => ({ ...before, ...changes }));
  const save = useMutation({
    mutationFn: () => {
      const { hours, ...body } = form;
      const until =
        hours === '' ? null : new Date(Date.now() + Number(hours) * 3_600_000).toISOString();
      return createThreatBlock({
        client,
        query: { scope },
        body: { ...body, until },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      });
    },
    onSuccess: () => {
      notify({ kind: 'success', title: `${form.subject} is kept out` });
      void queries.invalidateQueries({ queryKey: ['security'] });
      onClose();
    },
  });
  const refused = isApiProblem(save.error) ? save.error.errors : [];
  const errorAt = (name: string) => refused.find(({ pointer }) => pointer === `/${name}`)?.message;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="Keep somebody out"
      description="Every request of theirs is refused with 403 and says whom to ask. The operator's own key is never kept out."
    >
      <form noValidate className="grid gap-5" onSubmit={submit}>
        <div className="grid gap-4 sm:grid-cols-[10rem_1fr]">
          <Field label="What" error={errorAt('kind')}>
            {(control) => (
              <Select
                control={control}
                value={form.kind}
                onChange={({ target }) => set({ kind: target.value as BlockSubject['kind'] })}
              >
                <option value="address">Address</option>
                <option value="principal">Caller</option>
              </Select>
            )}
          </Field>
          <Field
            label={form.kind === 'address' ? 'Address or network' : 'Caller'}
            help={
              form.kind === 'address'
                ? 'Such as 203.0.113.7 or 203.0.113.0/24.'
                : 'Such as user:<id> or api_key:<id>.'
            }
            error={errorAt('subject')}
          >
            {(control) => (
              <Input
                control={control}
                autoComplete="off"
                value={form.subject}
                onChange={({ target }) => set({ subject: target.value })}
              />
            )}
          </Field>
        </div>
        <Field label="Reason" help="For those who look at it later." error={errorAt('reason')}>
          {(control) => (
            <Input
              control={control}
              autoComplete="off"
              maxLength={500}
              value={form.reason}
              onChange={({ target }) => set({ reason: target.value })}
            />
          )}
        </Field>
        <Field label="How long" error={errorAt('until')}>
          {(control) => (
            <Select
              control={control}
              value={form.hours}
              onChange={({ target }) => set({ hours: target.value })}
            >
              {HOURS.map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <FormFooter
          save={save}
          failure="The block could not be made"
          label="Block"
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
