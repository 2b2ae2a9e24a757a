'use client';

import type { Model, Provider } from '@automatos/sdk';
import { useEffect, useEffectEvent, useId, useRef } from 'react';
import { Field } from '../../components/ui/field.tsx';
import { Input, Select } from '../../components/ui/input.tsx';
import { useAllModels, useProviders } from './provider-queries.ts';
import type { ModelRef } from './provider-types.ts';

/** Providers that can be called first, the others with the reason behind their name. */
function providerOptions(providers: readonly Provider[]): { id: string; label: string }[] {
  const ready = (provider: Provider) => provider.usable && provider.configured;
  return providers
    .toSorted((a, b) => Number(ready(b)) - Number(ready(a)) || a.name.localeCompare(b.name))
    .map((provider) => ({
      id: provider.id,
      label: ready(provider)
        ? provider.name
        : `${provider.name} (${provider.usable ? 'not configured' : 'not in this version'})`,
    }));
}

function modelsOf(models: readonly Model[] | undefined, provider: string): readonly Model[] {
  return models?.filter((model) => model.provider === provider) ?? [];
}

/** Provider and model: a list of what the catalogue knows, and any other name by typing it. */
export function ModelRefFields({
  value,
  onChange,
  errors = {},
  anyModel = false,
  noProvider = 'Choose a provider',
  noModel = anyModel ? 'all models' : 'name of the model',
}: {
  value: ModelRef;
  onChange: (value: ModelRef) => void;
  errors?: { provider?: string | undefined; model?: string | undefined };
  /** An empty name is right too and means every model. */
  anyModel?: boolean;
  /** What it means when no provider or no model is chosen. */
  noProvider?: string;
  noModel?: string;
}) {
  const providers = useProviders().data ?? [];
  const all = useAllModels().data;
  const models = modelsOf(all, value.provider);
  const list = useId();
  // Chosen before the models were known: the first of them is filled in when they are.
  const awaiting = useRef<string | null>(null);
  const fillIn = useEffectEvent((known: readonly Model[], provider: string) => {
    const first = modelsOf(known, provider)[0];
    if (value.provider === provider && value.model === '' && first !== undefined)
      onChange({ provider, model: first.id });
  });
  useEffect(() => {
    if (all === undefined || awaiting.current === null) return;
    fillIn(all, awaiting.current);
    awaiting.current = null;
  }, [all]);
  const known = providers.some(({ id }) => id === value.provider);
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Field label="Provider" error={errors.provider}>
        {(control) => (
          <Select
            control={control}
            value={value.provider}
            onChange={({ target }) => {
              const first = anyModel ? undefined : modelsOf(all, target.value)[0];
              if (!anyModel && all === undefined) awaiting.current = target.value;
              onChange({ provider: target.value, model: first?.id ?? '' });
            }}
          >
            <option value="">{noProvider}</option>
            {known || value.provider === '' ? null : (
              <option value={value.provider}>{value.provider} (unknown)</option>
            )}
            {providerOptions(providers).map(({ id, label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Model" error={errors.model} optional={anyModel}>
        {(control) => (
          <>
            <Input
              control={control}
              list={list}
              className="font-mono"
              placeholder={noModel}
              autoComplete="off"
              spellCheck={false}
              value={value.model}
              onChange={({ target }) => onChange({ ...value, model: target.value })}
            />
            <datalist id={list}>
              {models.map((model) => (
                <option key={model.id} value={model.id}>
                  {model.name}
                </option>
              ))}
            </datalist>
          </>
        )}
      </Field>
    </div>
  );
}
