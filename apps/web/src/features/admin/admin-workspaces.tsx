'use client';

import { listAllWorkspaces, type ListAllWorkspacesResponse } from '@automatos/sdk';
import { Boxes } from 'lucide-react';
import { useApi } from '../../components/api-context.ts';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Table, type Column } from '../../components/ui/table.tsx';
import { formatNumber } from '../../lib/format.ts';
import { AdminsOnly } from './admins-only.tsx';
import { SearchedList } from './searched-list.tsx';

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
  return (
    <SearchedList
      what="workspaces"
      searched="Name"
      icon={Boxes}
      none={['No workspace is called so', 'Search for a part of a name.']}
      read={async (query, signal) => (await listAllWorkspaces({ client, query, signal })).data}
    >
      {(workspaces) => (
        <Table
          caption="Workspaces of the installation"
          columns={COLUMNS}
          rows={workspaces}
          rowKey={({ id }) => id}
        />
      )}
    </SearchedList>
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
