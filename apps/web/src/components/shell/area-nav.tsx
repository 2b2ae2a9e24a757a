'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useEffect, useRef } from 'react';
import { useSession } from '../../features/session/use-session.ts';
import { cn } from '../ui/cn.ts';
import { AREAS, type Area } from './area-pages.ts';

/** Pages of one part of the application, as a row of links above each of them. */
export function AreaNav({ area }: { area: Area }) {
  const pathname = usePathname();
  const permissions = useSession().data?.permissions;
  const list = useRef<HTMLUListElement>(null);
  const { label, pages } = AREAS[area];
  useEffect(() => {
    // On a phone the current page may stand beyond the side.
    list.current
      ?.querySelector('[aria-current]')
      ?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [pathname, permissions]);
  return (
    <nav aria-label={label} className="mb-6">
      <ul
        ref={list}
        className="flex overflow-x-auto border-b border-line [scrollbar-width:none] sm:gap-1"
      >
        {pages
          .filter(
            ({ permission }) =>
              permission === undefined || permissions?.includes(permission) === true,
          )
          .map((page) => {
            const current = pathname === page.href;
            return (
              <li key={page.href} className="-mb-px shrink-0">
                <Link
                  href={page.href}
                  aria-current={current ? 'page' : undefined}
                  className={cn(
                    'inline-flex min-h-11 items-center border-b-2 px-2.5 text-sm font-medium whitespace-nowrap focus-visible:-outline-offset-2 sm:px-3 sm:text-[0.9375rem]',
                    current
                      ? 'border-accent text-ink'
                      : 'border-transparent text-ink-soft hover:text-ink',
                  )}
                >
                  {page.label}
                </Link>
              </li>
            );
          })}
      </ul>
    </nav>
  );
}
