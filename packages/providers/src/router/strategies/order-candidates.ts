import type { RoutingStrategy } from '@automatos/contracts';
import type { ResolvedModel } from '../../catalogue/catalogue-types.ts';
import { worstCostOf } from '../../usage/cost.ts';
import type { Glance, Glances } from '../stats/performance.ts';
import { sampleBeta } from './sample-beta.ts';

/** A candidate as strategies see it. */
export interface Sortable {
  resolved: ResolvedModel;
  /** Counts with `weighted` only. */
  weight: number;
}

export interface OrderRequest {
  inputTokens: number;
  maxOutputTokens: number | null;
}

export interface OrderDeps {
  glances: Pick<Glances, 'look'>;
  /** Uniform from 0 up to 1; only `adaptive` draws from it. */
  random: () => number;
}

/** Output assumed for comparing costs when no bound is given. */
const USUAL_OUTPUT_TOKENS = 500;
const GROUPS_MAX = 5_000;

/**
 * Creates the function that orders candidates standing side by side. It never drops one. Rotating strategies keep their place per
 * set of candidates.
 */
export function createOrdering({ glances, random }: OrderDeps) {
  const turns = new Map<string, number>();
  const balances = new Map<string, Map<string, number>>();

  function roundRobin<Item extends Sortable>(items: Item[]): Item[] {
    const group = items.map(nameOf).join('\n');
    const turn = turns.get(group) ?? 0;
    bounded(turns).set(group, turn + 1);
    const start = turn % items.length;
    return [...items.slice(start), ...items.slice(0, start)];
  }

  /** Smooth weighted round robin: the one with the greatest balance goes first and pays for all. */
  function weighted<Item extends Sortable>(items: Item[]): Item[] {
    const group = items.map((item) => `${nameOf(item)}*${item.weight}`).join('\n');
    const balance = balances.get(group) ?? new Map<string, number>();
    bounded(balances).set(group, balance);
    for (const item of items)
      balance.set(nameOf(item), (balance.get(nameOf(item)) ?? 0) + item.weight);
    const ordered = byNumber(items, (item) => -(balance.get(nameOf(item)) ?? 0));
    const [first] = ordered;
    const total = items.reduce((sum, item) => sum + item.weight, 0);
    if (first !== undefined) balance.set(nameOf(first), (balance.get(nameOf(first)) ?? 0) - total);
    return ordered;
  }

  return function order<Item extends Sortable>(
    strategy: RoutingStrategy,
    items: Item[],
    request: OrderRequest,
  ): Item[] {
    if (items.length < 2) return items;
    switch (strategy) {
      case 'priority':
        return items;
      case 'round_robin':
        return roundRobin(items);
      case 'weighted':
        return weighted(items);
      case 'least_latency':
        // What was never measured goes first, or it never would be.
        return byNumber(items, (item) => glances.look(refOf(item)).latencyMs ?? -1);
      case 'least_cost':
        return byNumber(items, (item) => costOf(item, request) ?? Infinity);
      case 'least_busy':
        return byNumber(items, (item) => glances.look(refOf(item)).inFlight);
      case 'adaptive':
        return byDraw(items, request, { glances, random });
    }
  };
}

/** Thompson sampling: each is drawn by what is known of it, so that the little known gets its chance. */
function byDraw<Item extends Sortable>(
  items: Item[],
  request: OrderRequest,
  { glances, random }: OrderDeps,
): Item[] {
  const seen = items.map((item) => glances.look(refOf(item)));
  const costs = items.map((item) => costOf(item, request));
  const fastest = Math.min(...seen.map(({ latencyMs }) => latencyMs ?? Infinity));
  const cheapest = Math.min(...costs.map((cost) => cost ?? Infinity));
  const scores = new Map(
    items.map((item, index) => {
      const glance = seen[index] as Glance;
      const reliable = sampleBeta(1 + glance.successes, 1 + glance.failures, random);
      const speed = ratio(fastest, glance.latencyMs);
      const thrift = ratio(cheapest, costs[index] ?? null);
      // Roots: a vendor that fails is worse than one that is twice as slow or dear.
      return [item, reliable * Math.sqrt(speed) * Math.sqrt(thrift)];
    }),
  );
  return byNumber(items, (item) => -(scores.get(item) ?? 0));
}

/** Most that the call may cost in micro-dollars; null = a price is unknown. */
function costOf({ resolved }: Sortable, request: OrderRequest): number | null {
  const output = Math.min(request.maxOutputTokens ?? USUAL_OUTPUT_TOKENS, USUAL_OUTPUT_TOKENS);
  return worstCostOf(resolved.model.price, { input: request.inputTokens, output });
}

/** From 0 to 1: how near a value is to the best; 1 when it was never measured. */
function ratio(best: number, value: number | null): number {
  if (value === null) return 1;
  return value <= 0 ? 1 : Math.max(best, 1e-9) / Math.max(value, best, 1e-9);
}

function refOf({ resolved }: Sortable) {
  return { provider: resolved.provider.id, model: resolved.model.id };
}

function nameOf({ resolved }: Sortable): string {
  return `${resolved.provider.id}/${resolved.model.id}`;
}

/** Stable: equals keep the order of the chain. */
function byNumber<Item>(items: readonly Item[], value: (item: Item) => number): Item[] {
  const values = new Map(items.map((item) => [item, value(item)]));
  return items.toSorted((a, b) => {
    const [left, right] = [values.get(a) ?? 0, values.get(b) ?? 0];
    return left === right ? 0 : left - right;
  });
}

function bounded<Key, Value>(map: Map<Key, Value>): Map<Key, Value> {
  if (map.size >= GROUPS_MAX) map.clear();
  return map;
}
