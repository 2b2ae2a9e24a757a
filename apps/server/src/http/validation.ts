import { invalidInput, type FieldError } from '@automatos/kernel';
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;
type Part = 'body' | 'query' | 'params';

/**
 * Returns what `schema` makes of `value`. Throws `request.input.invalid` with one JSON pointer per wrong field: body
 * fields as they are (`/name`), others below their part (`/query/limit`).
 */
export function validatePart<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  part: Part,
): z.output<Schema> {
  if (part !== 'body') assertNoNul(value, part);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = toFieldErrors(result.error.issues, part === 'body' ? [] : [part]);
  const first = errors[0];
  const place = first === undefined || first.pointer === '' ? `The ${part}` : first.pointer;
  throw invalidInput(`${place}: ${first?.message ?? 'is not valid'}${more(errors.length)}`, errors);
}

/** U+0000 has no meaning in an address, and no database of ours can be asked for it. */
function assertNoNul(value: unknown, part: Part): void {
  for (const [name, text] of Object.entries((value ?? {}) as Record<string, unknown>)) {
    if (typeof text !== 'string' || !text.includes('\u0000')) continue;
    const error = { pointer: toPointer([part, name]), message: 'holds the character U+0000' };
    throw invalidInput(`${error.pointer}: ${error.message}`, [error]);
  }
}

function more(count: number): string {
  return count > 1 ? ` (and ${count - 1} more)` : '';
}

/** Flattens zod's issues; of a union the branch that came closest speaks. */
export function toFieldErrors(
  issues: readonly Issue[],
  base: readonly PropertyKey[] = [],
): FieldError[] {
  return issues.flatMap((issue): FieldError[] => {
    const path = [...base, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        pointer: toPointer([...path, key]),
        message: 'is not a known field',
      }));
    }
    if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      const closest = issue.errors.toSorted((a, b) => distance(a) - distance(b))[0] ?? [];
      return toFieldErrors(closest, path);
    }
    return [{ pointer: toPointer(path), message: issue.message }];
  });
}

/** A branch whose own type does not fit at all is farther than one with wrong fields inside. */
function distance(issues: readonly Issue[]): number {
  const misfit = issues.some((issue) => issue.path.length === 0 && issue.code === 'invalid_type');
  return issues.length + (misfit ? 1000 : 0);
}

/** RFC 6901. */
export function toPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
