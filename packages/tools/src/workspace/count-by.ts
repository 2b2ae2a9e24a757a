import { compareText } from './walk.ts';

/** How often each key occurs, as a record in key order. */
export function countBy<T>(items: Iterable<T>, keyOf: (item: T) => string): Record<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return inKeyOrder(counts);
}

/** A map as a record in key order, so that equal results give equal text. */
export function inKeyOrder<T>(map: ReadonlyMap<string, T>): Record<string, T> {
  return Object.fromEntries([...map].toSorted(([a], [b]) => compareText(a, b)));
}
