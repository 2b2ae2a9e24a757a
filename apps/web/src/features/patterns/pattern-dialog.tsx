'use client';

import { createPattern, isApiProblem, updatePattern, type Pattern } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Choices } from '../../components/ui/choices.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { FormFooter } from '../../components/ui/form-footer.tsx';
import { Input, Select, Textarea } from '../../components/ui/input.tsx';
import { NumberField } from '../../components/ui/number-field.tsx';
import { Switch } from '../../components/ui/switch.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import {
  KINDS,
  SETTING_FIELDS,
  type Kind,
  type SettingField,
  type Settings,
} from './pattern-settings.ts';

function SettingControl({
  field,
  settings,
  error,
  onChange,
}: {
  field: SettingField;
  settings: Settings;
  error: string | undefined;
  onChange: (value: string | number | boolean | null) => void;
}) {
  const id = useId();
  const value = settings[field.key];
  if (field.type === 'boolean')
    return (
      <div className="flex items-center justify-between gap-4">
        <label htmlFor={id} className="text-sm font-medium">
          {field.label}
        </label>
        <Switch id={id} checked={value === true} onCheckedChange={onChange} />
      </div>
    );
  if (field.type === 'choice')
    return (
      <Field label={field.label} help={field.help} error={error}>
        {(control) => (
          <Select
            control={control}
            value={typeof value === 'string' ? value : ''}
            onChange={({ target }) => onChange(target.value)}
          >
            {value === undefined ? <option value="">as usual</option> : null}
            {field.options.map(([key, label]) => (
              <option key={key} value={key}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
    );
  return (
    <NumberField
      label={field.label}
      help={field.help}
      error={error}
      {...(field.type === 'ratio' ? { unit: '%', scale: 0.01 } : {})}
      placeholder={(field.type === 'number' ? field.empty : undefined) ?? 'as usual'}
      value={typeof value === 'number' ? value : null}
      onChange={onChange}
    />
  );
}

/** Makes a pattern or changes one; what is left empty has its default. */
export function PatternDialog({
  pattern,
  onClose,
}: {
  pattern: Pattern | null;
  onClose: () => void;
}) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const [name, setName] = useState(pattern?.name ?? '');
  const [description, setDescription] = useState(pattern?.description ?? '');
  const [kind, setKind] = useState<Kind>(pattern?.kind ?? 'hierarchical');
  const [settings, setSettings] = useState<Settings>(pattern?.settings ?? {});
  const save = useMutation({
    mutationFn: async () => {
      // Null means something only where a field says what.
      const given = Object.entries(settings).filter(
        ([key, value]) => value !== null || pattern?.settings[key] === null,
      );
      const body = { name: name.trim(), description, kind, settings: Object.fromEntries(given) };
      const headers = { 'Idempotency-Key': newIdempotencyKey() };
      if (pattern === null) return (await createPattern({ client, body, headers })).data;
      const path = { pattern_id: pattern.id };
      const match = { ...headers, 'If-Match': `"${pattern.version}"` };
      return (await updatePattern({ client, path, body, headers: match })).data;
    },
    onSuccess: (saved) => {
      notify({ kind: 'success', title: `${saved.name} is saved` });
      void queries.invalidateQueries({ queryKey: ['patterns'] });
      onClose();
    },
  });
  const refused = isApiProblem(save.error) ? save.error.errors : [];
  const errorAt = (pointer: string) => refused.find((each) => each.pointer === pointer)?.message;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={pattern === null ? 'New pattern' : `Edit ${pattern.name}`}
    >
      <form noValidate className="grid gap-5" onSubmit={submit}>
        <Field label="Name" error={errorAt('/name')}>
          {(control) => (
            <Input
              control={control}
              autoFocus
              autoComplete="off"
              maxLength={120}
              value={name}
              onChange={({ target }) => setName(target.value)}
            />
          )}
        </Field>
        <Field label="Description" optional error={errorAt('/description')}>
          {(control) => (
            <Textarea
              control={control}
              rows={2}
              maxLength={2000}
              value={description}
              onChange={({ target }) => setDescription(target.value)}
            />
          )}
        </Field>
        <Choices
          legend="How"
          options={KINDS}
          value={kind}
          onChange={(next) => {
            setKind(next);
            setSettings(next === pattern?.kind ? pattern.settings : {});
          }}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          {SETTING_FIELDS[kind].map((field) => (
            <SettingControl
              key={`${kind} ${field.key}`}
              field={field}
              settings={settings}
              error={errorAt(`/settings/${field.key}`)}
              onChange={(value) => setSettings((before) => ({ ...before, [field.key]: value }))}
            />
          ))}
        </div>
        <FormFooter
          save={save}
          failure="The pattern could not be saved"
          label="Save the pattern"
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
