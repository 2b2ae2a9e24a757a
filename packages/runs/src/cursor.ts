import { invalidInput, isUuid } from '@automatos/kernel';

/** Place in a list that is ordered by time and id. */
export interface Cursor {
  at: string;
  id: string;
}

export function encodeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify([cursor.at, cursor.id])).toString('base64url');
}

/** Throws an `invalid-input` for text that {@link encodeCursor} did not make. */
export function decodeCursor(text: string): Cursor {
  try {
    const [at, id] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [string, string];
    if (typeof at === 'string' && isUuid(id) && !Number.isNaN(Date.parse(at))) return { at, id };
  } catch {
    throw badCursor();
  }
  throw badCursor();
}

function badCursor() {
  return invalidInput('The cursor is not one that this list gave out; start again without it.', [
    { pointer: '/cursor', message: 'not a cursor of this list' },
  ]);
}
