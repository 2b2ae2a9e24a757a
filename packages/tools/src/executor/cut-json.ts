import type { JsonValue } from '@automatos/kernel';
import { toolError } from '../tool-error.ts';

/** One place where something was left out. */
export interface Cut {
  pointer: string;
  kept: number;
  of: number;
}

export interface CutResult {
  value: JsonValue;
  /** Size of the whole value as JSON in bytes (strings over 64 kB are estimated). */
  bytes: number;
  cuts: Cut[];
}

const DEPTH_MAX = 64;
const EXACT_STRING_MAX = 65_536;

function stringBytes(text: string): number {
  if (text.length <= EXACT_STRING_MAX) return Buffer.byteLength(JSON.stringify(text));
  return Buffer.byteLength(text) + 2;
}

/** Bytes of a value's JSON, without building it; remembers inner sizes so that cutting does not count again. */
function createSizer() {
  const known = new Map<object, number>();
  const open = new Set<object>();
  return function sizeOf(value: unknown, depth = 0): number {
    if (value === null || value === undefined) return 4;
    if (typeof value === 'string') return stringBytes(value);
    if (typeof value === 'number' || typeof value === 'boolean') return String(value).length;
    if (typeof value !== 'object' || depth > DEPTH_MAX || open.has(value)) {
      throw toolError(
        'tools.output.invalid',
        'internal',
        'The tool returned something that is not JSON (too deep, circular, or of another type).',
      );
    }
    const before = known.get(value);
    if (before !== undefined) return before;
    open.add(value);
    let size = 2;
    if (Array.isArray(value))
      for (const item of value as unknown[]) size += sizeOf(item, depth + 1) + 1;
    else {
      for (const [key, item] of Object.entries(value))
        if (item !== undefined) size += stringBytes(key) + 2 + sizeOf(item, depth + 1);
    }
    open.delete(value);
    known.set(value, size);
    return size;
  };
}

/** Longest start of `text` whose JSON has at most `budget` bytes; never cuts inside a surrogate pair. */
function cutString(text: string, budget: number): string {
  const mark = '…';
  let low = 0;
  let high = Math.min(text.length, Math.max(0, budget));
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (Buffer.byteLength(JSON.stringify(text.slice(0, middle) + mark)) <= budget) low = middle;
    else high = middle - 1;
  }
  const last = text.charCodeAt(low - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? low - 1 : low) + mark;
}

/**
 * Returns `value` with at most `budget` bytes of JSON, keeping its shape: small fields stay whole, arrays keep their
 * first items, long strings their beginning. What was shortened is listed in `cuts`.
 */
export function cutJson(value: unknown, budget: number): CutResult {
  const sizeOf = createSizer();
  const cuts: Cut[] = [];

  function cutArray(items: unknown[], room: number, pointer: string): JsonValue[] {
    const kept: JsonValue[] = [];
    let left = room - 2;
    for (const [index, item] of items.entries()) {
      const size = sizeOf(item) + 1;
      if (size > left) {
        // One giant first item is better shortened than lost.
        if (index === 0 && left > 64) kept.push(reduce(item, left - 1, `${pointer}/0`));
        break;
      }
      kept.push(item as JsonValue);
      left -= size;
    }
    cuts.push({ pointer, kept: kept.length, of: items.length });
    return kept;
  }

  function cutObject(fields: [string, unknown][], room: number, pointer: string): JsonValue {
    const bySize = fields
      .filter(([, item]) => item !== undefined)
      .toSorted((a, b) => sizeOf(a[1]) - sizeOf(b[1]));
    const kept = new Map<string, JsonValue>();
    let left = room - 2;
    for (const [index, [key, item]] of bySize.entries()) {
      const overhead = stringBytes(key) + 2;
      const share = Math.floor(left / (bySize.length - index)) - overhead;
      const reduced = reduce(item, Math.max(share, 8), `${pointer}/${key}`);
      kept.set(key, reduced);
      left -= overhead + sizeOf(reduced);
    }
    return Object.fromEntries(
      fields.filter(([key]) => kept.has(key)).map(([key]) => [key, kept.get(key) ?? null]),
    );
  }

  function reduce(item: unknown, room: number, pointer: string): JsonValue {
    if (item === undefined) return null;
    if (sizeOf(item) <= room) return item as JsonValue;
    if (typeof item === 'string') {
      const short = cutString(item, room);
      cuts.push({ pointer, kept: short.length, of: item.length });
      return short;
    }
    if (Array.isArray(item)) return cutArray(item, room, pointer);
    if (typeof item === 'object' && item !== null)
      return cutObject(Object.entries(item), room, pointer);
    return item as JsonValue;
  }

  const bytes = sizeOf(value);
  return { value: bytes <= budget ? (value as JsonValue) : reduce(value, budget, ''), bytes, cuts };
}
