'use client';

import {
  createSchedule,
  previewSchedule,
  updateSchedule,
  type Recipe,
  type Schedule,
  type ScheduleSpecInput,
} from '@automatos/sdk';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useForm } from 'react-hook-form';
import { useApi } from '../../../components/api-context.ts';
import { Choices } from '../../../components/ui/choices.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { FormFooter } from '../../../components/ui/form-footer.tsx';
import { Field } from '../../../components/ui/field.tsx';
import { Input, Select } from '../../../components/ui/input.tsx';
import { Switch } from '../../../components/ui/switch.tsx';
import { useToast } from '../../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../../lib/idempotency-key.ts';
import { useDebounced } from '../../../lib/use-debounced.ts';
import { InputControl } from '../input-control.tsx';
import { inputFields, toInputs, withValues, type FormValues } from '../input-fields.ts';
import { CronFields } from './cron-fields.tsx';
import {
  formOf,
  MISFIRES,
  newSchedule,
  OVERLAPS,
  specOf,
  UNITS,
  type ScheduleForm,
} from './schedule-form.ts';

const COUNT = 5;

function zone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function localTime(time: string): string {
  return new Intl.DateTimeFormat(undefined, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).format(new Date(time));
}

/** The next times, as the server will fire them. */
function Preview({ spec }: { spec: ScheduleSpecInput | null }) {
  const client = useApi();
  const settled = useDebounced(spec === null ? '' : JSON.stringify(spec));
  const preview = useQuery({
    queryKey: ['schedules', 'preview', settled],
    queryFn: async ({ signal }) =>
      (
        await previewSchedule({
          client,
          body: { spec: JSON.parse(settled) as ScheduleSpecInput, count: COUNT },
          signal,
        })
      ).data,
    enabled: settled !== '',
    placeholderData: keepPreviousData,
    retry: false,
  });
  if (spec === null || settled === '') return null;
  if (preview.isError)
    return <ErrorState compact what="This schedule is not right yet" error={preview.error} />;
  const items = preview.data?.items ?? [];
  return (
    <div className="rounded-lg bg-sunken p-4" aria-live="polite">
      <p className="text-sm font-medium">
        {preview.data !== undefined && items.length === 0
          ? 'It never starts: the time has passed.'
          : 'Next starts'}
      </p>
      <ol className="mt-2 grid gap-1 text-sm tabular-nums" aria-label="Next starts">
        {items.map(({ due_at: due, local }) => (
          <li key={due} className="flex flex-wrap justify-between gap-x-4">
            <time dateTime={due}>{localTime(due)}</time>
            <span className="text-ink-soft">
              {local.replace(/:00$/, '')} {preview.data?.timezone}
            </span>
          </li>
        ))}
      </ol>
      {items.length === 0 ? null : (
        <p className="mt-2 text-xs text-ink-soft">
          Left in your zone, right in that of the schedule.
        </p>
      )}
    </div>
  );
}

function When({ form, set }: { form: ScheduleForm; set: (change: Partial<ScheduleForm>) => void }) {
  return (
    <>
      <Field label="Starts">
        {(control) => (
          <Select
            control={control}
            value={form.kind}
            onChange={(event) => set({ kind: event.target.value as ScheduleForm['kind'] })}
          >
            <option value="cron">At times of the calendar</option>
            <option value="every">Again after a span</option>
            <option value="at">Once</option>
          </Select>
        )}
      </Field>
      {form.kind === 'cron' ? <CronFields form={form} set={set} /> : null}
      {form.kind === 'every' ? (
        <div className="grid grid-cols-2 gap-4">
          <Field label="Every">
            {(control) => (
              <Input
                control={control}
                inputMode="decimal"
                value={form.every}
                onChange={(event) => set({ every: event.target.value })}
              />
            )}
          </Field>
          <Field label="Unit">
            {(control) => (
              <Select
                control={control}
                value={form.unit}
                onChange={(event) => set({ unit: event.target.value as ScheduleForm['unit'] })}
              >
                {Object.keys(UNITS).map((unit) => (
                  <option key={unit}>{unit}</option>
                ))}
              </Select>
            )}
          </Field>
        </div>
      ) : null}
      {form.kind === 'at' ? (
        <Field label="Time" help="In your zone.">
          {(control) => (
            <Input
              control={control}
              type="datetime-local"
              value={form.at}
              onChange={(event) => set({ at: event.target.value })}
            />
          )}
        </Field>
      ) : null}
    </>
  );
}

