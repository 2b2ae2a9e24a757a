import { expect, test } from 'vitest';
import { dropIndex, moveItem, rowShift } from './sortable.ts';

const boxes = [0, 1, 2, 3].map((row) => ({ top: row * 50, height: 40 }));

test.each([
  [0, 2, 'bcad'],
  [3, 0, 'dabc'],
  [1, 1, 'abcd'],
  [0, -1, 'abcd'],
  [0, 4, 'abcd'],
  [9, 0, 'abcd'],
])('from %i to %i gives %s', (from, to, expected) => {
  expect(moveItem(['a', 'b', 'c', 'd'], from, to).join('')).toBe(expected);
});

test.each([
  [0, 0, 0],
  [0, 29, 0],
  [0, 31, 1],
  [0, 500, 3],
  [3, -29, 3],
  [3, -31, 2],
  [3, -500, 0],
  [1, 31, 2],
  [1, -31, 0],
])('row %i dragged by %i pixels falls at %i', (from, offset, expected) => {
  expect(dropIndex(boxes, from, offset)).toBe(expected);
});

test('rows between make room, the others stay', () => {
  const shifts = (from: number, to: number) =>
    boxes.map((_box, index) => rowShift(boxes, { from, to }, index));
  expect(shifts(0, 2)).toEqual([0, -50, -50, 0]);
  expect(shifts(3, 1)).toEqual([0, 50, 50, 0]);
});
