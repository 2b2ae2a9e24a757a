'use client';

import { executeRecipe, isApiProblem, type ExecuteRecipeData } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Play } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useForm } from 'react-hook-form';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field } from '../../components/ui/field.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { InputControl } from './input-control.tsx';
import { errorsByField, inputFields, toInputs, type FormValues } from './input-fields.ts';

const PATH_HELP =
  'A path on the machine that runs Automatos, inside the folders its operator allows.';

/** Form made from a recipe's input schema; starts a run and leads to its kitchen. */
export function CookForm({ slug, schema }: { slug: string; schema: unknown }) {
  const client = useApi();
  const router = useRouter();
  const queries = useQueryClient();
  const fields = useMemo(() => inputFields(schema), [schema]);
  const [rest, setRest] = useState<string[]>([]);
  // One key per content: a second click, or a retry after a lost answer, starts no second run.
  const attempt = useRef({ content: '', key: '' });
  const { register, control, handleSubmit, setError, setFocus, formState } = useForm<FormValues>({
    defaultValues: Object.fromEntries(fields.map((field) => [field.name, field.initial])),
    resolver: (values) => {
      const { errors } = toInputs(fields, values);
      const entries = Object.entries(errors).map(([name, message]) => [
        name,
        { type: 'input', message },
      ]);
      return Promise.resolve({
        values: entries.length === 0 ? values : {},
        errors: Object.fromEntries(entries),
      });
    },
  });
  const first = fields.find((field) => field.kind !== 'boolean')?.name;
  useEffect(() => {
    if (first !== undefined) setFocus(first);
  }, [first, setFocus]);
  const start = useMutation({
    mutationFn: async (inputs: Record<string, unknown>) => {
      const content = JSON.stringify(inputs);
      if (attempt.current.content !== content)
        attempt.current = { content, key: newIdempotencyKey() };
      const body = { inputs } as ExecuteRecipeData['body'];
      const headers = { 'Idempotency-Key': attempt.current.key };
      return (await executeRecipe({ client, path: { recipe_id: slug }, body, headers })).data;
    },
    onSuccess: (run) => {
      void queries.invalidateQueries({ queryKey: ['runs'] });
      router.push(`/runs/${run.id}`);
    },
    onError: (error) => {
      // What was refused may be tried again as a new start.
      attempt.current = { content: '', key: '' };
      const sorted = errorsByField(fields, isApiProblem(error) ? error.errors : []);
      setRest(sorted.rest);
      for (const [name, message] of Object.entries(sorted.byField)) {
        setError(name, { type: 'server', message }, { shouldFocus: true });
      }
    },
  });
  const submit = handleSubmit((values) => {
    setRest([]);
    start.mutate(toInputs(fields, values).inputs);
  });
  return (
    <form noValidate className="grid gap-5" onSubmit={(event) => void submit(event)}>
      {fields.length === 0 ? (
        <p className="text-sm text-ink-soft">This recipe needs no input.</p>
      ) : null}
      {fields.map((field) => {
        const error = formState.errors[field.name]?.message;
        const help = field.help ?? (field.kind === 'path' ? PATH_HELP : undefined);
        return (
          <Field
            key={field.name}
            label={field.label}
            help={help}
            error={typeof error === 'string' ? error : undefined}
            optional={!field.required && field.kind !== 'boolean'}
          >
            {(wiring) => (
              <InputControl field={field} wiring={wiring} register={register} control={control} />
            )}
          </Field>
        );
      })}
      {start.isError ? (
        <div className="grid gap-2">
          <ErrorState compact what="The run could not be started" error={start.error} />
          {rest.length === 0 ? null : (
            <ul className="list-disc pl-5 text-sm text-bad">
              {rest.map((message) => (
                <li key={message}>{message}</li>
              ))}
            </ul>
          )}
        </div>
      ) : null}
      <Button type="submit" variant="primary" pending={start.isPending || start.isSuccess}>
        <Play aria-hidden className="size-4" /> Start cooking
      </Button>
    </form>
  );
}
