'use client';

import type { ReactNode } from 'react';
import { Field } from './field.tsx';
import { Input } from './input.tsx';

/** A text field for dollars; what it means is read with `parseDollars`. */
export function MoneyField({
  label,
  value,
  onChange,
  help,
  error,
  optional = false,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  help?: ReactNode;
  error?: string | undefined;
  optional?: boolean;
}) {
  return (
    <Field label={label} help={help} error={error} optional={optional}>
      {(control) => (
        <div className="relative">
          <span
            aria-hidden
            className="pointer-events-none absolute inset-y-0 left-3 flex items-center text-ink-soft"
          >
            $
          </span>
          <Input
            control={control}
            inputMode="decimal"
            autoComplete="off"
            className="pl-7 tabular-nums"
            value={value}
            onChange={({ target }) => onChange(target.value)}
          />
        </div>
      )}
    </Field>
  );
}
