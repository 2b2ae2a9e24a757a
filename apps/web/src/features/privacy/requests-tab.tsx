'use client';

import { listDataRequests } from '@automatos/sdk';
import { Plus, UserRoundSearch } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { AddressChoice } from '../../components/ui/address-choice.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Section } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { Table, type Column } from '../../components/ui/table.tsx';
import { usePaged } from '../../lib/use-paged.ts';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { useMay } from '../session/use-session.ts';
import { STATUSES, TYPES } from './privacy-words.ts';
import type { DataRequest, RequestStatus, RequestType } from './privacy-words.ts';
import { RequestDrawer } from './request-drawer.tsx';
import { RequestBadges } from './request-facts.tsx';
import { RequestDialog } from './request-form.tsx';

const known = <Key extends string>(value: string | null, all: Record<Key, unknown>) =>
  value !== null && Object.hasOwn(all, value) ? (value as Key) : null;

function columns(onOpen: (row: DataRequest) => void): Column<DataRequest>[] {
  return [
    {
      key: 'type',
      header: 'Request',
      cell: (row) => (
        <button
          type="button"
          onClick={() => onOpen(row)}
          className="-my-2 inline-flex min-h-9 items-center text-left font-medium hover:text-accent-strong"
        >
          {TYPES[row.type].label}
        </button>
      ),
    },
    {
      key: 'who',
      header: 'Of',
      cell: (row) => (
        <span className="wrap-anywhere">{row.subject?.name ?? 'an erased person'}</span>
      ),
    },
    {
      key: 'status',
      header: 'State',
      cell: (row) => (
        <span className="inline-flex flex-wrap gap-1.5">
          <RequestBadges request={row} />
        </span>
      ),
    },
    {
      key: 'due',
      header: 'Due',
      align: 'right',
      wideOnly: true,
      cell: (row) => (row.closed_at === null ? <RelativeTime time={row.due_at} /> : '–'),
    },
    {
      key: 'received',
      header: 'Received',
      align: 'right',
      cell: (row) => <RelativeTime time={row.received_at} />,
    },
  ];
}

/** What people of the workspace asked about their data. */
export function RequestsTab() {
  const client = useApi();
  const mayWrite = useMay('privacy:write');
  const status = known<RequestStatus>(useSearchParam('status')[0], STATUSES);
  const type = known<RequestType>(useSearchParam('type')[0], TYPES);
  const [openId, setOpenId] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const { query, items } = usePaged(
    ['privacy', 'requests', status, type],
    async (cursor, signal) =>
      (
        await listDataRequests({
          client,
          query: {
            limit: 50,
            ...(status === null ? {} : { status }),
            ...(type === null ? {} : { type }),
            ...(cursor === undefined ? {} : { cursor }),
          },
          signal,
        })
      ).data,
  );
  const open = items?.find(({ id }) => id === openId);
  const add = mayWrite ? (
    <Button variant="primary" onClick={() => setAdding(true)}>
      <Plus aria-hidden className="size-4" /> Take down a request
    </Button>
  ) : undefined;
  const filtered = status !== null || type !== null;
  return (
    <>
      <div className="mb-4 grid max-w-xl grid-cols-2 gap-3">
        <AddressChoice
          label="State"
          name="status"
          value={status}
          all="Every state"
          options={Object.entries(STATUSES).map(([key, { label }]) => [key, label] as const)}
        />
        <AddressChoice
          label="Kind"
          name="type"
          value={type}
          all="Every kind"
          options={Object.entries(TYPES).map(([key, { label }]) => [key, label] as const)}
        />
      </div>
      <Section title="Requests" actions={items?.length === 0 && !filtered ? undefined : add}>
        {query.isError && items === undefined ? (
          <ErrorState
            what="Requests could not be loaded"
            error={query.error}
            onRetry={() => void query.refetch()}
          />
        ) : items === undefined ? (
          <div className="p-5">
            <SkeletonList label="requests" rows={4} />
          </div>
        ) : items.length === 0 ? (
          <EmptyState
            icon={UserRoundSearch}
            title={filtered ? 'No request matches' : 'Nobody asked about their data'}
            action={filtered ? undefined : add}
          >
            Members ask under Settings, My data. What reaches you by letter or telephone can be
            taken down here.
          </EmptyState>
        ) : (
          <Table
            caption="Requests, newest first"
            columns={columns(({ id }) => setOpenId(id))}
            rows={items}
            rowKey={({ id }) => id}
          />
        )}
        <LoadMore query={query} />
      </Section>
      {open === undefined ? null : (
        <RequestDrawer key={open.id} request={open} onClose={() => setOpenId(null)} />
      )}
      {adding ? <RequestDialog own={false} targets={[]} onClose={() => setAdding(false)} /> : null}
    </>
  );
}
