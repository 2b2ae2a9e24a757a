import { PlatformError } from '@automatos/kernel';
import { toPointer } from './validation.ts';

const DEPTH_MAX = 32;
/** Fields of all objects and items of all lists together. */
const VALUES_MAX = 100_000;
/** Default of the longest text; 1 Mi characters. */
const TEXT_CHARS_MAX = 1024 * 1024;

interface Item {
  value: object;
  depth: number;
  key: string;
  parent: Item | null;
}

function refused(code: string, message: string, cause?: unknown): PlatformError {
  return new PlatformError({
    code,
    kind: 'invalid-input',
    message,
    ...(cause === undefined ? {} : { cause }),
  });
}

/**
 * Parses a request body. Throws for broken JSON, more than 32 levels, more than 100,000 fields and items, texts and names longer than
 * `textCharsMax`, and keys that reach an object's prototype.
 */
export function parseJsonBody(text: string, textCharsMax = TEXT_CHARS_MAX): unknown {
  if (text.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refused(
      'http.body.malformed',
      `The body is not valid JSON: ${(error as Error).message}.`,
      error,
    );
  }
  if (typeof value === 'object' && value !== null) inspect(value, textCharsMax);
  else if (typeof value === 'string' && value.length > textCharsMax)
    throw tooLong('', textCharsMax);
  return value;
}

/** Walks with an own stack: recursion on hostile input would be a second way to overflow. */
function inspect(root: object, textCharsMax: number): void {
  const pending: Item[] = [{ value: root, depth: 0, key: '', parent: null }];
  let values = 0;
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    const { value, depth } = item;
    if (depth >= DEPTH_MAX)
      throw refused('http.body.too_deep', `The body nests deeper than ${DEPTH_MAX} levels.`);
    for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
      values += 1;
      if (values > VALUES_MAX)
        throw refused(
          'http.body.too_many_values',
          `The body holds more than ${VALUES_MAX} fields and items.`,
        );
      if (typeof inner === 'string') {
        if (inner.length > textCharsMax) throw tooLong(pointerTo(item, key), textCharsMax);
      } else if (typeof inner === 'object' && inner !== null) {
        pending.push({ value: inner, depth: depth + 1, key, parent: item });
      }
      if (key === '__proto__' || (key === 'constructor' && reachesPrototype(inner)))
        throw refused('http.body.forbidden_key', `The key ${pointerTo(item, key)} is not allowed.`);
      if (key.length > textCharsMax) throw tooLong(pointerTo(item, ''), textCharsMax);
    }
  }
}

function pointerTo(item: Item, key: string): string {
  const path = [key];
  for (let at: Item | null = item; at?.parent != null; at = at.parent) path.unshift(at.key);
  return toPointer(path);
}

function tooLong(pointer: string, max: number): PlatformError {
  return new PlatformError({
    code: 'http.body.text_too_long',
    kind: 'invalid-input',
    message: `${pointer === '' ? 'The body' : pointer} is longer than ${max} characters.`,
    errors: [{ pointer, message: `must have at most ${max} characters` }],
  });
}

function reachesPrototype(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype');
}