function useSaveSchedule(recipe: Recipe, schedule: Schedule | null, onClose: () => void) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  return useMutation({
    mutationFn: async (spec: ScheduleSpecInput) => {
      const headers = { 'Idempotency-Key': newIdempotencyKey() };
      return schedule === null
        ? await createSchedule({ client, body: { recipe: recipe.slug, spec }, headers })
        : await updateSchedule({
            client,
            path: { schedule_id: schedule.id },
            body: { spec },
            headers,
          });
    },
    onSuccess: () => {
      notify({ kind: 'success', title: 'The schedule is saved' });
      void queries.invalidateQueries({ queryKey: ['schedules'] });
      onClose();
    },
  });
}

/** Makes a schedule or changes one. */
export function ScheduleDialog({
  recipe,
  schedule,
  onClose,
}: {
  recipe: Recipe;
  schedule: Schedule | null;
  onClose: () => void;
}) {
  const [form, setForm] = useState(() => {
    const fresh = newSchedule(zone(), new Date());
    return schedule === null ? fresh : formOf(schedule.spec, fresh);
  });
  const set = (change: Partial<ScheduleForm>) => setForm((before) => ({ ...before, ...change }));
  const fields = useMemo(
    () => withValues(inputFields(recipe.definition.inputs), schedule?.spec.inputs ?? {}),
    [recipe.definition.inputs, schedule],
  );
  const { register, control, handleSubmit, setError, formState } = useForm<FormValues>({
    defaultValues: Object.fromEntries(fields.map((field) => [field.name, field.initial])),
  });
  const [wrong, setWrong] = useState<string | null>(null);
  const save = useSaveSchedule(recipe, schedule, onClose);
  const planned = specOf(form, undefined);
  const submit = handleSubmit((values) => {
    const { inputs, errors } = toInputs(fields, values);
    const entries = Object.entries(errors);
    for (const [name, message] of entries) setError(name, { message });
    const result = specOf(form, inputs as ScheduleSpecInput['inputs']);
    setWrong('error' in result ? result.error : null);
    if (entries.length === 0 && 'spec' in result) save.mutate(result.spec);
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={schedule === null ? 'New schedule' : 'Change the schedule'}
    >
      <form noValidate className="grid gap-5" onSubmit={(event) => void submit(event)}>
        <When form={form} set={set} />
        {'error' in planned ? null : <Preview spec={planned.spec} />}
        {wrong === null ? null : (
          <p role="alert" className="text-sm font-medium text-bad">
            {wrong}
          </p>
        )}
        <Field label="Name" optional help="Tells several schedules of one recipe apart.">
          {(wiring) => (
            <Input
              control={wiring}
              value={form.name}
              autoComplete="off"
              onChange={(event) => set({ name: event.target.value })}
            />
          )}
        </Field>
        {fields.map((field) => {
          const message = formState.errors[field.name]?.message;
          return (
            <Field
              key={field.name}
              label={field.label}
              help={field.help ?? undefined}
              error={typeof message === 'string' ? message : undefined}
              optional={!field.required && field.kind !== 'boolean'}
            >
              {(wiring) => (
                <InputControl field={field} wiring={wiring} register={register} control={control} />
              )}
            </Field>
          );
        })}
        <Choices
          legend="When the run before is not over yet"
          options={OVERLAPS}
          value={form.overlap}
          onChange={(overlap) => set({ overlap })}
        />
        <Choices
          legend="Times that were missed while nothing ran"
          options={MISFIRES}
          value={form.misfire}
          onChange={(misfire) => set({ misfire })}
        />
        <Field label="Switched on">
          {(wiring) => (
            <Switch
              id={wiring.id}
              checked={form.enabled}
              onCheckedChange={(enabled) => set({ enabled })}
            />
          )}
        </Field>
        <FormFooter
          save={save}
          failure="The schedule could not be saved"
          label="Save the schedule"
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
