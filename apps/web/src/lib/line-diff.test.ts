import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lineDiff } from './line-diff.ts';

it('shows what was changed between what stayed', () => {
  expect(lineDiff('a\nb\nc', 'a\nx\nc\nd').map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    'same a',
    'removed b',
    'added x',
    'same c',
    'added d',
  ]);
});

it('both texts can be read out of it, with their line numbers', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(text, text, (left, right) => {
      const lines = lineDiff(left.join('\n'), right.join('\n'));
      const side = (kind: string) =>
        lines.filter((line) => line.kind === 'same' || line.kind === kind);
      expect(side('removed').map((line) => line.text)).toEqual(left);
      expect(side('added').map((line) => line.text)).toEqual(right);
      expect(side('removed').map((line) => line.left_line)).toEqual(
        left.map((_, index) => index + 1),
      );
      expect(side('added').map((line) => line.right_line)).toEqual(
        right.map((_, index) => index + 1),
      );
    }),
  );
});
