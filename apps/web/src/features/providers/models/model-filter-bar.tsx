'use client';

import { Input, Select } from '../../../components/ui/input.tsx';
import { sentence } from '../../../lib/format.ts';
import { SORTS, type CatalogueRow, type ModelFilter, type Sort } from './model-rows.ts';

const SOURCES = { package: 'List price', operator: 'Own price', none: 'No known price' } as const;

/** What of the catalogue is shown, and in which order. */
export function ModelFilterBar({
  rows,
  filter,
  sort,
  onFilter,
  onSort,
}: {
  /** The whole catalogue: what can be chosen. */
  rows: readonly CatalogueRow[];
  filter: ModelFilter;
  sort: Sort;
  onFilter: (changes: Partial<ModelFilter>) => void;
  onSort: (sort: Sort) => void;
}) {
  const providers = [...new Set(rows.map(({ provider }) => provider))].toSorted();
  const capabilities = [...new Set(rows.flatMap((row) => row.capabilities))].toSorted();
  return (
    <div
      role="search"
      aria-label="Models"
      className="mb-5 grid grid-cols-2 gap-2 lg:grid-cols-[minmax(14rem,1fr)_11rem_11rem_10rem_10rem]"
    >
      <Input
        type="search"
        aria-label="Search models"
        placeholder="Search by name"
        className="col-span-2 lg:col-span-1"
        value={filter.search}
        onChange={({ target }) => onFilter({ search: target.value })}
      />
      <Select
        aria-label="Provider"
        value={filter.provider}
        onChange={({ target }) => onFilter({ provider: target.value })}
      >
        <option value="">Every provider</option>
        {providers.map((provider) => (
          <option key={provider} value={provider}>
            {provider}
          </option>
        ))}
      </Select>
      <Select
        aria-label="Capability"
        value={filter.capability}
        onChange={({ target }) => onFilter({ capability: target.value })}
      >
        <option value="">Every capability</option>
        {capabilities.map((capability) => (
          <option key={capability} value={capability}>
            {sentence(capability)}
          </option>
        ))}
      </Select>
      <Select
        aria-label="Price"
        value={filter.source}
        onChange={({ target }) => onFilter({ source: target.value as ModelFilter['source'] })}
      >
        <option value="">Every price</option>
        {Object.entries(SOURCES).map(([source, label]) => (
          <option key={source} value={source}>
            {label}
          </option>
        ))}
      </Select>
      <Select
        aria-label="Sort by"
        value={sort}
        onChange={({ target }) => onSort(target.value as Sort)}
      >
        {Object.entries(SORTS).map(([each, label]) => (
          <option key={each} value={each}>
            Sort: {label.toLowerCase()}
          </option>
        ))}
      </Select>
      <label className="col-span-2 flex min-h-9 items-center gap-2 text-sm">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={filter.usableOnly}
          onChange={({ target }) => onFilter({ usableOnly: target.checked })}
        />
        Only those that can be called now
      </label>
    </div>
  );
}
