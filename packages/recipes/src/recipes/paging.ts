import { z } from 'zod';
import { cursorInvalid } from './recipe-errors.ts';

/** Opaque cursor that holds a small JSON value. */
export function encodeCursor(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Reads a cursor; throws `recipes.list.cursor_invalid` for text that no list gave out. */
export function decodeCursor<Schema extends z.ZodType>(
  schema: Schema,
  cursor: string,
): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw cursorInvalid();
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw cursorInvalid();
  return parsed.data;
}

export const nameCursorSchema = z.strictObject({ name: z.string().max(200), id: z.uuid() });
export const versionCursorSchema = z.strictObject({ version: z.int().min(1) });

/** Cuts rows read with `limit + 1` to a page and makes the cursor of the next. */
export function toPage<Row>(
  rows: Row[],
  limit: number,
  cursorOf: (row: Row) => unknown,
): { rows: Row[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { rows: shown, nextCursor: more ? encodeCursor(cursorOf(last)) : null };
}
