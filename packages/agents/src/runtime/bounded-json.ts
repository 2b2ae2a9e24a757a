import { cutText } from '@automatos/kernel';
import type { JsonValue } from '@automatos/kernel';

/** The value itself when its JSON has at most `max` characters, else the start of that JSON as text. */
export function boundedJson(value: JsonValue, max: number): JsonValue {
  const text = JSON.stringify(value);
  return text.length <= max ? value : cutText(text, max);
}

/** Text form of a value for a preview. */
export function previewOf(value: JsonValue, max: number): string {
  return cutText(typeof value === 'string' ? value : JSON.stringify(value), max);
}
