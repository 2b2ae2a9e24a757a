import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffJson, diffLines } from './diff.ts';
import type { LineDifference } from './diff.ts';
import { canonicalJson } from './json.ts';
import type { JsonValue } from './json.ts';

const marks = { same: ' ', removed: '-', added: '+' };
const shown = (lines: LineDifference[]) => lines.map((line) => marks[line.kind] + line.text);
const side = (lines: LineDifference[], other: LineDifference['kind']) =>
  lines.filter((line) => line.kind !== other).map((line) => line.text);

/** Length of a longest common subsequence, the slow and certain way. */
function common(left: string[], right: string[]): number {
  const table = Array.from({ length: left.length + 1 }, () =>
    Array.from({ length: right.length + 1 }, () => 0),
  );
  for (let i = 1; i <= left.length; i++)
    for (let j = 1; j <= right.length; j++)
      table[i]![j] =
        left[i - 1] === right[j - 1]
          ? table[i - 1]![j - 1]! + 1
          : Math.max(table[i - 1]![j]!, table[i]![j - 1]!);
  return table[left.length]![right.length]!;
}

describe('lines', () => {
  test('removed lines come before added ones, with their numbers', () => {
    const lines = diffLines('a\nb\nc', 'a\nx\nc\nd');
    expect(shown(lines)).toEqual([' a', '-b', '+x', ' c', '+d']);
    expect(lines.map((line) => [line.left_line, line.right_line])).toEqual([
      [1, 1],
      [2, null],
      [null, 2],
      [3, 3],
      [null, 4],
    ]);
    expect(diffLines('', 'a')).toHaveLength(1);
    expect(diffLines('', '')).toEqual([]);
  });

  const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 25 });
  test('both texts can be read from it, and no more changes than needed', () => {
    fc.assert(
      fc.property(text, text, (left, right) => {
        const lines = diffLines(left.join('\n'), right.join('\n'));
        expect(side(lines, 'added')).toEqual(left);
        expect(side(lines, 'removed')).toEqual(right);
        expect(lines.filter((line) => line.kind === 'same')).toHaveLength(common(left, right));
      }),
    );
  });

  test('big texts far apart stay quick and still show what they share', () => {
    const left = Array.from({ length: 20_000 }, (_, n) =>
      n % 10 === 0 ? `shared ${n}` : `left ${n}`,
    );
    const right = Array.from({ length: 20_000 }, (_, n) =>
      n % 10 === 0 ? `shared ${n}` : `right ${n}`,
    );
    const lines = diffLines(left.join('\n'), right.join('\n'));
    expect(lines.filter((line) => line.kind === 'same')).toHaveLength(2_000);
    expect(side(lines, 'added')).toEqual(left);
    expect(side(lines, 'removed')).toEqual(right);
  });
});

describe('values', () => {
  test('pointers name what was added, removed and changed', () => {
    expect(
      diffJson(
        { 'a/b': 1, 'c~d': [1, 2, 3], same: { x: 1, y: 2 }, gone: null },
        { 'a/b': 2, 'c~d': [1, 9], same: { y: 2, x: 1 }, came: {} },
      ),
    ).toEqual([
      { pointer: '/a~1b', kind: 'changed', before: 1, after: 2 },
      { pointer: '/c~0d/1', kind: 'changed', before: 2, after: 9 },
      { pointer: '/c~0d/2', kind: 'removed', before: 3 },
      { pointer: '/gone', kind: 'removed', before: null },
      { pointer: '/came', kind: 'added', after: {} },
    ]);
    expect(diffJson('a', ['a'])).toEqual([
      { pointer: '', kind: 'changed', before: 'a', after: ['a'] },
    ]);
  });

  test('is empty exactly when the values are equal', () => {
    const value = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>;
    fc.assert(
      fc.property(value, value, (left, right) => {
        expect(diffJson(left, structuredClone(left))).toEqual([]);
        expect(diffJson(left, right).length === 0).toBe(
          canonicalJson(left) === canonicalJson(right),
        );
      }),
    );
  });
});
