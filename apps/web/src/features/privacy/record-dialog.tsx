'use client';

import { createProcessingRecord, isApiProblem, updateProcessingRecord } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Dialog } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { FormFooter } from '../../components/ui/form-footer.tsx';
import { Input, Select, Textarea } from '../../components/ui/input.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { BASES, type ProcessingRecord } from './privacy-words.ts';

const TEXTS = [
  { name: 'name', label: 'Name', lines: 1, optional: false },
  { name: 'purpose', label: 'What the data are used for', lines: 2, optional: false },
  { name: 'legal_basis_detail', label: 'Why this basis holds', lines: 2, optional: true },
  { name: 'data_categories', label: 'Which data, one on each line', lines: 3, optional: false },
  { name: 'subject_categories', label: 'Of whom, one on each line', lines: 2, optional: false },
  { name: 'recipients', label: 'Given to whom, one on each line', lines: 2, optional: true },
  {
    name: 'third_countries',
    label: 'Transfers to third countries and safeguards',
    lines: 2,
    optional: true,
  },
  { name: 'retention', label: 'How long they are kept', lines: 1, optional: false },
  { name: 'security_measures', label: 'How they are protected', lines: 2, optional: true },
] as const;
type TextName = (typeof TEXTS)[number]['name'];
type Form = Record<TextName, string> & { legal_basis: ProcessingRecord['legal_basis'] };

const formOf = (record: ProcessingRecord | null): Form => ({
  name: record?.name ?? '',
  purpose: record?.purpose ?? '',
  legal_basis: record?.legal_basis ?? 'contract',
  legal_basis_detail: record?.legal_basis_detail ?? '',
  data_categories: record?.data_categories.join('\n') ?? '',
  subject_categories: record?.subject_categories.join('\n') ?? '',
  recipients: record?.recipients.join('\n') ?? '',
  third_countries: record?.third_countries ?? '',
  retention: record?.retention ?? '',
  security_measures: record?.security_measures ?? '',
});

const lines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

function useSaveRecord(record: ProcessingRecord | null, onDone: () => void) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  return useMutation({
    mutationFn: (form: Form) => {
      const headers = { 'Idempotency-Key': newIdempotencyKey() };
      const body = {
        ...form,
        data_categories: lines(form.data_categories),
        subject_categories: lines(form.subject_categories),
        recipients: lines(form.recipients),
      };
      return record === null
        ? createProcessingRecord({ client, body, headers })
        : updateProcessingRecord({ client, path: { record_id: record.id }, body, headers });
    },
    onSuccess: () => {
      notify({ kind: 'success', title: 'The record is up to date' });
      void queries.invalidateQueries({ queryKey: ['privacy', 'records'] });
      onDone();
    },
  });
}

/** Adds an activity to the record of processing, or changes one. */
export function RecordDialog({
  record,
  onClose,
}: {
  record: ProcessingRecord | null;
  onClose: () => void;
}) {
  const [form, setForm] = useState(() => formOf(record));
  const save = useSaveRecord(record, onClose);
  const refused = isApiProblem(save.error) ? save.error.errors : [];
  const errorAt = (name: string) =>
    refused.find(({ pointer }) => pointer.split('/')[1] === name)?.message;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(form);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={record === null ? 'Add a processing activity' : 'Change the processing activity'}
    >
      <form noValidate className="grid gap-5" onSubmit={submit}>
        <Field label="Legal basis" error={errorAt('legal_basis')}>
          {(control) => (
            <Select
              control={control}
              value={form.legal_basis}
              onChange={({ target }) =>
                setForm((before) => ({
                  ...before,
                  legal_basis: target.value as Form['legal_basis'],
                }))
              }
            >
              {Object.entries(BASES).map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {TEXTS.map(({ name, label, lines: rows, optional }) => (
          <Field key={name} label={label} error={errorAt(name)} optional={optional}>
            {(control) =>
              rows === 1 ? (
                <Input
                  control={control}
                  autoComplete="off"
                  value={form[name]}
                  onChange={({ target }) =>
                    setForm((before) => ({ ...before, [name]: target.value }))
                  }
                />
              ) : (
                <Textarea
                  control={control}
                  rows={rows}
                  value={form[name]}
                  onChange={({ target }) =>
                    setForm((before) => ({ ...before, [name]: target.value }))
                  }
                />
              )
            }
          </Field>
        ))}
        <FormFooter
          save={save}
          failure="The record could not be saved"
          label="Save"
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
