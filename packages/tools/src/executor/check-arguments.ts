import type { FieldError } from '@automatos/kernel';
import type { ToolDefinition } from '../definition.ts';
import { toolError } from '../tool-error.ts';

const DEPTH_MAX = 32;
const NODES_MAX = 20_000;
const REFUSED_KEYS = new Set(['__proto__', 'prototype', 'constructor']);
/** Control, zero-width and direction-changing characters: keys that people cannot see or read right. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

function pointerPart(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Throws `tools.arguments.unsafe` for keys that could reach prototypes or hide, and for oversized arguments. */
export function assertSafeArguments(input: unknown, bytesMax: number): void {
  let nodes = 0;
  let bytes = 0;
  const refuse = (pointer: string, message: string) =>
    toolError('tools.arguments.unsafe', 'invalid-input', {
      message: `The arguments were refused at "${pointer || '/'}": ${message}.`,
      errors: [{ pointer, message }],
    });
  const visit = (value: unknown, pointer: string, depth: number): void => {
    nodes += 1;
    if (nodes > NODES_MAX) throw refuse(pointer, `more than ${NODES_MAX} values`);
    if (depth > DEPTH_MAX) throw refuse(pointer, `nested deeper than ${DEPTH_MAX} levels`);
    if (typeof value === 'string') bytes += value.length;
    if (bytes > bytesMax) throw refuse(pointer, `more than ${bytesMax} bytes in all`);
    if (typeof value !== 'object' || value === null) return;
    for (const key of Reflect.ownKeys(value)) {
      if (typeof key === 'symbol') throw refuse(pointer, 'symbols are not JSON');
      if (Array.isArray(value) && key === 'length') continue;
      bytes += key.length;
      if (REFUSED_KEYS.has(key)) throw refuse(pointer, `the key "${key}" is not allowed`);
      if (INVISIBLE.test(key)) throw refuse(pointer, 'a key holds invisible characters');
      visit((value as Record<string, unknown>)[key], `${pointer}/${pointerPart(key)}`, depth + 1);
    }
  };
  visit(input, '', 0);
}

/** Returns the arguments with defaults filled in, or throws `tools.arguments.invalid` with one entry per problem. */
export function parseArguments(tool: ToolDefinition, input: unknown): unknown {
  const parsed = tool.input.safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  const errors: FieldError[] = parsed.error.issues.slice(0, 20).map((issue) => ({
    pointer: issue.path.map((part) => `/${pointerPart(String(part))}`).join(''),
    message: issue.message,
  }));
  const list = errors
    .map((error) => `${error.pointer === '' ? 'arguments' : error.pointer}: ${error.message}`)
    .join('; ');
  throw toolError('tools.arguments.invalid', 'invalid-input', {
    message: `The arguments of "${tool.name}" do not fit: ${list}.`,
    errors,
  });
}
