import { decodeCursor as decode, toPage as cut } from '@automatos/database';
import { z } from 'zod';

const idSchema = z.uuid();

/** Id of the last item of the page before; throws `agents.list.cursor_invalid` for text that no list gave out. */
export function decodeCursor(cursor: string): string {
  return decode(cursor, idSchema, 'agents.list.cursor_invalid');
}

/** Cuts rows read with `limit + 1` to a page. Lists are ordered by id, newest first: ids grow with time. */
export function toPage<Row extends { id: string }>(rows: Row[], limit: number) {
  return cut(rows, limit, ({ id }) => id);
}

/** A LIKE pattern that finds `text` anywhere, its own wildcards taken literally. */
export function containsPattern(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
}
