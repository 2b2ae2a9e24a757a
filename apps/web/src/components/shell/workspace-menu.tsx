'use client';

import { Check, ChevronsUpDown, Plus, Settings } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useId, useRef, useState } from 'react';
import { useSession } from '../../features/session/use-session.ts';
import { enterWorkspace } from '../../lib/workspace-choice.ts';
import { cn } from '../ui/cn.ts';
import { Skeleton } from '../ui/skeleton.tsx';

const CreateWorkspaceDialog = dynamic(
  async () =>
    (await import('../../features/workspaces/create-workspace-dialog.tsx')).CreateWorkspaceDialog,
  { ssr: false },
);

const ITEM =
  'flex min-h-11 w-full items-center gap-3 rounded-lg px-2.5 text-left text-sm hover:bg-sunken sm:min-h-10';

/** Which workspace this is, the others, and a new one. The panel is the browser's own popover, as that of the account. */
export function WorkspaceMenu({ compact = false }: { compact?: boolean }) {
  const session = useSession().data;
  const [open, setOpen] = useState(false);
  const [creating, setCreating] = useState(false);
  const id = useId();
  const panel = useRef<HTMLDivElement>(null);
  if (session === undefined) return compact ? null : <Skeleton className="h-11" />;
  const { workspace, workspaces } = session;
  const close = () => panel.current?.hidePopover();
  return (
    <>
      <button
        type="button"
        popoverTarget={id}
        aria-expanded={open}
        className={cn(
          'flex min-h-11 items-center gap-2 rounded-lg text-left text-sm font-medium hover:bg-sunken',
          compact ? 'min-w-0 px-2' : 'w-full border border-line px-3',
        )}
      >
        <span className="sr-only">Workspace:</span>
        <span className="min-w-0 flex-1 truncate">{workspace.name}</span>
        <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-ink-soft" />
      </button>
      <div
        id={id}
        ref={panel}
        popover="auto"
        role="dialog"
        aria-label="Workspaces"
        onToggle={(event) => setOpen(event.newState === 'open')}
        className={cn(
          'fixed w-72 rounded-xl border border-line bg-surface p-2 text-ink shadow-card',
          compact ? 'inset-auto top-14 right-3' : 'inset-auto top-32 left-3',
        )}
      >
        <ul
          aria-label="Your workspaces"
          className="grid max-h-[50dvh] grid-cols-1 gap-0.5 overflow-y-auto"
        >
          {workspaces.map((each) => {
            const current = each.id === workspace.id;
            return (
              <li key={each.id}>
                <button
                  type="button"
                  aria-current={current || undefined}
                  className={ITEM}
                  onClick={() => (current ? close() : enterWorkspace(each.id))}
                >
                  <span className="min-w-0 flex-1">
                    <span className="block truncate font-medium">{each.name}</span>
                    <span className="block truncate text-xs text-ink-soft">{each.role}</span>
                  </span>
                  {current ? (
                    <Check aria-hidden className="size-4 shrink-0 text-accent-strong" />
                  ) : null}
                </button>
              </li>
            );
          })}
        </ul>
        <div className="mt-1 grid gap-0.5 border-t border-line pt-1">
          <Link href="/settings/workspace" className={ITEM} onClick={close}>
            <Settings aria-hidden className="size-4" /> Workspace settings
          </Link>
          <button
            type="button"
            className={ITEM}
            onClick={() => {
              close();
              setCreating(true);
            }}
          >
            <Plus aria-hidden className="size-4" /> New workspace
          </button>
        </div>
      </div>
      {creating ? <CreateWorkspaceDialog onClose={() => setCreating(false)} /> : null}
    </>
  );
}
