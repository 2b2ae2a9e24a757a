import type { JsonValue } from '@automatos/kernel';

/** A field of an answer that holds a text; anything else becomes an empty one. */
export function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
