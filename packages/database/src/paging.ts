import { PlatformError } from '@automatos/kernel';
import type { JsonValue } from '@automatos/kernel';

/** What reads the value inside of a cursor; every zod schema does. */
export interface CursorSchema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false };
}

/** Opaque cursor that holds a small JSON value: the place of the last row of a page. */
export function encodeCursor(value: JsonValue): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Reads a cursor; throws an `invalid-input` with `code` for text that {@link encodeCursor} did not make of such a value. */
export function decodeCursor<T>(cursor: string, schema: CursorSchema<T>, code: string): T {
  const parsed = schema.safeParse(readJson(Buffer.from(cursor, 'base64url').toString()));
  if (parsed.success) return parsed.data;
  throw new PlatformError({
    code,
    kind: 'invalid-input',
    message: 'The cursor is not one that this list gave out. Start again without it.',
    errors: [{ pointer: '/cursor', message: 'not a cursor of this list' }],
  });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no schema of a cursor takes it
  }
}

/** Cuts rows read with `limit + 1` to a page and makes the cursor of the next one. */
export function toPage<Row>(
  rows: Row[],
  limit: number,
  cursorOf: (row: Row) => JsonValue,
): { rows: Row[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { rows: shown, nextCursor: more ? encodeCursor(cursorOf(last)) : null };
}
