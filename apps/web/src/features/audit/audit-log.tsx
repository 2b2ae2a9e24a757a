'use client';

import { listAudit, type AuditEntry } from '@automatos/sdk';
import { Download, ScrollText } from 'lucide-react';
import { useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Card } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { Table, type Column } from '../../components/ui/table.tsx';
import { usePaged } from '../../lib/use-paged.ts';
import { useWorkspaceHref } from '../session/use-session.ts';
import { actorText, AuditEntryDrawer, OutcomeBadge, targetText } from './audit-entry.tsx';
import { AuditFilterBar } from './audit-filter-bar.tsx';
import { actionText, exportHref, readFilters, toQuery } from './audit-filters.ts';
import { AuditVerification } from './audit-verification.tsx';

function columns(onOpen: (entry: AuditEntry) => void): Column<AuditEntry>[] {
  return [
    {
      key: 'action',
      header: 'Action',
      cell: (entry) => (
        <button
          type="button"
          onClick={() => onOpen(entry)}
          className="-my-2 inline-flex min-h-9 items-center text-left font-medium hover:text-accent-strong"
        >
          {actionText(entry.action)}
        </button>
      ),
    },
    {
      key: 'outcome',
      header: 'Outcome',
      cell: (entry) => <OutcomeBadge outcome={entry.outcome} />,
    },
    {
      key: 'who',
      header: 'By',
      cell: (entry) => <span className="wrap-anywhere">{actorText(entry)}</span>,
    },
    {
      key: 'target',
      header: 'Done to',
      wideOnly: true,
      cell: (entry) => <span className="wrap-anywhere">{targetText(entry)}</span>,
    },
    {
      key: 'at',
      header: 'When',
      align: 'right',
      cell: (entry) => (
        <span className="whitespace-nowrap">
          <RelativeTime time={entry.at} />
        </span>
      ),
    },
  ];
}

function ExportLink({ href, name }: { href: string; name: string }) {
  const inWorkspace = useWorkspaceHref();
  return (
    <a
      href={inWorkspace(href)}
      download
      aria-label={`Export as ${name}`}
      className="inline-flex min-h-11 items-center gap-2 rounded-lg border border-line-strong/60 bg-surface px-4 text-[0.9375rem] font-medium hover:bg-sunken sm:min-h-10"
    >
      <Download aria-hidden className="size-4" /> {name}
    </a>
  );
}

/** Who did what in the workspace: to be searched, looked into, checked and taken along. */
export function AuditLog() {
  const client = useApi();
  const filters = readFilters(useSearchParams());
  const filter = toQuery(filters);
  const [open, setOpen] = useState<AuditEntry | null>(null);
  const { query, items } = usePaged(['audit', 'list', filter], async (cursor, signal) => {
    const paging = { limit: 50, ...(cursor === undefined ? {} : { cursor }) };
    return (await listAudit({ client, query: { ...filter, ...paging }, signal })).data;
  });
  const filtered = Object.keys(filter).length > 0;
  return (
    <>
      <PageHeader
        title="Audit log"
        lead="Every change and every refusal in this workspace: who, what, when, from where. Nothing in it can be changed or removed."
        actions={(['csv', 'ndjson'] as const).map((format) => (
          <ExportLink key={format} href={exportHref(filters, format)} name={format.toUpperCase()} />
        ))}
      />
      <AuditVerification />
      <AuditFilterBar filters={filters} />
      <Card>
        {query.isError ? (
          <ErrorState
            what="The audit log could not be loaded"
            error={query.error}
            onRetry={() => void query.refetch()}
          />
        ) : items === undefined ? (
          <div className="p-5">
            <SkeletonList label="audit log" rows={6} />
          </div>
        ) : items.length === 0 ? (
          <EmptyState
            icon={ScrollText}
            title={filtered ? 'No entry matches' : 'Nothing was recorded yet'}
          >
            {filtered
              ? 'Change the filters or search for something else.'
              : 'The first change in this workspace will stand here.'}
          </EmptyState>
        ) : (
          <Table
            caption="Audit log, newest first"
            columns={columns(setOpen)}
            rows={items}
            rowKey={(entry) => entry.id}
          />
        )}
        <LoadMore query={query} />
      </Card>
      {open === null ? null : <AuditEntryDrawer entry={open} onClose={() => setOpen(null)} />}
    </>
  );
}
