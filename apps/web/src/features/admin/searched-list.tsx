'use client';

import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { AddressSearch } from '../../components/ui/address-search.tsx';
import { Card } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { sentence } from '../../lib/format.ts';
import { usePaged, type Page } from '../../lib/use-paged.ts';
import { useSearchParam } from '../../lib/use-search-param.ts';

/** What a page of the list is asked with. */
export interface ListAsked {
  limit: number;
  search?: string;
  cursor?: string;
}

/** A list of the whole installation, narrowed by what is typed above it. */
export function SearchedList<Item>({
  what,
  searched,
  icon,
  none,
  read,
  children,
}: {
  /** Plural, e.g. "people"; also the name under which it is kept. */
  what: string;
  /** By what it can be searched, e.g. "Name or e-mail". */
  searched: string;
  icon: LucideIcon;
  /** Title and way out when nothing fits. */
  none: readonly [title: string, hint: string];
  read: (asked: ListAsked, signal: AbortSignal) => Promise<Page<Item>>;
  children: (items: readonly Item[]) => ReactNode;
}) {
  const [search] = useSearchParam('q');
  const { query, items } = usePaged(['admin', what, search], (cursor, signal) =>
    read(
      {
        limit: 50,
        ...(search === null ? {} : { search }),
        ...(cursor === undefined ? {} : { cursor }),
      },
      signal,
    ),
  );
  return (
    <>
      <div className="mb-4 max-w-sm">
        <AddressSearch
          label={`Search ${what}`}
          placeholder={searched}
          value={search}
          maxLength={100}
        />
      </div>
      <Card>
        {query.isError ? (
          <ErrorState
            what={`${sentence(what)} could not be loaded`}
            error={query.error}
            onRetry={() => void query.refetch()}
          />
        ) : items === undefined ? (
          <div className="p-5">
            <SkeletonList label={what} rows={4} height="h-12" />
          </div>
        ) : items.length === 0 ? (
          <EmptyState icon={icon} title={none[0]}>
            {none[1]}
          </EmptyState>
        ) : (
          children(items)
        )}
        <LoadMore query={query} />
      </Card>
    </>
  );
}
