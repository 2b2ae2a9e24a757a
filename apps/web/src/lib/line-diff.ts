import type { DiffLine } from '@automatos/sdk';

/** Cells of the table that is filled at most; beyond it two texts count as wholly different between their equal ends. */
const CELLS_MAX = 4_000_000;

type Kept = readonly { left: number; right: number }[];

/** Pairs of lines that both have, in order and as many as can be. */
function commonLines(left: readonly string[], right: readonly string[]): Kept {
  const width = right.length + 1;
  if ((left.length + 1) * width > CELLS_MAX) return [];
  const longest = new Uint32Array((left.length + 1) * width);
  for (let row = left.length - 1; row >= 0; row -= 1) {
    for (let column = right.length - 1; column >= 0; column -= 1) {
      const same = left[row] === right[column];
      longest[row * width + column] = same
        ? (longest[(row + 1) * width + column + 1] ?? 0) + 1
        : Math.max(
            longest[(row + 1) * width + column] ?? 0,
            longest[row * width + column + 1] ?? 0,
          );
    }
  }
  const kept: { left: number; right: number }[] = [];
  for (let row = 0, column = 0; row < left.length && column < right.length;) {
    if (left[row] === right[column]) kept.push({ left: row++, right: column++ });
    else if ((longest[(row + 1) * width + column] ?? 0) >= (longest[row * width + column + 1] ?? 0))
      row += 1;
    else column += 1;
  }
  return kept;
}

/** What leads from one text to another, line by line. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const left = before.split('\n');
  const right = after.split('\n');
  let head = 0;
  while (head < Math.min(left.length, right.length) && left[head] === right[head]) head += 1;
  let tail = 0;
  const room = Math.min(left.length, right.length) - head;
  while (tail < room && left.at(-1 - tail) === right.at(-1 - tail)) tail += 1;
  const middle = commonLines(
    left.slice(head, left.length - tail),
    right.slice(head, right.length - tail),
  );
  const kept = [
    ...Array.from({ length: head }, (_, index) => ({ left: index, right: index })),
    ...middle.map((pair) => ({ left: pair.left + head, right: pair.right + head })),
    ...Array.from({ length: tail }, (_, index) => ({
      left: left.length - tail + index,
      right: right.length - tail + index,
    })),
    { left: left.length, right: right.length },
  ];
  const lines: DiffLine[] = [];
  let at = { left: 0, right: 0 };
  for (const pair of kept) {
    for (let row = at.left; row < pair.left; row += 1) {
      lines.push({ kind: 'removed', text: left[row] ?? '', left_line: row + 1, right_line: null });
    }
    for (let row = at.right; row < pair.right; row += 1) {
      lines.push({ kind: 'added', text: right[row] ?? '', left_line: null, right_line: row + 1 });
    }
    if (pair.left < left.length) {
      const text = left[pair.left] ?? '';
      lines.push({ kind: 'same', text, left_line: pair.left + 1, right_line: pair.right + 1 });
    }
    at = { left: pair.left + 1, right: pair.right + 1 };
  }
  return lines;
}
