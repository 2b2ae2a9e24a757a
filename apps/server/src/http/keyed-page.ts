import { invalidInput } from '@automatos/kernel';

/** A page of a list that is held in memory and sorted; the cursor names the last item shown. */
export function keyedPage<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  page: { limit: number; cursor?: string | undefined },
): { items: T[]; next_cursor: string | null; total: number } {
  const start = page.cursor === undefined ? 0 : startAfter(items, keyOf, page.cursor);
  const shown = items.slice(start, start + page.limit);
  const last = shown.at(-1);
  const hasMore = start + page.limit < items.length;
  return {
    items: shown,
    next_cursor:
      hasMore && last !== undefined ? Buffer.from(keyOf(last)).toString('base64url') : null,
    total: items.length,
  };
}

function startAfter<T>(items: readonly T[], keyOf: (item: T) => string, cursor: string): number {
  const key = Buffer.from(cursor, 'base64url').toString('utf8');
  const index = items.findIndex((item) => keyOf(item) === key);
  if (index === -1) {
    throw invalidInput('The cursor is not one of this list; start again without it.', [
      { pointer: '/query/cursor', message: 'is unknown' },
    ]);
  }
  return index + 1;
}
