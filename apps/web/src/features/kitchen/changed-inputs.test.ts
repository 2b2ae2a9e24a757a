import { expect, it } from 'vitest';
import { changedInputs } from './changed-inputs.ts';

it('keeps what is new or different, whatever the order of keys', () => {
  const before = { path: '/a', depth: 2, filter: { a: 1, b: [1, 2] } };
  expect(
    changedInputs(before, { path: '/b', depth: 2, filter: { b: [1, 2], a: 1 }, more: null }),
  ).toEqual({ path: '/b', more: null });
  expect(changedInputs(before, { filter: { a: 1, b: [2, 1] } })).toEqual({
    filter: { a: 1, b: [2, 1] },
  });
});
