import { PlatformError } from '@automatos/kernel';
import type { z } from 'zod';

/** Reads a cursor; throws `webhooks.list.cursor_invalid` for text that no list gave out. */
export function decodeCursor<Schema extends z.ZodType>(
  schema: Schema,
  cursor: string,
): z.output<Schema> {
  const parsed = schema.safeParse(readJson(Buffer.from(cursor, 'base64url').toString()));
  if (parsed.success) return parsed.data;
  throw new PlatformError({
    code: 'webhooks.list.cursor_invalid',
    kind: 'invalid-input',
    message: 'The cursor is not one that this list gave out. Start again without it.',
    errors: [{ pointer: '/cursor', message: 'not a cursor of this list' }],
  });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Cuts rows read with `limit + 1` to a page and makes the cursor of the next. */
export function toPage<Row>(
  rows: Row[],
  limit: number,
  cursorOf: (row: Row) => unknown,
): { rows: Row[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  if (rows.length <= limit || last === undefined) return { rows: shown, nextCursor: null };
  const nextCursor = Buffer.from(JSON.stringify(cursorOf(last))).toString('base64url');
  return { rows: shown, nextCursor };
}
