'use client';

import { FolderOpen } from 'lucide-react';
import { Controller, type Control, type UseFormRegister } from 'react-hook-form';
import type { FieldControl } from '../../components/ui/field.tsx';
import { Input, Select, Textarea } from '../../components/ui/input.tsx';
import { Switch } from '../../components/ui/switch.tsx';
import type { FormValues, InputField } from './input-fields.ts';

/** The input of one field of a recipe, by its kind. */
export function InputControl({
  field,
  wiring,
  register,
  control,
}: {
  field: InputField;
  wiring: FieldControl;
  register: UseFormRegister<FormValues>;
  control: Control<FormValues>;
}) {
  const common = { control: wiring, placeholder: field.placeholder, ...register(field.name) };
  switch (field.kind) {
    case 'boolean':
      return (
        <Controller
          name={field.name}
          control={control}
          render={({ field: { value, onChange } }) => (
            <Switch
              id={wiring.id}
              checked={value === true}
              onCheckedChange={onChange}
              describedBy={wiring.describedBy}
            />
          )}
        />
      );
    case 'choice':
      return (
        <Select {...common}>
          {field.required && field.initial !== '' ? null : <option value="">Choose…</option>}
          {field.choices.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </Select>
      );
    case 'number':
    case 'integer':
      return (
        <Input
          {...common}
          inputMode={field.kind === 'integer' ? 'numeric' : 'decimal'}
          autoComplete="off"
        />
      );
    case 'lines':
      return <Textarea {...common} rows={3} className="font-mono" />;
    case 'json':
      return <Textarea {...common} rows={5} className="font-mono" spellCheck={false} />;
    case 'path':
      return (
        <div className="relative">
          <FolderOpen
            aria-hidden
            className="absolute top-1/2 left-3 size-4 -translate-y-1/2 text-ink-soft"
          />
          <Input
            {...common}
            className="pl-9 font-mono"
            spellCheck={false}
            autoCapitalize="off"
            autoCorrect="off"
            autoComplete="off"
          />
        </div>
      );
    default:
      return field.long ? <Textarea {...common} /> : <Input {...common} autoComplete="off" />;
  }
}
