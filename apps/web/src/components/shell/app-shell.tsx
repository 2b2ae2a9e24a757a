'use client';

import { Ellipsis } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { ApprovalsBell, ApprovalsWatch } from '../../features/approvals/approvals-bell.tsx';
import { useSession } from '../../features/session/use-session.ts';
import { SessionGate } from '../../features/session/session-gate.tsx';
import { cn } from '../ui/cn.ts';
import { Drawer } from '../ui/dialog.tsx';
import { Brand } from './brand.tsx';
import { isCurrent, NAV_ITEMS, type NavItem } from './nav-items.ts';
import { UserMenu } from './user-menu.tsx';
import { WorkspaceMenu } from './workspace-menu.tsx';

function SideLink({
  item,
  pathname,
  onClick,
}: {
  item: NavItem;
  pathname: string;
  onClick?: () => void;
}) {
  const current = isCurrent(item.href, pathname);
  return (
    <Link
      href={item.href}
      aria-current={current ? 'page' : undefined}
      {...(onClick === undefined ? {} : { onClick })}
      className={cn(
        'flex min-h-11 items-center gap-3 rounded-lg px-3 text-[0.9375rem] font-medium transition-colors lg:min-h-10',
        current
          ? 'bg-accent-soft text-accent-strong'
          : 'text-ink-soft hover:bg-sunken hover:text-ink',
      )}
    >
      <item.icon aria-hidden className="size-[1.125rem]" />
      {item.label}
    </Link>
  );
}

/** What this person finds behind the navigation. */
function useNavItems(): readonly NavItem[] {
  const permissions = useSession().data?.permissions;
  return NAV_ITEMS.filter(
    ({ permission }) => permission === undefined || permissions?.includes(permission) === true,
  );
}

function SideNav({ pathname }: { pathname: string }) {
  const items = useNavItems();
  return (
    <aside className="sticky top-0 hidden h-dvh w-60 shrink-0 flex-col border-r border-line bg-surface p-3 lg:flex">
      <div className="flex items-center justify-between gap-2 px-2 py-2">
        <Brand />
        <ApprovalsBell />
      </div>
      <div className="mt-2">
        <WorkspaceMenu />
      </div>
      <nav aria-label="Main" className="mt-3 grid gap-0.5 overflow-y-auto">
        {items.map((item) => (
          <SideLink key={item.href} item={item} pathname={pathname} />
        ))}
      </nav>
      <div className="mt-auto border-t border-line pt-2">
        <UserMenu />
      </div>
    </aside>
  );
}

function PhoneNav({ pathname }: { pathname: string }) {
  const [open, setOpen] = useState(false);
  const items = useNavItems();
  const more = items.filter((item) => !item.onPhone);
  const tab = (current: boolean) =>
    cn(
      'flex min-h-14 flex-1 flex-col items-center justify-center gap-1 text-[0.6875rem] font-medium',
      current ? 'text-accent-strong' : 'text-ink-soft',
    );
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 flex border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] lg:hidden"
    >
      {items
        .filter((item) => item.onPhone)
        .map((item) => {
          const current = isCurrent(item.href, pathname);
          return (
            <Link
              key={item.href}
              href={item.href}
              aria-current={current ? 'page' : undefined}
              className={tab(current)}
            >
              <item.icon aria-hidden className="size-5" />
              {item.label}
            </Link>
          );
        })}
      <button
        type="button"
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
        className={tab(more.some((item) => isCurrent(item.href, pathname)))}
      >
        <Ellipsis aria-hidden className="size-5" />
        More
      </button>
      <Drawer open={open} onOpenChange={setOpen} title="More">
        <div className="grid gap-1">
          {more.map((item) => (
            <SideLink
              key={item.href}
              item={item}
              pathname={pathname}
              onClick={() => setOpen(false)}
            />
          ))}
        </div>
      </Drawer>
    </nav>
  );
}

/** Frame of every page behind the sign-in: navigation, account, and the page itself. */
export function AppShell({ children }: { children: ReactNode }) {
  const pathname = usePathname();
  return (
    <div className="flex min-h-dvh">
      <a href="#main" className="skip-link">
        Skip to content
      </a>
      <SideNav pathname={pathname} />
      <div className="flex min-w-0 flex-1 flex-col">
        <header className="sticky top-0 z-20 flex items-center justify-between gap-4 border-b border-line bg-surface px-4 py-1.5 lg:hidden">
          <Brand />
          <div className="flex min-w-0 items-center gap-2">
            <WorkspaceMenu compact />
            <ApprovalsBell />
            <div>
              <UserMenu compact />
            </div>
          </div>
        </header>
        <main
          id="main"
          tabIndex={-1}
          className="mx-auto w-full max-w-[84rem] flex-1 px-4 pt-6 pb-28 outline-none sm:px-6 lg:px-10 lg:pt-9 lg:pb-16"
        >
          <SessionGate>{children}</SessionGate>
        </main>
      </div>
      <PhoneNav pathname={pathname} />
      <ApprovalsWatch />
    </div>
  );
}
