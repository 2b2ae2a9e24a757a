import { canonicalJson } from '@automatos/kernel';
import type { JsonValue } from '@automatos/kernel';

/** Equal as JSON, whatever the order of keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  return canonicalJson(a as JsonValue) === canonicalJson(b as JsonValue);
}
