'use client';

import { listUsers } from '@automatos/sdk';
import { Users } from 'lucide-react';
import { useApi } from '../../components/api-context.ts';
import { AddressSearch } from '../../components/ui/address-search.tsx';
import { Card } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { usePaged } from '../../lib/use-paged.ts';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { useSession } from '../session/use-session.ts';
import { AdminsOnly } from './admins-only.tsx';
import { UserRow } from './user-row.tsx';

function UserList() {
  const client = useApi();
  const [search] = useSearchParam('q');
  const myId = useSession().data?.user?.id ?? null;
  const { query, items } = usePaged(['admin', 'users', search], async (cursor, signal) => {
    const filter = search === null ? {} : { search };
    const paging = { limit: 50, ...(cursor === undefined ? {} : { cursor }) };
    return (await listUsers({ client, query: { ...filter, ...paging }, signal })).data;
  });
  return (
    <>
      <div className="mb-4 max-w-sm">
        <AddressSearch
          label="Search people"
          placeholder="Name or e-mail"
          value={search}
          maxLength={100}
        />
      </div>
      <Card>
        {query.isError ? (
          <ErrorState
            what="People could not be loaded"
            error={query.error}
            onRetry={() => void query.refetch()}
          />
        ) : items === undefined ? (
          <div className="p-5">
            <SkeletonList label="people" rows={4} height="h-12" />
          </div>
        ) : items.length === 0 ? (
          <EmptyState icon={Users} title="Nobody is called so">
            Search for a part of a name or of an e-mail address.
          </EmptyState>
        ) : (
          <ul aria-label="People" className="divide-y divide-line">
            {items.map((user) => (
              <UserRow key={user.id} user={user} me={user.id === myId} />
            ))}
          </ul>
        )}
        <LoadMore query={query} />
      </Card>
    </>
  );
}

/** All accounts of the installation. */
export function AdminUsers() {
  return (
    <>
      <PageHeader
        title="Users"
        lead="Every account of this installation: who administers it, who is locked out."
      />
      <AdminsOnly>
        <UserList />
      </AdminsOnly>
    </>
  );
}
