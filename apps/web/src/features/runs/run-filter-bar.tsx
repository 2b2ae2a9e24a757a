'use client';

import type { RunStatus } from '@automatos/sdk';
import { SlidersHorizontal, X } from 'lucide-react';
import { useState } from 'react';
import { RUN_LOOKS } from '../../components/status/run-status.tsx';
import { AddressSearch } from '../../components/ui/address-search.tsx';
import { DateRangeFields } from '../../components/ui/date-range-fields.tsx';
import { Button } from '../../components/ui/button.tsx';
import { cn } from '../../components/ui/cn.ts';
import { Field } from '../../components/ui/field.tsx';
import { Select } from '../../components/ui/input.tsx';
import { replaceSearchParams } from '../../lib/use-search-param.ts';
import { useRecipeNames } from '../recipes/recipe-queries.ts';
import {
  chipsOf,
  FILTER_PARAMS,
  GRADES,
  toggledStatus,
  TRIGGERS,
  type FilterParam,
  type RunFilters,
} from './run-filters.ts';

const STATUSES = Object.keys(RUN_LOOKS) as RunStatus[];
const set = (name: FilterParam, value: string | null) => replaceSearchParams({ [name]: value });

function StatusToggles({ filters }: { filters: RunFilters }) {
  return (
    <fieldset className="sm:col-span-2 lg:col-span-4">
      <legend className="mb-1.5 text-sm font-medium">Status</legend>
      <div className="flex flex-wrap gap-2">
        {STATUSES.map((status) => {
          const on = filters.statuses.includes(status);
          const { label, icon: Icon } = RUN_LOOKS[status];
          return (
            <button
              key={status}
              type="button"
              aria-pressed={on}
              onClick={() => set('status', toggledStatus(filters.statuses, status))}
              className={cn(
                'inline-flex min-h-11 items-center gap-1.5 rounded-full border px-3.5 text-sm sm:min-h-9',
                on
                  ? 'border-accent bg-accent-soft font-medium text-accent-strong'
                  : 'border-line-strong/60 hover:bg-sunken',
              )}
            >
              <Icon aria-hidden className="size-3.5" />
              {label}
            </button>
          );
        })}
      </div>
    </fieldset>
  );
}

function MoreFilters({ filters }: { filters: RunFilters }) {
  return (
    <div className="grid gap-4 rounded-card border border-line bg-surface p-4 sm:grid-cols-2 lg:grid-cols-4">
      <StatusToggles filters={filters} />
      <Field label="Started by">
        {(wiring) => (
          <Select
            control={wiring}
            value={filters.trigger ?? ''}
            onChange={(event) => set('trigger', event.target.value)}
          >
            <option value="">Anything</option>
            {Object.entries(TRIGGERS).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Quality">
        {(wiring) => (
          <Select
            control={wiring}
            value={filters.grade ?? ''}
            onChange={(event) => set('grade', event.target.value)}
          >
            <option value="">Every grade</option>
            {GRADES.map((grade) => (
              <option key={grade} value={grade}>
                Grade {grade}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <DateRangeFields range={filters} />
    </div>
  );
}

/** Narrows the list of runs; everything stands in the address. */
export function RunFilterBar({ filters }: { filters: RunFilters }) {
  const recipes = useRecipeNames();
  const chips = chipsOf(filters, {
    status: (status) => RUN_LOOKS[status].label,
    recipe: (slug) => recipes?.find((each) => each.slug === slug)?.name ?? slug,
  });
  const [open, setOpen] = useState(false);
  return (
    <div role="search" aria-label="Runs" className="mb-4 grid gap-3">
      <div className="grid grid-cols-[1fr_auto] gap-2 sm:grid-cols-[1fr_16rem_auto]">
        <div className="col-span-2 sm:col-span-1">
          <AddressSearch label="Search runs" placeholder="Search by title" value={filters.search} />
        </div>
        <Select
          aria-label="Recipe"
          className="min-w-0"
          value={filters.recipe ?? ''}
          onChange={(event) => set('recipe', event.target.value)}
        >
          <option value="">Every recipe</option>
          {recipes?.map((each) => (
            <option key={each.slug} value={each.slug}>
              {each.name}
            </option>
          ))}
        </Select>
        <Button aria-expanded={open} onClick={() => setOpen(!open)}>
          <SlidersHorizontal aria-hidden className="size-4" /> Filters
        </Button>
      </div>
      {open ? <MoreFilters filters={filters} /> : null}
      {chips.length === 0 ? null : (
        <div className="flex flex-wrap items-center gap-2">
          {chips.map((chip) => (
            <button
              key={chip.label}
              type="button"
              onClick={() => replaceSearchParams(chip.without)}
              className="inline-flex min-h-11 max-w-full items-center gap-1.5 rounded-full bg-accent-soft px-3.5 text-[0.8125rem] font-medium text-accent-strong hover:brightness-95 sm:min-h-8 dark:hover:brightness-125"
            >
              <span className="truncate">{chip.label}</span>
              <X aria-hidden className="size-3.5 shrink-0" />
              <span className="sr-only">remove filter</span>
            </button>
          ))}
          <Button
            size="sm"
            variant="ghost"
            onClick={() =>
              replaceSearchParams(Object.fromEntries(FILTER_PARAMS.map((name) => [name, null])))
            }
          >
            Reset filters
          </Button>
        </div>
      )}
    </div>
  );
}
