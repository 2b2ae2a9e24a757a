'use client';

import { listAllWorkspaces, type ListAllWorkspacesResponse } from '@automatos/sdk';
import { Boxes } from 'lucide-react';
import { useApi } from '../../components/api-context.ts';
import { AddressSearch } from '../../components/ui/address-search.tsx';
import { Card } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { Table, type Column } from '../../components/ui/table.tsx';
import { formatNumber } from '../../lib/format.ts';
import { usePaged } from '../../lib/use-paged.ts';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { AdminsOnly } from './admins-only.tsx';

type Row = ListAllWorkspacesResponse['items'][number];

const COLUMNS: Column<Row>[] = [
  {
    key: 'name',
    header: 'Name',
    cell: ({ name, slug }) => (
      <>
        <span className="block font-medium wrap-anywhere">{name}</span>
        <span className="block font-mono text-xs text-ink-soft wrap-anywhere">{slug}</span>
      </>
    ),
  },
  {
    key: 'owners',
    header: 'Owners',
    cell: ({ owners }) => <span className="wrap-anywhere">{owners.join(', ') || '–'}</span>,
  },
  {
    key: 'members',
    header: 'People',
    align: 'right',
    cell: ({ members }) => formatNumber(members),
  },
  {
    key: 'made',
    header: 'Made',
    align: 'right',
    wideOnly: true,
    cell: ({ created_at: made }) => <RelativeTime time={made} />,
  },
];

function WorkspaceList() {
  const client = useApi();
  const [search] = useSearchParam('q');
  const { query, items } = usePaged(['admin', 'workspaces', search], async (cursor, signal) => {
    const filter = search === null ? {} : { search };
    const paging = { limit: 50, ...(cursor === undefined ? {} : { cursor }) };
    return (await listAllWorkspaces({ client, query: { ...filter, ...paging }, signal })).data;
  });
  return (
    <>
      <div className="mb-4 max-w-sm">
        <AddressSearch
          label="Search workspaces"
          placeholder="Name"
          value={search}
          maxLength={100}
        />
      </div>
      <Card>
        {query.isError ? (
          <ErrorState
            what="Workspaces could not be loaded"
            error={query.error}
            onRetry={() => void query.refetch()}
          />
        ) : items === undefined ? (
          <div className="p-5">
            <SkeletonList label="workspaces" rows={4} height="h-12" />
          </div>
        ) : items.length === 0 ? (
          <EmptyState icon={Boxes} title="No workspace is called so">
            Search for a part of a name.
          </EmptyState>
        ) : (
          <Table
            caption="Workspaces of the installation"
            columns={COLUMNS}
            rows={items}
            rowKey={({ id }) => id}
          />
        )}
        <LoadMore query={query} />
      </Card>
    </>
  );
}

/** All workspaces of the installation, by name and people; what is in them stays closed. */
export function AdminWorkspaces() {
  return (
    <>
      <PageHeader
        title="Workspaces"
        lead="Every workspace of this installation, and who owns it. What is in them is seen by their people only."
      />
      <AdminsOnly>
        <WorkspaceList />
      </AdminsOnly>
    </>
  );
}
