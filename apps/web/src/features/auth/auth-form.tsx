'use client';

import { isApiProblem } from '@automatos/sdk';
import { useQueryClient, useMutation } from '@tanstack/react-query';
import { useForm, type Path, type UseFormReturn } from 'react-hook-form';
import { Button } from '../../components/ui/button.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Input } from '../../components/ui/input.tsx';
import { safeNext } from '../../lib/safe-next.ts';

export interface AuthField<Values> {
  name: Path<Values>;
  label: string;
  type: 'text' | 'email' | 'password';
  autoComplete: string;
  help?: string;
  minLength?: number;
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

/** Form of sign-in and sign-up: fields, the server's answers at their fields, and the way in afterwards. */
export function AuthForm<Values extends Record<string, string>>({
  fields,
  submitLabel,
  failure,
  submit,
}: {
  fields: readonly AuthField<Values>[];
  submitLabel: string;
  failure: string;
  submit: (values: Values) => Promise<unknown>;
}) {
  const queries = useQueryClient();
  const form = useForm<Values>();
  const { errors } = form.formState;
  const enter = useMutation({
    mutationFn: submit,
    onSuccess: () => {
      queries.clear();
      const next = new URLSearchParams(window.location.search).get('next');
      // A whole new page: nothing of the time before the session stays in memory.
      window.location.assign(safeNext(next));
    },
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
