'use client';

import { useState, type ReactNode } from 'react';
import { cn } from './cn.ts';
import { Field } from './field.tsx';
import { Input } from './input.tsx';

const textOf = (value: number | null, scale: number) =>
  value === null || Number.isNaN(value) ? '' : String(Math.round((value / scale) * 1e6) / 1e6);

/** The number that a text means; null for nothing, NaN for something that is no number. */
function numberOf(text: string, scale: number): number | null {
  if (text.trim() === '') return null;
  const number = Number(text.trim().replace(',', '.'));
  return Number.isFinite(number) ? Math.round(number * scale * 1e6) / 1e6 : Number.NaN;
}

/** A number with its unit; what people see is the value divided by `scale`. */
export function NumberField({
  label,
  value,
  onChange,
  unit,
  scale = 1,
  help,
  error,
  optional = false,
  placeholder,
  hideLabel = false,
}: {
  label: string;
  value: number | null;
  /** Null: the field is empty; NaN: what stands in it is no number. */
  onChange: (value: number | null) => void;
  unit?: string | undefined;
  scale?: number | undefined;
  help?: ReactNode;
  error?: string | undefined;
  optional?: boolean;
  placeholder?: string;
  hideLabel?: boolean;
}) {
  const [typed, setTyped] = useState(() => textOf(value, scale));
  // What was typed stands as long as it means the value, e.g. `1.0`; a value from elsewhere replaces it.
  const text = Object.is(numberOf(typed, scale), value) ? typed : textOf(value, scale);
  const input = (control?: Parameters<typeof Input>[0]['control']) => (
    <div className="relative">
      <Input
        {...(control === undefined ? { 'aria-label': label } : { control })}
        inputMode="decimal"
        autoComplete="off"
        placeholder={placeholder}
        className={cn('tabular-nums', unit !== undefined && 'pr-16')}
        value={text}
        onChange={({ target }) => {
          setTyped(target.value);
          onChange(numberOf(target.value, scale));
        }}
      />
      {unit === undefined ? null : (
        <span
          aria-hidden
          className="pointer-events-none absolute inset-y-0 right-3 flex items-center text-sm text-ink-soft"
        >
          {unit}
        </span>
      )}
    </div>
  );
  if (hideLabel) return input();
  return (
    <Field label={label} help={help} error={error} optional={optional}>
      {(control) => input(control)}
    </Field>
  );
}
