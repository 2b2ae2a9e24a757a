'use client';

import { listThreatAssessments, type ThreatAssessment } from '@automatos/sdk';
import { ShieldCheck } from 'lucide-react';
import { useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { AddressChoice } from '../../components/ui/address-choice.tsx';
import { AddressSearch } from '../../components/ui/address-search.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { DateRangeFields } from '../../components/ui/date-range-fields.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { Table, type Column } from '../../components/ui/table.tsx';
import { usePaged } from '../../lib/use-paged.ts';
import { replaceSearchParams } from '../../lib/use-search-param.ts';
import { useMay } from '../session/use-session.ts';
import { AssessmentDrawer } from './assessment-drawer.tsx';
import {
  ASSESSMENT_PARAMS,
  readAssessmentFilters,
  toAssessmentQuery,
  type AssessmentFilters,
} from './assessment-filters.ts';
import { BlockDialog, type BlockSubject } from './block-dialog.tsx';
import { LevelBadge } from './level-badge.tsx';
import {
  ACTIONS,
  CATEGORIES,
  LEVEL_ORDER,
  LEVELS,
  PRINCIPALS,
  principalText,
  type Scope,
} from './security-words.ts';

function columns(onOpen: (row: ThreatAssessment) => void): Column<ThreatAssessment>[] {
  return [
    {
      key: 'level',
      header: 'Score',
      cell: (row) => <LevelBadge level={row.level} score={row.score} />,
    },
    {
      key: 'what',
      header: 'What',
      cell: (row) => (
        <button
          type="button"
          onClick={() => onOpen(row)}
          className="-my-2 inline-flex min-h-9 items-center text-left font-medium hover:text-accent-strong"
        >
          {row.categories.map((category) => CATEGORIES[category]).join(', ')}
        </button>
      ),
    },
    {
      key: 'done',
      header: 'Followed',
      wideOnly: true,
      cell: (row) =>
        row.enforced || row.action === 'allow'
          ? ACTIONS[row.action]
          : `${ACTIONS[row.action]}, only noted`,
    },
    {
      key: 'who',
      header: 'By',
      cell: (row) => <span className="wrap-anywhere">{principalText(row)}</span>,
    },
    {
      key: 'where',
      header: 'Asked for',
      wideOnly: true,
      cell: (row) => (
        <code className="font-mono text-xs wrap-anywhere">
          {row.method} {row.route}
        </code>
      ),
    },
    {
      key: 'at',
      header: 'When',
      align: 'right',
      cell: (row) => (
        <span className="whitespace-nowrap">
          <RelativeTime time={row.at} />
        </span>
      ),
    },
  ];
}

function FilterBar({ filters }: { filters: AssessmentFilters }) {
  const callers: [string, string][] = Object.entries(PRINCIPALS);
  const { principal } = filters;
  if (principal !== null && !Object.hasOwn(PRINCIPALS, principal))
    callers.push([principal, 'This one']);
  const narrowed = Object.values(filters).some((value) => value !== null);
  return (
    <div role="search" aria-label="Assessments" className="mb-4 grid gap-3">
      <AddressSearch
        label="Search assessments"
        placeholder="Rule, text, address or request id"
        maxLength={100}
        value={filters.search}
      />
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-6">
        <AddressChoice
          label="Level"
          name="level"
          value={filters.level}
          all="Every level"
          options={LEVEL_ORDER.map((level) => [level, LEVELS[level].label] as const)}
        />
        <AddressChoice
          label="Kind"
          name="category"
          value={filters.category}
          all="Every kind"
          options={Object.entries(CATEGORIES)}
        />
        <AddressChoice
          label="Followed"
          name="action"
          value={filters.action}
          all="Every outcome"
          options={Object.entries(ACTIONS)}
        />
        <AddressChoice
          label="By"
          name="principal"
          value={principal}
          all="Everybody"
          options={callers}
        />
        <DateRangeFields range={filters} />
      </div>
      {narrowed ? (
        <p className="flex flex-wrap items-center gap-3 text-sm text-ink-soft">
          {filters.address === null ? null : <span>Only from {filters.address}</span>}
          <Button
            size="sm"
            variant="ghost"
            onClick={() =>
              replaceSearchParams(Object.fromEntries(ASSESSMENT_PARAMS.map((name) => [name, null])))
            }
          >
            Reset filters
          </Button>
        </p>
      ) : null}
    </div>
  );
}

/** Every request and text with a score, to be searched and looked into. */
export function AssessmentsTab({ scope }: { scope: Scope }) {
  const client = useApi();
  const mayBlock = useMay('security:write');
  const filters = readAssessmentFilters(useSearchParams());
  const filter = toAssessmentQuery(filters);
  const [open, setOpen] = useState<ThreatAssessment | null>(null);
  const [blocking, setBlocking] = useState<BlockSubject | null>(null);
  const { query, items } = usePaged(
    ['security', 'assessments', scope, filter],
    async (cursor, signal) => {
      const paging = { scope, limit: 50, ...(cursor === undefined ? {} : { cursor }) };
      return (await listThreatAssessments({ client, query: { ...filter, ...paging }, signal }))
        .data;
    },
  );
  return (
    <>
      <FilterBar filters={filters} />
      <Card>
        {query.isError ? (
          <ErrorState
            what="Assessments could not be loaded"
            error={query.error}
            onRetry={() => void query.refetch()}
          />
        ) : items === undefined ? (
          <div className="p-5">
            <SkeletonList label="assessments" rows={6} />
          </div>
        ) : items.length === 0 ? (
          <EmptyState
            icon={ShieldCheck}
            title={
              Object.keys(filter).length > 0
                ? 'No assessment matches'
                : 'Nothing suspicious was seen'
            }
          >
            {Object.keys(filter).length > 0
              ? 'Change the filters or search for something else.'
              : 'Requests and inputs of agents that look like an attack will stand here, with the reasons.'}
          </EmptyState>
        ) : (
          <Table
            caption="Assessments, newest first"
            columns={columns(setOpen)}
            rows={items}
            rowKey={(row) => row.id}
          />
        )}
        <LoadMore query={query} />
      </Card>
      {open === null ? null : (
        <AssessmentDrawer
          assessment={open}
          mayBlock={mayBlock}
          onBlock={(subject) => {
            setBlocking(subject);
            setOpen(null);
          }}
          onClose={() => setOpen(null)}
        />
      )}
      {blocking === null ? null : (
        <BlockDialog scope={scope} initial={blocking} onClose={() => setBlocking(null)} />
      )}
    </>
  );
}
