import type { Model } from '@automatos/sdk';
import type { ModelPrice } from '../provider-types.ts';

/** The catalogue joined with the prices in use, filtered and sorted. Pure. */

export interface CatalogueRow {
  provider: string;
  id: string;
  name: string;
  /** False: only a price is known, the catalogue has no such model. */
  listed: boolean;
  contextWindow: number | null;
  outputLimit: number | null;
  capabilities: readonly string[];
  status: string;
  usable: boolean;
  price: ModelPrice;
}

const keyOf = (provider: string, model: string) => `${provider}/${model}`;

/** Each model once with the price that is used for it; a price without a model is a row too. */
export function joinPrices(
  models: readonly Model[],
  prices: readonly ModelPrice[],
): CatalogueRow[] {
  const byKey = new Map(prices.map((price) => [keyOf(price.provider, price.model), price]));
  const rows = models.map((model): CatalogueRow => {
    const price = byKey.get(keyOf(model.provider, model.id));
    byKey.delete(keyOf(model.provider, model.id));
    return {
      provider: model.provider,
      id: model.id,
      name: model.name,
      listed: true,
      contextWindow: model.context_window,
      outputLimit: model.output_limit,
      capabilities: model.capabilities,
      status: model.status,
      usable: model.usable,
      price: price ?? listPriceOf(model),
    };
  });
  const rest = [...byKey.values()].map((price): CatalogueRow => ({
    provider: price.provider,
    id: price.model,
    name: price.model,
    listed: false,
    contextWindow: null,
    outputLimit: null,
    capabilities: [],
    status: '',
    usable: false,
    price,
  }));
  return [...rows, ...rest];
}

/** What the catalogue itself says, until the prices in use are known. */
function listPriceOf(model: Model): ModelPrice {
  const { input_micros, output_micros, cached_input_micros } = model.price;
  const known = input_micros !== null || output_micros !== null;
  return {
    provider: model.provider,
    model: model.id,
    input_micros,
    output_micros,
    cached_input_micros,
    cache_write_micros: null,
    source: known ? 'package' : 'none',
    version: '',
  };
}

export const SORTS = {
  name: 'Name',
  input: 'Cheapest input',
  output: 'Cheapest output',
  window: 'Largest window',
} as const;
export type Sort = keyof typeof SORTS;

export interface ModelFilter {
  search: string;
  provider: string;
  capability: string;
  /** Where the price comes from; empty: anywhere. */
  source: ModelPrice['source'] | '';
  usableOnly: boolean;
}

export const NO_FILTER: ModelFilter = {
  search: '',
  provider: '',
  capability: '',
  source: '',
  usableOnly: false,
};

export function filterRows(rows: readonly CatalogueRow[], filter: ModelFilter): CatalogueRow[] {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    const text = `${row.provider}/${row.id} ${row.name}`.toLowerCase();
    return (
      words.every((word) => text.includes(word)) &&
      (filter.provider === '' || row.provider === filter.provider) &&
      (filter.capability === '' || row.capabilities.includes(filter.capability)) &&
      (filter.source === '' || row.price.source === filter.source) &&
      (!filter.usableOnly || row.usable)
    );
  });
}

/** Unknown figures stand last in every order: they are not cheap and not small. */
export function sortRows(rows: readonly CatalogueRow[], sort: Sort): CatalogueRow[] {
  const byName = (a: CatalogueRow, b: CatalogueRow) =>
    keyOf(a.provider, a.id).localeCompare(keyOf(b.provider, b.id));
  const measure: Record<Exclude<Sort, 'name'>, (row: CatalogueRow) => number> = {
    input: (row) => row.price.input_micros ?? Number.POSITIVE_INFINITY,
    output: (row) => row.price.output_micros ?? Number.POSITIVE_INFINITY,
    window: (row) => -(row.contextWindow ?? 0),
  };
  if (sort === 'name') return rows.toSorted(byName);
  const read = measure[sort];
  return rows.toSorted((a, b) => {
    const [left, right] = [read(a), read(b)];
    return left === right ? byName(a, b) : left < right ? -1 : 1;
  });
}
