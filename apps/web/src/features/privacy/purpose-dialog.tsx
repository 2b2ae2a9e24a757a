'use client';

import { createConsentPurpose, isApiProblem, updateConsentPurpose } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Dialog } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { FormFooter } from '../../components/ui/form-footer.tsx';
import { Input, Textarea } from '../../components/ui/input.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import type { ConsentPurpose } from './privacy-words.ts';

/** Makes a purpose, or changes its words. */
export function PurposeDialog({
  purpose,
  onClose,
}: {
  purpose: ConsentPurpose | null;
  onClose: () => void;
}) {
  const client = useApi();
  const queries = useQueryClient();
  const [form, setForm] = useState({
    key: purpose?.key ?? '',
    name: purpose?.name ?? '',
    text: purpose?.text ?? '',
  });
  const save = useMutation({
    mutationFn: () => {
      const headers = { 'Idempotency-Key': newIdempotencyKey() };
      if (purpose === null) return createConsentPurpose({ client, body: form, headers });
      const { name, text } = form;
      const body = { name, ...(text === purpose.text ? {} : { text }) };
      return updateConsentPurpose({ client, path: { purpose_id: purpose.id }, body, headers });
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['privacy'] });
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
      title={purpose === null ? 'New purpose' : 'Change the purpose'}
      description={
        purpose === null
          ? 'Members see it under Settings, My data.'
          : 'A new text is a new version: consents to the old one count no more.'
      }
    >
      <form noValidate className="grid gap-5" onSubmit={submit}>
        <Field label="Name" error={errorAt('name')}>
          {(control) => (
            <Input
              control={control}
              autoComplete="off"
              value={form.name}
              onChange={({ target }) => setForm({ ...form, name: target.value })}
            />
          )}
        </Field>
        {purpose === null ? (
          <Field
            label="Key"
            help="Lower-case letters, digits and dashes; programs ask by it."
            error={errorAt('key')}
          >
            {(control) => (
              <Input
                control={control}
                autoComplete="off"
                spellCheck={false}
                value={form.key}
                onChange={({ target }) => setForm({ ...form, key: target.value })}
              />
            )}
          </Field>
        ) : null}
        <Field label="Text that people agree to" error={errorAt('text')}>
          {(control) => (
            <Textarea
              control={control}
              rows={5}
              maxLength={4000}
              value={form.text}
              onChange={({ target }) => setForm({ ...form, text: target.value })}
            />
          )}
        </Field>
        <FormFooter
          save={save}
          failure="The purpose could not be saved"
          label="Save"
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
