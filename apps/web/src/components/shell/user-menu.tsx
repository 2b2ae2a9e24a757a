'use client';

import { LogOut } from 'lucide-react';
import { useId, useState } from 'react';
import { useSession, useSignOut } from '../../features/session/use-session.ts';
import { Button } from '../ui/button.tsx';
import { cn } from '../ui/cn.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import { useToast } from '../ui/toast.tsx';
import { ThemeChoice } from './theme-choice.tsx';

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return (
    (words[0]?.[0] ?? '') + (words.length > 1 ? (words.at(-1)?.[0] ?? '') : '')
  ).toUpperCase();
}

/**
 * Who is signed in and where; theme and sign-out behind it. The panel is the browser's own popover: it closes on Escape
 * and on a click beside it without code of ours.
 */
export function UserMenu({ compact = false }: { compact?: boolean }) {
  const session = useSession().data;
  const signOut = useSignOut();
  const notify = useToast();
  const [open, setOpen] = useState(false);
  const panel = useId();
  if (session === undefined)
    return <Skeleton className={compact ? 'size-11 rounded-full' : 'h-12'} />;
  const { name } = session.principal;
  const leave = () => {
    signOut().catch(() =>
      notify({ kind: 'error', title: 'Sign-out did not reach the server. Try again.' }),
    );
  };
  return (
    <>
      <button
        type="button"
        popoverTarget={panel}
        aria-expanded={open}
        className="flex min-h-11 w-full items-center gap-3 rounded-lg p-1.5 text-left hover:bg-sunken"
      >
        <span
          aria-hidden
          className="inline-flex size-8 shrink-0 items-center justify-center rounded-full bg-accent-soft text-xs font-semibold text-accent-strong"
        >
          {initials(name)}
        </span>
        <span className="sr-only">Account:</span>
        {compact ? (
          <span className="sr-only">{name}</span>
        ) : (
          <span className="min-w-0 flex-1">
            <span className="block truncate text-sm font-medium">{name}</span>
            <span className="block truncate text-xs text-ink-soft">{session.workspace.name}</span>
          </span>
        )}
      </button>
      <div
        id={panel}
        popover="auto"
        role="dialog"
        aria-label="Account"
        onToggle={(event) => setOpen(event.newState === 'open')}
        className={cn(
          'fixed w-72 rounded-xl border border-line bg-surface p-4 text-ink shadow-card',
          compact ? 'inset-auto top-14 right-3' : 'inset-auto bottom-20 left-3',
        )}
      >
        <p className="font-medium wrap-anywhere">{name}</p>
        <p className="text-[0.8125rem] text-ink-soft wrap-anywhere">
          {session.user === null ? session.principal.kind : session.user.email}
        </p>
        <p className="mb-4 text-[0.8125rem] text-ink-soft wrap-anywhere">
          {session.workspace.role} of {session.workspace.name}
        </p>
        <ThemeChoice />
        <Button className="mt-3 w-full" onClick={leave}>
          <LogOut aria-hidden className="size-4" /> Sign out
        </Button>
      </div>
    </>
  );
}
