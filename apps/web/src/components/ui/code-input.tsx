'use client';

import { cn } from './cn.ts';
import type { FieldControl } from './field.tsx';

const DIGITS = 6;

/**
 * Six digits of an authenticator: one real input over six boxes, so that typing, pasting, deleting, screen readers and
 * the code that a phone offers work as in every input. `onComplete` is called with the sixth digit.
 */
export function CodeInput({
  control,
  value,
  onChange,
  onComplete,
  autoFocus = false,
  disabled = false,
}: {
  control: FieldControl;
  value: string;
  onChange: (value: string) => void;
  onComplete?: (code: string) => void;
  autoFocus?: boolean;
  disabled?: boolean;
}) {
  const change = (text: string) => {
    const digits = text.replace(/\D/g, '').slice(0, DIGITS);
    onChange(digits);
    if (digits.length === DIGITS && digits !== value) onComplete?.(digits);
  };
  return (
    <div className="group relative max-w-80">
      <div aria-hidden className="grid grid-cols-6 gap-1.5 sm:gap-2">
        {Array.from({ length: DIGITS }, (_, index) => (
          <span
            key={index}
            className={cn(
              'flex h-13 items-center justify-center rounded-lg border bg-surface font-mono text-xl',
              control.invalid ? 'border-bad' : 'border-line-strong',
              index === Math.min(value.length, DIGITS - 1) &&
                'group-focus-within:border-accent group-focus-within:outline-1 group-focus-within:outline-accent',
              disabled && 'opacity-60',
            )}
          >
            {value[index] ?? ''}
          </span>
        ))}
      </div>
      <input
        id={control.id}
        aria-describedby={control.describedBy}
        aria-invalid={control.invalid || undefined}
        inputMode="numeric"
        autoComplete="one-time-code"
        pattern="\d{6}"
        autoFocus={autoFocus}
        disabled={disabled}
        value={value}
        onChange={({ target }) => change(target.value)}
        // The boxes show what stands in it; it takes clicks, the keyboard and pasted text.
        className="absolute inset-0 w-full rounded-lg bg-transparent text-base text-transparent caret-transparent outline-none selection:bg-transparent selection:text-transparent"
      />
    </div>
  );
}
