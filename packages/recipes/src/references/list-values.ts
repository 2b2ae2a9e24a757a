import { canonicalJson, isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import { FilterRefusal } from './filter-refusal.ts';
import { fieldOf, toText } from './value-text.ts';

/** Name of a field, `a.b` for one inside another; undefined = the item itself. */
type Field = string | number | boolean | null | undefined;

function part(item: JsonValue, field: Field): JsonValue {
  return field === undefined ? item : (fieldOf(item, String(field)) ?? null);
}

/** Sum of the items or of one field of each; what is null or missing does not count. */
export function sumOf(items: readonly JsonValue[], field: Field): number {
  return items
    .map((item) => part(item, field))
    .filter((value) => value !== null)
    .reduce<number>((sum, value) => {
      if (typeof value === 'number') return sum + value;
      throw new FilterRefusal(`the filter "sum" adds numbers, not ${toText(value).slice(0, 60)}`);
    }, 0);
}

/** Least (`sign` 1) or greatest (-1) of numbers or of texts; null when nothing can be compared. */
export function leastOf(items: readonly JsonValue[], field: Field, sign: 1 | -1): JsonValue {
  const values = items
    .map((item) => part(item, field))
    .filter((value) => typeof value === 'number' || typeof value === 'string');
  return values.toSorted((a, b) => sign * compareValues(a, b))[0] ?? null;
}

/** Half away from zero, as people round. */
export function rounded(value: number, digits: number): number {
  const places = Math.max(0, Math.min(10, Math.trunc(digits)));
  return Number(`${Math.round(Number(`${value}e${places}`))}e-${places}`);
}

/** How often each value of a field occurs, most frequent first; values that are no text stand as JSON. */
export function countBy(items: readonly JsonValue[], field: string): JsonObject {
  const counts = new Map<string, number>();
  for (const item of items) {
    const key = toText(part(item, field));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].toSorted((a, b) => b[1] - a[1]));
}

export function whereField(
  items: readonly JsonValue[],
  field: string,
  wanted: JsonValue,
): JsonValue[] {
  const text = canonicalJson(wanted);
  return items.filter((item) => isJsonObject(item) && canonicalJson(part(item, field)) === text);
}

/** In stable order by value or field; the rest after what can be compared, whichever way it goes. */
export function sorted(items: readonly JsonValue[], field: Field, sign: 1 | -1): JsonValue[] {
  return items.toSorted((a, b) => {
    const [left, right] = [part(a, field), part(b, field)];
    const order = rank(left) - rank(right);
    return order === 0 ? sign * compareValues(left, right) : order;
  });
}

export function uniqueItems(items: readonly JsonValue[], field: Field): JsonValue[] {
  const seen = new Map<string, JsonValue>();
  for (const item of items) {
    const key = canonicalJson(part(item, field));
    if (!seen.has(key)) seen.set(key, item);
  }
  return [...seen.values()];
}

export function flattened(items: readonly JsonValue[]): JsonValue[] {
  return items.flatMap((item) => (Array.isArray(item) ? item : [item]));
}

/** Part of a list, or of a text by characters. */
export function sliceOf(value: JsonValue, start: number, end: JsonValue): JsonValue {
  const bound = typeof end === 'number' ? end : undefined;
  if (Array.isArray(value)) return value.slice(start, bound);
  return Array.from(toText(value)).slice(start, bound).join('');
}

function rank(value: JsonValue): number {
  if (typeof value === 'number') return 0;
  return typeof value === 'string' ? 1 : 2;
}

function compareValues(a: JsonValue, b: JsonValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a !== 'string' || typeof b !== 'string') return rank(a) - rank(b);
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
