import { decodeCursor as decode } from '@automatos/database';
import { z } from 'zod';

/** Reads a cursor; throws `recipes.list.cursor_invalid` for text that no list gave out. */
export function decodeCursor<Schema extends z.ZodType>(
  schema: Schema,
  cursor: string,
): z.output<Schema> {
  return decode(cursor, schema, 'recipes.list.cursor_invalid');
}

export const nameCursorSchema = z.strictObject({ name: z.string().max(200), id: z.uuid() });
export const versionCursorSchema = z.strictObject({ version: z.int().min(1) });
