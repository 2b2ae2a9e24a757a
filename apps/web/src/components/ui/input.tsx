import type { ComponentProps } from 'react';
import { cn } from './cn.ts';
import type { FieldControl } from './field.tsx';

const LOOK =
  'w-full rounded-lg border border-line-strong bg-surface text-ink placeholder:text-ink-soft/85 aria-invalid:border-bad aria-invalid:bg-bad-soft/40 disabled:opacity-60';

/** What ties an input to its Field. */
function wired(control: FieldControl | undefined) {
  if (control === undefined) return {};
  return {
    id: control.id,
    'aria-describedby': control.describedBy,
    'aria-invalid': control.invalid || undefined,
  };
}

export function Input({
  control,
  className,
  ...rest
}: ComponentProps<'input'> & { control?: FieldControl }) {
  // 16 px text: phones zoom into inputs with smaller text.
  return (
    <input
      {...wired(control)}
      {...rest}
      className={cn(
        LOOK,
        'min-h-11 px-3 text-base read-only:bg-sunken read-only:text-ink-soft sm:min-h-10 sm:text-[0.9375rem]',
        className,
      )}
    />
  );
}

export function Textarea({
  control,
  className,
  ...rest
}: ComponentProps<'textarea'> & { control?: FieldControl }) {
  return (
    <textarea
      rows={4}
      {...wired(control)}
      {...rest}
      className={cn(LOOK, 'px-3 py-2 text-base sm:text-[0.9375rem]', className)}
    />
  );
}

/** The platform's own list: works with every keyboard, screen reader and phone. */
export function Select({
  control,
  className,
  ...rest
}: ComponentProps<'select'> & { control?: FieldControl }) {
  return (
    <select
      {...wired(control)}
      {...rest}
      className={cn(LOOK, 'min-h-11 px-2.5 text-base sm:min-h-10 sm:text-[0.9375rem]', className)}
    />
  );
}
