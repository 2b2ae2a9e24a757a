import Link from 'next/link';
import type { ComponentProps, ReactNode } from 'react';
import { cn } from './cn.ts';
import { Spinner } from './spinner.tsx';

const VARIANTS = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong',
  secondary: 'bg-surface text-ink border border-line-strong/60 hover:bg-sunken',
  ghost: 'text-ink hover:bg-sunken',
  danger: 'bg-bad-soft text-bad hover:brightness-95 dark:hover:brightness-125',
} as const;

const SIZES = {
  md: 'min-h-11 px-4 text-[0.9375rem] sm:min-h-10',
  sm: 'min-h-11 px-3 text-sm sm:min-h-9',
  icon: 'size-11 sm:size-10 justify-center',
} as const;

export interface ButtonLook {
  variant?: keyof typeof VARIANTS | undefined;
  size?: keyof typeof SIZES | undefined;
}

function buttonClass({ variant = 'secondary', size = 'md' }: ButtonLook, extra?: string): string {
  return cn(
    'inline-flex shrink-0 items-center justify-center gap-2 rounded-lg font-medium whitespace-nowrap transition-colors',
    'disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:opacity-55',
    VARIANTS[variant],
    SIZES[size],
    extra,
  );
}

export interface ButtonProps extends ComponentProps<'button'>, ButtonLook {
  /** Shows that work is under way and takes no second click. */
  pending?: boolean;
}

export function Button({
  variant,
  size,
  pending = false,
  className,
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled === true || pending}
      aria-busy={pending || undefined}
      className={buttonClass({ variant, size }, className)}
    >
      {pending ? <Spinner /> : null}
      {children}
    </button>
  );
}

/** A link that looks like a button, for actions that lead to another page. */
export function ButtonLink({
  variant,
  size,
  className,
  ...rest
}: ComponentProps<typeof Link> & ButtonLook) {
  return <Link {...rest} className={buttonClass({ variant, size }, className)} />;
}

/** Square button with only an icon; `label` is its name for everyone who does not see the icon. */
export function IconButton({
  label,
  children,
  variant = 'ghost',
  ...rest
}: Omit<ButtonProps, 'size'> & { label: string; children: ReactNode }) {
  return (
    <Button {...rest} variant={variant} size="icon" aria-label={label} title={label}>
      {children}
    </Button>
  );
}
