'use client';

import { getThreatSettings, isApiProblem, putThreatSettings } from '@automatos/sdk';
import type { GetThreatSettingsResponse } from '@automatos/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { Choices } from '../../components/ui/choices.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Textarea } from '../../components/ui/input.tsx';
import { NumberField } from '../../components/ui/number-field.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { useMay } from '../session/use-session.ts';
import { CATEGORIES, LEVELS, type Category, type Scope } from './security-words.ts';

const MODES = [
  {
    value: 'observe',
    label: 'Observe',
    help: 'Everything is assessed and stored; nobody is asked, slowed down or blocked.',
  },
  {
    value: 'enforce',
    label: 'Enforce',
    help: 'Medium: people prove themselves again. High: requests are slowed down. Critical: kept out for a while.',
  },
] as const;
const RISING = ['medium', 'high', 'critical'] as const;

interface Form {
  mode: 'observe' | 'enforce';
  thresholds: Record<(typeof RISING)[number], number | null>;
  addresses: string;
  disabled: readonly Category[];
}

const formOf = (settings: GetThreatSettingsResponse): Form => ({
  mode: settings.mode,
  thresholds: settings.thresholds,
  addresses: settings.allowed_addresses.join('\n'),
  disabled: settings.disabled_categories,
});

function CategorySwitches({
  disabled,
  onChange,
}: {
  disabled: readonly Category[];
  onChange: (next: Category[]) => void;
}) {
  return (
    <fieldset>
      <legend className="mb-2 text-sm font-medium">What is looked for</legend>
      <div className="grid gap-x-6 gap-y-1 sm:grid-cols-2">
        {(Object.keys(CATEGORIES) as Category[]).map((category) => (
          <label key={category} className="flex min-h-9 items-center gap-3 text-sm">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={!disabled.includes(category)}
              onChange={({ target }) =>
                onChange(
                  target.checked
                    ? disabled.filter((each) => each !== category)
                    : [...disabled, category],
                )
              }
            />
            {CATEGORIES[category]}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function useSaveSettings(scope: Scope, version: number) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  return useMutation({
    mutationFn: (form: Form) => {
      const { medium, high, critical } = form.thresholds;
      return putThreatSettings({
        client,
        query: { scope },
        body: {
          mode: form.mode,
          thresholds: { medium: medium ?? 0, high: high ?? 0, critical: critical ?? 0 },
          allowed_addresses: form.addresses.split(/[\s,]+/).filter((each) => each !== ''),
          disabled_categories: [...form.disabled],
        },
        headers: { 'Idempotency-Key': newIdempotencyKey(), 'If-Match': `"${version}"` },
      });
    },
    onSuccess: () => {
      notify({ kind: 'success', title: 'The settings are saved' });
      void queries.invalidateQueries({ queryKey: ['security'] });
    },
  });
}

function SettingsForm({ scope, stored }: { scope: Scope; stored: GetThreatSettingsResponse }) {
  const mayWrite = useMay('security:write');
  const [form, setForm] = useState(() => formOf(stored));
  const set = (changes: Partial<Form>) => setForm((before) => ({ ...before, ...changes }));
  const save = useSaveSettings(scope, stored.version);
  const refused = isApiProblem(save.error) ? save.error.errors : [];
  const errorAt = (name: string) =>
    refused.find(({ pointer }) => pointer.startsWith(`/${name}`))?.message;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(form);
  };
  return (
    <Card className="max-w-3xl p-5">
      <form noValidate onSubmit={submit}>
        <fieldset disabled={!mayWrite} className="grid gap-6">
          <Choices
            legend="What follows from a score"
            options={MODES}
            value={form.mode}
            onChange={(mode) => set({ mode })}
          />
          <div>
            <p className="mb-2 text-sm font-medium">Score from which a level begins, 1 to 100</p>
            <div className="grid grid-cols-3 gap-3">
              {RISING.map((level) => (
                <NumberField
                  key={level}
                  label={LEVELS[level].label}
                  value={form.thresholds[level]}
                  onChange={(value) => set({ thresholds: { ...form.thresholds, [level]: value } })}
                />
              ))}
            </div>
            {errorAt('thresholds') === undefined ? null : (
              <p role="alert" className="mt-1.5 text-[0.8125rem] font-medium text-bad">
                {errorAt('thresholds')}
              </p>
            )}
          </div>
          <Field
            label="Addresses on which nothing is enforced"
            help="One address or network on each line, such as 203.0.113.0/24. They are assessed all the same."
            error={errorAt('allowed_addresses')}
            optional
          >
            {(control) => (
              <Textarea
                control={control}
                rows={3}
                spellCheck={false}
                className="font-mono"
                value={form.addresses}
                onChange={({ target }) => set({ addresses: target.value })}
              />
            )}
          </Field>
          <CategorySwitches disabled={form.disabled} onChange={(disabled) => set({ disabled })} />
          {save.isError ? (
            <ErrorState compact what="The settings could not be saved" error={save.error} />
          ) : null}
          {mayWrite ? (
            <div className="flex justify-end">
              <Button type="submit" variant="primary" pending={save.isPending}>
                Save
              </Button>
            </div>
          ) : (
            <p className="text-sm text-ink-soft">Only administrators change these.</p>
          )}
        </fieldset>
      </form>
    </Card>
  );
}

/** What the detector looks for, and what follows. */
export function SettingsTab({ scope }: { scope: Scope }) {
  const client = useApi();
  const query = useQuery({
    queryKey: ['security', 'settings', scope],
    queryFn: async ({ signal }) =>
      (await getThreatSettings({ client, query: { scope }, signal })).data,
  });
  if (query.isError && query.data === undefined) {
    return (
      <ErrorState
        what="The settings could not be loaded"
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (query.data === undefined) return <SkeletonList label="settings" rows={3} height="h-24" />;
  return <SettingsForm key={`${scope}-${query.data.version}`} scope={scope} stored={query.data} />;
}
