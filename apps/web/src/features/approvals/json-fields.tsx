'use client';

import type { Control, FieldErrors, UseFormRegister } from 'react-hook-form';
import { Field } from '../../components/ui/field.tsx';
import { InputControl } from '../recipes/input-control.tsx';
import { toInputs, type FormValues, type InputField } from '../recipes/input-fields.ts';

/** Checks the values of a form as the fields of a JSON schema ask. */
export function fieldsResolver(fields: readonly InputField[]) {
  return (values: FormValues) => {
    const { errors } = toInputs(fields, values);
    const entries = Object.entries(errors).map(([name, message]) => [
      name,
      { type: 'input', message },
    ]);
    return Promise.resolve({
      values: entries.length === 0 ? values : {},
      errors: Object.fromEntries(entries),
    });
  };
}

/** The fields of a JSON schema, each with its label, help and error. */
export function JsonFields({
  fields,
  register,
  control,
  errors,
}: {
  fields: readonly InputField[];
  register: UseFormRegister<FormValues>;
  control: Control<FormValues>;
  errors: FieldErrors<FormValues>;
}) {
  return fields.map((field) => {
    const error = errors[field.name]?.message;
    return (
      <Field
        key={field.name}
        label={field.label}
        help={field.help ?? undefined}
        error={typeof error === 'string' ? error : undefined}
        optional={!field.required && field.kind !== 'boolean'}
      >
        {(wiring) => (
          <InputControl field={field} wiring={wiring} register={register} control={control} />
        )}
      </Field>
    );
  });
}
