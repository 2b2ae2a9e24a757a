import { isPlatformError, isUuid } from '@automatos/kernel';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor, toPage } from './paging.ts';

const schema = {
  safeParse: (value: unknown) =>
    typeof value === 'string' && isUuid(value)
      ? { success: true as const, data: value }
      : { success: false as const },
};
const ID = '01990000-0000-7000-8000-000000000001';

test('a page of as many rows as asked for has a next one only when there is a row more', () => {
  expect(toPage([1, 2, 3], 2, (row) => row)).toEqual({ rows: [1, 2], nextCursor: encodeCursor(2) });
  expect(toPage([1, 2], 2, (row) => row)).toEqual({ rows: [1, 2], nextCursor: null });
  expect(toPage([], 2, (row) => row)).toEqual({ rows: [], nextCursor: null });
});

test.each([
  '',
  'not base64 json',
  encodeCursor('no id'),
  encodeCursor({ id: ID }),
  encodeCursor(null),
])('the cursor %j is refused by the code of its list', (cursor) => {
  let thrown: unknown;
  try {
    decodeCursor(cursor, schema, 'things.list.cursor_invalid');
  } catch (error) {
    thrown = error;
  }
  expect(
    isPlatformError(thrown) && [thrown.code, thrown.kind, thrown.errors?.[0]?.pointer],
  ).toEqual(['things.list.cursor_invalid', 'invalid-input', '/cursor']);
});

test('what was put into a cursor comes out of it', () => {
  expect(decodeCursor(encodeCursor(ID), schema, 'things.list.cursor_invalid')).toBe(ID);
});
