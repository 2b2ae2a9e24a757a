'use client';

import { useId } from 'react';
import { cn } from './cn.ts';

/** One of a few choices, each with a sentence that says what it means. */
export function Choices<Value extends string>({
  legend,
  options,
  value,
  onChange,
}: {
  legend: string;
  options: readonly { value: Value; label: string; help: string }[];
  value: Value;
  onChange: (value: Value) => void;
}) {
  const name = useId();
  return (
    <fieldset>
      <legend className="mb-1.5 text-sm font-medium">{legend}</legend>
      <div className="grid gap-1.5">
        {options.map((option) => (
          <label
            key={option.value}
            className={cn(
              'flex cursor-pointer items-start gap-3 rounded-lg border px-3 py-2.5 has-focus-visible:outline-2 has-focus-visible:outline-offset-1 has-focus-visible:outline-accent',
              option.value === value
                ? 'border-accent bg-accent-soft/60'
                : 'border-line hover:bg-sunken',
            )}
          >
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
              className="mt-1 size-4 shrink-0 accent-accent"
            />
            <span className="min-w-0 text-sm">
              <span className="block font-medium">{option.label}</span>
              <span className="block text-[0.8125rem] text-ink-soft">{option.help}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
