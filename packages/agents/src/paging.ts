import { isUuid } from '@automatos/kernel';
import { agentError } from './agent-error.ts';

/** Opaque cursor after the item with this id. Lists are ordered by id, newest first: ids grow with time. */
export function encodeCursor(id: string): string {
  return Buffer.from(id).toString('base64url');
}

/** Throws `agents.list.cursor_invalid` for text that {@link encodeCursor} did not make. */
export function decodeCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (!isUuid(id)) {
    throw agentError('agents.list.cursor_invalid', {
      kind: 'invalid-input',
      message: 'The cursor is not one that this list gave out. Start again without it.',
      errors: [{ pointer: '/cursor', message: 'not a cursor of this list' }],
    });
  }
  return id;
}

/** Cuts rows read with `limit + 1` to a page. */
export function toPage<Row extends { id: string }>(
  rows: Row[],
  limit: number,
): { rows: Row[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    rows: shown,
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(last.id) : null,
  };
}

/** A LIKE pattern that finds `text` anywhere, its own wildcards taken literally. */
export function containsPattern(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
}
