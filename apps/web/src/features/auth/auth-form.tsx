'use client';

import { isApiProblem } from '@automatos/sdk';
import { useMutation } from '@tanstack/react-query';
import { useForm, type DefaultValues, type Path, type UseFormReturn } from 'react-hook-form';
import { Button } from '../../components/ui/button.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Input } from '../../components/ui/input.tsx';

export interface AuthField<Values> {
  name: Path<Values>;
  label: string;
  type: 'text' | 'email' | 'password';
  autoComplete: string;
  help?: string;
  minLength?: number;
  /** Stands in the field and cannot be changed. */
  fixed?: string | undefined;
}

function readServerErrors<Values extends Record<string, string>>(
  form: UseFormReturn<Values>,
  fields: readonly AuthField<Values>[],
  error: unknown,
): void {
  if (!isApiProblem(error)) return;
  for (const { pointer, message } of error.errors) {
    const field = fields.find((each) => pointer.replace(/^#/, '') === `/${each.name}`);
    if (field !== undefined) form.setError(field.name, { message });
  }
}

/** Form of sign-in and sign-up: fields, and the server's answers at their fields. It stays busy once it succeeded. */
export function AuthForm<Values extends Record<string, string>, Answer>({
  fields,
  submitLabel,
  failure,
  submit,
  onAnswer,
}: {
  fields: readonly AuthField<Values>[];
  submitLabel: string;
  failure: string;
  submit: (values: Values) => Promise<Answer>;
  onAnswer: (answer: Answer) => void;
}) {
  const fixed = fields.flatMap((field) =>
    field.fixed === undefined ? [] : [[field.name, field.fixed]],
  );
  const form = useForm<Values>({
    defaultValues: Object.fromEntries(fixed) as DefaultValues<Values>,
  });
  const { errors } = form.formState;
  const enter = useMutation({
    mutationFn: submit,
    onSuccess: onAnswer,
    onError: (error) => readServerErrors(form, fields, error),
  });
  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={(event) => void form.handleSubmit((values) => enter.mutate(values))(event)}
    >
      {fields.map((field) => {
        const error = errors[field.name]?.message;
        return (
          <Field
            key={field.name}
            label={field.label}
            help={field.help}
            error={typeof error === 'string' ? error : undefined}
          >
            {(control) => (
              <Input
                control={control}
                type={field.type}
                autoComplete={field.autoComplete}
                readOnly={field.fixed !== undefined}
                {...form.register(field.name, {
                  required: `${field.label} is needed.`,
                  ...(field.minLength === undefined
                    ? {}
                    : {
                        minLength: {
                          value: field.minLength,
                          message: `Use at least ${field.minLength} characters.`,
                        },
                      }),
                })}
              />
            )}
          </Field>
        );
      })}
      {enter.isError ? <ErrorState compact what={failure} error={enter.error} /> : null}
      <Button type="submit" variant="primary" pending={enter.isPending || enter.isSuccess}>
        {submitLabel}
      </Button>
    </form>
  );
}
