import type { ComponentProps, ReactNode } from 'react';
import { cn } from './cn.ts';

export function Card({ className, ...rest }: ComponentProps<'div'>) {
  return (
    <div
      {...rest}
      className={cn('rounded-card border border-line bg-surface shadow-card', className)}
    />
  );
}

/** A named region of a page: heading, optional actions, content in a card. */
export function Section({
  title,
  actions,
  children,
  className,
  bare = false,
}: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
  /** Without the card around the content. */
  bare?: boolean;
}) {
  const id = `section-${title.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
  return (
    <section aria-labelledby={id} className={className}>
      <div className="mb-3 flex min-h-9 items-center justify-between gap-3">
        <h2 id={id} className="text-base font-semibold">
          {title}
        </h2>
        {actions}
      </div>
      {bare ? children : <Card>{children}</Card>}
    </section>
  );
}
