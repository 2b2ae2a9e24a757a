'use client';

import { X } from 'lucide-react';
import * as Radix from 'radix-ui/dialog';
import type { ReactNode } from 'react';
import { cn } from './cn.ts';
import type { DialogProps } from './dialog-props.ts';

const OVERLAY = 'fixed inset-0 z-40 bg-black/45 dark:bg-black/65';

/** The window itself takes the focus, not its close button; a form in it may move it to its first field. */
function focusWindow(event: Event): void {
  event.preventDefault();
  const window = event.currentTarget as HTMLElement;
  if (!window.contains(document.activeElement)) window.focus();
}

function Head({ title, description }: { title: string; description?: ReactNode }) {
  return (
    <div className="flex items-start justify-between gap-4 border-b border-line px-5 py-4">
      <div className="min-w-0">
        <Radix.Title className="text-lg font-semibold wrap-anywhere">{title}</Radix.Title>
        {description === undefined ? null : (
          <Radix.Description className="mt-1 text-sm text-ink-soft wrap-anywhere">
            {description}
          </Radix.Description>
        )}
      </div>
      <Radix.Close
        aria-label="Close"
        className="-m-1.5 inline-flex size-11 shrink-0 items-center justify-center rounded-lg hover:bg-sunken sm:size-10"
      >
        <X aria-hidden className="size-5" />
      </Radix.Close>
    </div>
  );
}

/** Window in the middle of the page; a sheet from below on phones. */
export function DialogWindow({ open, onOpenChange, title, description, children }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={OVERLAY} />
        <Radix.Content
          tabIndex={-1}
          onOpenAutoFocus={focusWindow}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
          className={cn(
            'fixed z-50 flex max-h-[92dvh] flex-col bg-surface outline-none text-ink shadow-card animate-rise',
            'inset-x-0 bottom-0 rounded-t-2xl',
            'sm:inset-x-auto sm:bottom-auto sm:left-1/2 sm:top-1/2 sm:w-[min(36rem,94vw)] sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-2xl',
          )}
        >
          <Head title={title} description={description} />
          <div className="overflow-y-auto px-5 py-5">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Panel from the right edge for looking something up beside the page. */
export function DrawerWindow({ open, onOpenChange, title, description, children }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={OVERLAY} />
        <Radix.Content
          tabIndex={-1}
          onOpenAutoFocus={focusWindow}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
          className="fixed inset-y-0 right-0 z-50 flex w-[min(46rem,100vw)] flex-col bg-surface outline-none text-ink shadow-card animate-slide-in"
        >
          <Head title={title} description={description} />
          <div className="min-h-0 flex-1 overflow-y-auto p-5">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
