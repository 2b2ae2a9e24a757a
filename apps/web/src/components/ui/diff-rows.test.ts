import { expect, it } from 'vitest';
import { lineDiff } from '../../lib/line-diff.ts';
import { sideBySide, withoutDistant } from './diff-rows.ts';

const text = (change: string) =>
  [...Array.from({ length: 9 }, (_, line) => `${line}`), change, 'end'].join('\n');

it('hides what is far from a change and sets both sides of it beside each other', () => {
  const rows = sideBySide(withoutDistant(lineDiff(text('old'), text('new'))));
  expect(
    rows.map((row) =>
      row.kind === 'hidden' ? `… ${row.count}` : `${row.left?.text}|${row.right?.text}`,
    ),
  ).toEqual(['… 6', '6|6', '7|7', '8|8', 'old|new', 'end|end']);
});

it('shows nothing but a count when nothing changed', () => {
  expect(withoutDistant(lineDiff('a\nb', 'a\nb'))).toEqual([{ kind: 'hidden', count: 2 }]);
});
