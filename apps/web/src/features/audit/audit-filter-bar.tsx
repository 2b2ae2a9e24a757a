'use client';

import { getAuditFacets } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../components/api-context.ts';
import { AddressChoice } from '../../components/ui/address-choice.tsx';
import { AddressSearch } from '../../components/ui/address-search.tsx';
import { DateRangeFields } from '../../components/ui/date-range-fields.tsx';
import { Button } from '../../components/ui/button.tsx';
import { replaceSearchParams } from '../../lib/use-search-param.ts';
import { actionText, ACTORS, FILTER_PARAMS, OUTCOMES } from './audit-filters.ts';
import type { AuditFilters } from './audit-filters.ts';

function useActions(): string[] {
  const client = useApi();
  const query = useQuery({
    queryKey: ['audit', 'facets'],
    queryFn: async ({ signal }) => (await getAuditFacets({ client, signal })).data.actions,
  });
  return query.data ?? [];
}

/** Narrows the audit log; everything stands in the address. */
export function AuditFilterBar({ filters }: { filters: AuditFilters }) {
  const { action, actor, outcome, target } = filters;
  const known = useActions();
  // An address may name an action that was never recorded, or one single actor: they stay visible.
  const actions = action === null || known.includes(action) ? known : [...known, action];
  const actors: [string, string][] = Object.entries(ACTORS);
  if (actor !== null && !Object.hasOwn(ACTORS, actor)) actors.push([actor, 'This one']);
  const narrowed = Object.values(filters).some((value) => value !== null);
  return (
    <div role="search" aria-label="Audit log" className="mb-4 grid gap-3">
      <AddressSearch
        label="Search the audit log"
        placeholder="Who, what, address or request id"
        maxLength={100}
        value={filters.search}
      />
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-5">
        <AddressChoice
          label="Action"
          name="action"
          value={action}
          all="Every action"
          options={actions.map((each) => [each, actionText(each)] as const)}
        />
        <AddressChoice
          label="Outcome"
          name="outcome"
          value={outcome}
          all="Every outcome"
          options={Object.entries(OUTCOMES)}
        />
        <AddressChoice label="By" name="actor" value={actor} all="Everybody" options={actors} />
        <DateRangeFields range={filters} />
      </div>
      {narrowed ? (
        <p className="flex flex-wrap items-center gap-3 text-sm text-ink-soft">
          {target === null ? null : (
            <span className="wrap-anywhere">
              Only what was done to <code className="font-mono text-[0.8125rem]">{target}</code>
            </span>
          )}
          <Button
            size="sm"
            variant="ghost"
            onClick={() =>
              replaceSearchParams(Object.fromEntries(FILTER_PARAMS.map((name) => [name, null])))
            }
          >
            Reset filters
          </Button>
        </p>
      ) : null}
    </div>
  );
}
