import type { JsonValue } from '@automatos/kernel';

/**
 * RFC 8785 text of a value: names sorted by UTF-16 units, no white space, numbers and strings as ECMAScript writes them. The
 * text that hashes are made of, so it never changes.
 */
export function toCanonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(toCanonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.keys(value)
    .toSorted()
    .map((name) => `${JSON.stringify(name)}:${toCanonicalJson(value[name] as JsonValue)}`);
  return `{${members.join(',')}}`;
}
