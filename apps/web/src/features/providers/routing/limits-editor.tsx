'use client';

import { Plus, Trash2 } from 'lucide-react';
import { Button } from '../../../components/ui/button.tsx';
import { NumberField } from '../../../components/ui/number-field.tsx';
import { ModelRefFields } from '../model-ref-fields.tsx';
import type { VendorLimit } from '../provider-types.ts';

const NUMBERS = [
  { key: 'requests_per_minute', label: 'Requests per minute' },
  { key: 'tokens_per_minute', label: 'Tokens per minute' },
  { key: 'concurrency', label: 'At the same time' },
] as const;

const NEW: VendorLimit = {
  provider: '',
  model: null,
  requests_per_minute: null,
  tokens_per_minute: null,
  concurrency: null,
};

/** Own limits towards vendors, beside those that their answers tell. */
export function LimitsEditor({
  limits,
  onChange,
  problems,
}: {
  limits: readonly VendorLimit[];
  onChange: (limits: VendorLimit[]) => void;
  problems: Readonly<Record<string, string>>;
}) {
  const change = (row: number, changes: Partial<VendorLimit>) =>
    onChange(limits.map((limit, at) => (at === row ? { ...limit, ...changes } : limit)));
  return (
    <div className="grid gap-4">
      {limits.length === 0 ? (
        <p className="text-sm text-ink-soft">
          None. What vendors tell with their answers is kept in any case.
        </p>
      ) : null}
      {limits.map((limit, row) => {
        const errorAt = (key: string) => problems[`/limits/${row}/${key}`];
        return (
          <fieldset
            // A row has nothing else that tells it apart, and rows are only added and removed.
            key={row}
            className="grid gap-3 rounded-lg border border-line p-3"
          >
            <legend className="sr-only">Limit {row + 1}</legend>
            <ModelRefFields
              anyModel
              value={{ provider: limit.provider, model: limit.model ?? '' }}
              onChange={({ provider, model }) =>
                change(row, { provider, model: model === '' ? null : model })
              }
              errors={{ provider: errorAt('provider'), model: errorAt('model') }}
            />
            <div className="grid gap-3 sm:grid-cols-3 sm:items-end">
              {NUMBERS.map(({ key, label }) => (
                <NumberField
                  key={key}
                  label={label}
                  placeholder="no limit"
                  value={limit[key]}
                  onChange={(value) => change(row, { [key]: value })}
                  error={errorAt(key)}
                />
              ))}
            </div>
            <div className="flex justify-end">
              <Button
                size="sm"
                variant="ghost"
                aria-label={`Remove limit ${row + 1}`}
                onClick={() => onChange(limits.filter((_limit, at) => at !== row))}
              >
                <Trash2 aria-hidden className="size-4" /> Remove
              </Button>
            </div>
          </fieldset>
        );
      })}
      {limits.length < 100 ? (
        <div>
          <Button onClick={() => onChange([...limits, NEW])}>
            <Plus aria-hidden className="size-4" /> Add a limit
          </Button>
        </div>
      ) : null}
    </div>
  );
}
