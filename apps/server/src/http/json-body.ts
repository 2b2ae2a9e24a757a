import { PlatformError } from '@automatos/kernel';
import { toPointer } from './validation.ts';

const DEPTH_MAX = 32;

function malformed(code: string, message: string, cause?: unknown): PlatformError {
  return new PlatformError({
    code,
    kind: 'invalid-input',
    message,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Parses a request body. Throws for broken JSON, more than 32 levels and keys that reach an object's prototype. */
export function parseJsonBody(text: string): unknown {
  if (text.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw malformed(
      'http.body.malformed',
      `The body is not valid JSON: ${(error as Error).message}.`,
      error,
    );
  }
  inspect(value);
  return value;
}

/** Walks with an own stack: recursion on hostile input would be a second way to overflow. */
function inspect(root: unknown): void {
  const pending: { value: unknown; depth: number; path: string[] }[] = [
    { value: root, depth: 0, path: [] },
  ];
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    const { value, depth, path } = item;
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= DEPTH_MAX)
      throw malformed('http.body.too_deep', `The body nests deeper than ${DEPTH_MAX} levels.`);
    for (const key of Object.keys(value)) {
      const inner = (value as Record<string, unknown>)[key];
      if (key === '__proto__' || (key === 'constructor' && reachesPrototype(inner))) {
        throw malformed(
          'http.body.forbidden_key',
          `The key ${toPointer([...path, key])} is not allowed.`,
        );
      }
      if (typeof inner === 'object')
        pending.push({ value: inner, depth: depth + 1, path: [...path, key] });
    }
  }
}

function reachesPrototype(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype');
}
