'use client';

import {
  forkRun,
  getRecipe,
  getRecipeVersion,
  isApiProblem,
  listModels,
  listProviders,
  type Run,
} from '@automatos/sdk';
import { useMutation, useQuery } from '@tanstack/react-query';
import { GitFork } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useMemo, useState } from 'react';
import { useForm } from 'react-hook-form';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { Choices } from '../../components/ui/choices.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Input, Select } from '../../components/ui/input.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { fieldsResolver, JsonFields } from '../approvals/json-fields.tsx';
import {
  errorsByField,
  inputFields,
  toInputs,
  withValues,
  type FormValues,
} from '../recipes/input-fields.ts';
import { changedInputs } from './changed-inputs.ts';
import { useRunState } from './run-context.tsx';

type Version = 'same' | 'current';
const VERSIONS = [
  { value: 'same', label: 'Same version', help: 'The recipe as it was when this run started.' },
  {
    value: 'current',
    label: 'Current version',
    help: 'The recipe as it is now; the steps before must be the same.',
  },
] as const;

function useSchema(run: Run, version: Version) {
  const client = useApi();
  const slug = run.recipe_slug ?? '';
  return useQuery({
    queryKey: ['recipes', 'fork-inputs', slug, version === 'same' ? run.recipe_version : 'current'],
    queryFn: async ({ signal }) => {
      const path = { recipe_id: slug };
      if (version === 'current' || run.recipe_version === null)
        return (await getRecipe({ client, path, signal })).data.definition.inputs;
      const one = { ...path, version: run.recipe_version };
      return (await getRecipeVersion({ client, path: one, signal })).data.definition.inputs;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Provider and model for the agent steps from there on; empty keeps those of the recipe. */
function ModelFields({
  provider,
  model,
  onChange,
}: {
  provider: string;
  model: string;
  onChange: (provider: string, model: string) => void;
}) {
  const client = useApi();
  const providers = useQuery({
    queryKey: ['providers', 'usable'],
    queryFn: async ({ signal }) =>
      (await listProviders({ client, signal })).data.items.filter((each) => each.usable),
  });
  const models = useQuery({
    queryKey: ['models', provider],
    queryFn: async ({ signal }) =>
      (await listModels({ client, query: { provider, limit: 100 }, signal })).data.items,
    enabled: provider !== '',
  });
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label="Provider" optional>
        {(wiring) => (
          <Select
            control={wiring}
            value={provider}
            onChange={(event) => onChange(event.target.value, '')}
          >
            <option value="">As in the recipe</option>
            {providers.data?.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {provider === '' ? null : (
        <Field label="Model">
          {(wiring) => (
            <>
              <Input
                control={wiring}
                list="fork-models"
                value={model}
                autoComplete="off"
                onChange={(event) => onChange(provider, event.target.value)}
              />
              <datalist id="fork-models">
                {models.data?.map((each) => (
                  <option key={each.id} value={each.id} />
                ))}
              </datalist>
            </>
          )}
        </Field>
      )}
    </div>
  );
}

function ForkForm({
  run,
  schema,
  version,
}: {
  run: Run;
  schema: Record<string, unknown>;
  version: Version;
}) {
  const client = useApi();
  const router = useRouter();
  const order = useRunState((state) => state.stepOrder);
  const steps = useRunState((state) => state.steps);
  const outer = order.flatMap((id) => {
    const step = steps[id];
    return step !== undefined && step.parent === null ? [step] : [];
  });
  const failed = outer.find((step) => step.status === 'failed');
  const [from, setFrom] = useState((failed ?? outer[0])?.stepId ?? '');
  const [model, setModel] = useState({ provider: '', model: '' });
  const fields = useMemo(() => withValues(inputFields(schema), run.inputs), [schema, run.inputs]);
  const { register, control, handleSubmit, setError, formState } = useForm<FormValues>({
    defaultValues: Object.fromEntries(fields.map((field) => [field.name, field.initial])),
    resolver: fieldsResolver(fields),
  });
  const fork = useMutation({
    mutationFn: async (values: FormValues) => {
      const inputs = changedInputs(run.inputs, toInputs(fields, values).inputs);
      const body = {
        from_step: from,
        version,
        ...(Object.keys(inputs).length === 0 ? {} : { inputs }),
        ...(model.provider === '' || model.model.trim() === '' ? {} : { model }),
      } as Parameters<typeof forkRun>[0]['body'];
      const headers = { 'Idempotency-Key': newIdempotencyKey() };
      return (await forkRun({ client, path: { run_id: run.id }, body, headers })).data;
    },
    onSuccess: (made) => router.push(`/runs/${made.id}`),
    onError: (error) => {
      const { byField } = errorsByField(fields, isApiProblem(error) ? error.errors : []);
      for (const [name, message] of Object.entries(byField))
        setError(name, { type: 'server', message }, { shouldFocus: true });
    },
  });
  return (
    <form
      noValidate
      className="grid gap-5"
      onSubmit={(event) => void handleSubmit((values) => fork.mutate(values))(event)}
    >
      <Field
        label="First step to do again"
        help="The steps before it keep their results and are not paid again."
      >
        {(wiring) => (
          <Select control={wiring} value={from} onChange={(event) => setFrom(event.target.value)}>
            {outer.map((step) => (
              <option key={step.stepId} value={step.stepId}>
                {step.name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <JsonFields fields={fields} register={register} control={control} errors={formState.errors} />
      <ModelFields
        {...model}
        onChange={(provider, chosen) => setModel({ provider, model: chosen })}
      />
      {fork.isError ? (
        <ErrorState compact what="The run could not be forked" error={fork.error} />
      ) : null}
      <Button type="submit" variant="primary" pending={fork.isPending || fork.isSuccess}>
        <GitFork aria-hidden className="size-4" /> Start the fork
      </Button>
    </form>
  );
}

/** A new run from one step on, with other inputs or another model. */
export function ForkDialog({ run, onClose }: { run: Run; onClose: () => void }) {
  const [version, setVersion] = useState<Version>('same');
  const schema = useSchema(run, version);
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="Fork this run"
      description="Makes a new run; this one stays as it is."
    >
      <div className="grid gap-5">
        <Choices legend="Recipe" options={VERSIONS} value={version} onChange={setVersion} />
        {schema.isError ? (
          <ErrorState
            compact
            what="The inputs of the recipe could not be loaded"
            error={schema.error}
            onRetry={() => void schema.refetch()}
          />
        ) : schema.data === undefined ? (
          <SkeletonList label="inputs" rows={2} height="h-12" />
        ) : (
          <ForkForm key={version} run={run} schema={schema.data} version={version} />
        )}
      </div>
    </Dialog>
  );
}
