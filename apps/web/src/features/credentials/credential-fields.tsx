'use client';

import { Plus, X } from 'lucide-react';
import { Button, IconButton } from '../../components/ui/button.tsx';
import { Field, type FieldControl } from '../../components/ui/field.tsx';
import { Input, Select, Textarea } from '../../components/ui/input.tsx';
import { SecretInput } from '../../components/ui/secret-input.tsx';
import type { Draft, OpenField, Problems } from './credential-draft.ts';
import { masked, type Credential, type CredentialField } from './credential-views.ts';

interface ControlProps {
  field: CredentialField;
  control: FieldControl;
  value: string;
  placeholder: string | undefined;
  onChange: (value: string) => void;
}

const INPUT_TYPES = { url: 'url', email: 'email' } as const;

function ValueControl({ field, control, value, placeholder, onChange }: ControlProps) {
  const shared = {
    control,
    value,
    placeholder,
    onChange: ({ target }: { target: { value: string } }) => onChange(target.value),
  };
  if (field.options !== null)
    return (
      <Select {...shared}>
        {field.required ? null : <option value="">–</option>}
        {field.options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </Select>
    );
  if (field.format === 'boolean')
    return (
      <Select {...shared}>
        {field.required ? null : <option value="">–</option>}
        <option value="true">Yes</option>
        <option value="false">No</option>
      </Select>
    );
  if (field.format === 'multiline' || field.format === 'headers')
    return (
      <Textarea
        {...shared}
        rows={field.format === 'headers' ? 3 : 5}
        className="font-mono text-[0.8125rem]"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        placeholder={placeholder ?? (field.format === 'headers' ? 'X-Team: research' : undefined)}
      />
    );
  if (field.secret) return <SecretInput {...shared} name={field.label} />;
  return (
    <Input
      {...shared}
      type={field.format === 'url' || field.format === 'email' ? INPUT_TYPES[field.format] : 'text'}
      inputMode={field.format === 'number' ? 'numeric' : undefined}
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
      placeholder={placeholder ?? (field.format === 'time' ? '2026-11-21T12:00:00Z' : undefined)}
    />
  );
}

/** Inputs of a type, made from what it says about its fields. */
export function CredentialFields({
  fields,
  draft,
  problems,
  stored,
  set,
}: {
  fields: readonly CredentialField[];
  draft: Draft;
  problems: Problems;
  /** What is there already: its secrets stay while nothing is typed. */
  stored: Credential | null;
  set: (name: string, value: string) => void;
}) {
  return fields.map((field) => {
    const kept = stored?.secrets[field.name];
    return (
      <Field
        key={field.name}
        label={field.label}
        optional={!field.required && kept === undefined}
        error={problems[field.name]}
        {...(field.help === null ? {} : { help: `${field.help}.` })}
      >
        {(control) => (
          <ValueControl
            field={field}
            control={control}
            value={draft[field.name] ?? ''}
            placeholder={kept === undefined ? undefined : `${masked(kept)} stays`}
            onChange={(value) => set(field.name, value)}
          />
        )}
      </Field>
    );
  });
}

/** Fields of any name, each a secret or not. */
export function OpenFields({
  rows,
  problems,
  stored,
  set,
}: {
  rows: readonly OpenField[];
  problems: Problems;
  stored: Credential | null;
  set: (rows: OpenField[]) => void;
}) {
  const change = (index: number, changes: Partial<OpenField>) =>
    set(rows.map((row, at) => (at === index ? { ...row, ...changes } : row)));
  return (
    <fieldset className="grid gap-3">
      <legend className="mb-1.5 text-sm font-medium">Fields</legend>
      {rows.map((row, index) => {
        const kept = stored?.secrets[row.name];
        const error = problems[index] ?? problems[row.name];
        const number = index + 1;
        return (
          <div key={index} className="grid gap-2 rounded-lg border border-line p-3">
            <div className="flex items-center gap-2">
              <Input
                aria-label={`Name of field ${number}`}
                placeholder="api_key"
                className="min-w-0 font-mono"
                autoComplete="off"
                autoCapitalize="off"
                spellCheck={false}
                readOnly={row.stored}
                aria-invalid={error !== undefined || undefined}
                value={row.name}
                onChange={({ target }) => change(index, { name: target.value })}
              />
              <label className="flex min-h-9 shrink-0 items-center gap-2 text-sm">
                <input
                  type="checkbox"
                  className="size-4 accent-accent"
                  checked={row.secret}
                  disabled={stored !== null}
                  onChange={({ target }) => change(index, { secret: target.checked })}
                />
                Secret
              </label>
              <IconButton
                label={`Remove field ${number}`}
                onClick={() => set(rows.filter((_, at) => at !== index))}
              >
                <X aria-hidden className="size-4" />
              </IconButton>
            </div>
            <Field label={`Value of field ${number}`} error={error}>
              {(control) =>
                row.secret ? (
                  <SecretInput
                    control={control}
                    name={`value of field ${number}`}
                    placeholder={kept === undefined ? undefined : `${masked(kept)} stays`}
                    value={row.value}
                    onChange={({ target }) => change(index, { value: target.value })}
                  />
                ) : (
                  <Input
                    control={control}
                    autoComplete="off"
                    spellCheck={false}
                    value={row.value}
                    onChange={({ target }) => change(index, { value: target.value })}
                  />
                )
              }
            </Field>
          </div>
        );
      })}
      {rows.length === 0 && problems[0] !== undefined ? (
        <p role="alert" className="text-[0.8125rem] font-medium text-bad">
          {problems[0]}
        </p>
      ) : null}
      <div>
        <Button
          size="sm"
          onClick={() => set([...rows, { name: '', value: '', secret: true, stored: false }])}
        >
          <Plus aria-hidden className="size-4" /> Add a field
        </Button>
      </div>
    </fieldset>
  );
}
