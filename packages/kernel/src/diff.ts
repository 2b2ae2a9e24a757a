import { canonicalJson, isJsonObject } from './json.ts';
import type { JsonValue } from './json.ts';

/** One line of a comparison; line numbers start at 1 and are null on the side that has no such line. */
export interface LineDifference {
  kind: 'same' | 'removed' | 'added';
  text: string;
  left_line: number | null;
  right_line: number | null;
}

/** One changed value; `before` is absent when it was added, `after` when it was removed. `pointer` is RFC 6901. */
export interface ValueChange {
  pointer: string;
  kind: 'added' | 'removed' | 'changed';
  before?: JsonValue;
  after?: JsonValue;
}

/** Edits that the exact search goes through: it costs the square of this in time and memory. */
const EDITS_MAX = 600;
const CHANGES_MAX = 2_000;

/**
 * Lines of both texts in order, removed ones before added ones. Shortest while the texts are up to 600 edits apart;
 * beyond, lines that occur once on both sides hold the parts together. Time grows with length times edits, bounded.
 */
export function diffLines(left: string, right: string): LineDifference[] {
  const sides = { left: linesOf(left), right: linesOf(right) };
  const kept = matches(sides, {
    leftFrom: 0,
    leftTo: sides.left.length,
    rightFrom: 0,
    rightTo: sides.right.length,
  });
  const lines: LineDifference[] = [];
  let at = { left: 0, right: 0 };
  for (const match of [...kept, { left: sides.left.length, right: sides.right.length }]) {
    for (; at.left < match.left; at.left++)
      lines.push(line('removed', sides.left[at.left] as string, { left: at.left, right: null }));
    for (; at.right < match.right; at.right++)
      lines.push(line('added', sides.right[at.right] as string, { left: null, right: at.right }));
    if (match.left < sides.left.length && match.right < sides.right.length)
      lines.push(line('same', sides.left[match.left] as string, match));
    at = { left: match.left + 1, right: match.right + 1 };
  }
  return lines;
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.split(/\r?\n/);
}

function line(
  kind: LineDifference['kind'],
  text: string,
  at: { left: number | null; right: number | null },
): LineDifference {
  const number = (index: number | null) => (index === null ? null : index + 1);
  return { kind, text, left_line: number(at.left), right_line: number(at.right) };
}

interface Sides {
  left: string[];
  right: string[];
}
interface Range {
  leftFrom: number;
  leftTo: number;
  rightFrom: number;
  rightTo: number;
}
/** Indexes of two equal lines. */
interface Match {
  left: number;
  right: number;
}

/** Pairs of equal lines of the range, ascending on both sides. */
function matches(sides: Sides, range: Range): Match[] {
  const found: Match[] = [];
  const tail: Match[] = [];
  let { leftFrom, leftTo, rightFrom, rightTo } = range;
  while (
    leftFrom < leftTo &&
    rightFrom < rightTo &&
    sides.left[leftFrom] === sides.right[rightFrom]
  )
    found.push({ left: leftFrom++, right: rightFrom++ });
  while (
    leftFrom < leftTo &&
    rightFrom < rightTo &&
    sides.left[leftTo - 1] === sides.right[rightTo - 1]
  )
    tail.push({ left: --leftTo, right: --rightTo });
  const inner = { leftFrom, leftTo, rightFrom, rightTo };
  const middle =
    leftFrom === leftTo || rightFrom === rightTo
      ? []
      : (shortest(sides, inner) ?? byAnchors(sides, inner));
  return [...found, ...middle, ...tail.toReversed()];
}

/** Myers' greedy search; null when more than {@link EDITS_MAX} edits are needed. */
function shortest(sides: Sides, range: Range): Match[] | null {
  const width = range.leftTo - range.leftFrom;
  const height = range.rightTo - range.rightFrom;
  const limit = Math.min(width + height, EDITS_MAX);
  const size = 2 * limit + 3;
  /** Furthest left index per diagonal (left − right), before each round. */
  const rounds: Int32Array[] = [];
  let furthest = new Int32Array(size);
  for (let edits = 0; edits <= limit; edits++) {
    rounds.push(furthest.slice());
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = entry({ furthest, limit, edits, diagonal }).x;
      let y = x - diagonal;
      while (
        x < width &&
        y < height &&
        sides.left[range.leftFrom + x] === sides.right[range.rightFrom + y]
      ) {
        x += 1;
        y += 1;
      }
      furthest[diagonal + limit + 1] = x;
      if (x >= width && y >= height) return walkBack({ rounds, range, limit });
    }
    furthest = furthest.slice();
  }
  return null;
}

/** Where the path of `edits` edits enters `diagonal`, and from which diagonal. */
function entry({
  furthest,
  limit,
  edits,
  diagonal,
}: {
  furthest: Int32Array;
  limit: number;
  edits: number;
  diagonal: number;
}): { x: number; from: number } {
  const at = (k: number) => furthest[k + limit + 1] as number;
  if (edits === 0) return { x: 0, from: 0 };
  const down = diagonal === -edits || (diagonal !== edits && at(diagonal - 1) < at(diagonal + 1));
  return down
    ? { x: at(diagonal + 1), from: diagonal + 1 }
    : { x: at(diagonal - 1) + 1, from: diagonal - 1 };
}

function walkBack({
  rounds,
  range,
  limit,
}: {
  rounds: Int32Array[];
  range: Range;
  limit: number;
}): Match[] {
  const found: Match[] = [];
  let x = range.leftTo - range.leftFrom;
  let y = range.rightTo - range.rightFrom;
  for (let edits = rounds.length - 1; edits >= 0; edits--) {
    const diagonal = x - y;
    const before = entry({ furthest: rounds[edits] as Int32Array, limit, edits, diagonal });
    while (x > before.x) {
      x -= 1;
      y -= 1;
      found.push({ left: range.leftFrom + x, right: range.rightFrom + y });
    }
    if (edits === 0) break;
    x = before.from > diagonal ? before.x : before.x - 1;
    y = x - before.from;
  }
  return found.toReversed();
}

/** Splits at lines that occur once on each side and in the same order (patience); nothing matches when there are none. */
function byAnchors(sides: Sides, range: Range): Match[] {
  const anchors = longestAscending(uniquePairs(sides, range));
  if (anchors.length === 0) return [];
  const found: Match[] = [];
  let leftFrom = range.leftFrom;
  let rightFrom = range.rightFrom;
  for (const anchor of anchors) {
    found.push(
      ...matches(sides, { leftFrom, leftTo: anchor.left, rightFrom, rightTo: anchor.right }),
      anchor,
    );
    leftFrom = anchor.left + 1;
    rightFrom = anchor.right + 1;
  }
  return [...found, ...matches(sides, { ...range, leftFrom, rightFrom })];
}

/** Ascending on the left. */
function uniquePairs(sides: Sides, range: Range): Match[] {
  const right = onceIn(sides.right, range.rightFrom, range.rightTo);
  return [...onceIn(sides.left, range.leftFrom, range.leftTo)].flatMap(([text, index]) => {
    const other = right.get(text);
    return other === undefined ? [] : [{ left: index, right: other }];
  });
}

function onceIn(lines: string[], from: number, to: number): Map<string, number> {
  const once = new Map<string, number>();
  const twice = new Set<string>();
  for (let index = from; index < to; index++) {
    const text = lines[index] as string;
    if (once.has(text)) twice.add(text);
    once.set(text, index);
  }
  for (const text of twice) once.delete(text);
  return once;
}

/** Longest run of pairs that ascends on the right as well; n log n. */
function longestAscending(pairs: Match[]): Match[] {
  const ends: number[] = [];
  const before: number[] = [];
  pairs.forEach((pair, index) => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[ends[middle] as number] as Match).right < pair.right) low = middle + 1;
      else high = middle;
    }
    before[index] = low === 0 ? -1 : (ends[low - 1] as number);
    ends[low] = index;
  });
  const found: Match[] = [];
  for (let at = ends.at(-1) ?? -1; at >= 0; at = before[at] as number)
    found.push(pairs[at] as Match);
  return found.toReversed();
}

/**
 * What must change to make `right` of `left`, in order of their keys: objects by name, lists by index. Absent values are
 * `undefined`. At most 2,000 changes; what comes after is left out.
 */
export function diffJson(left: JsonValue | undefined, right: JsonValue | undefined): ValueChange[] {
  const changes: ValueChange[] = [];
  collect(changes, '', { left, right });
  return changes;
}

function collect(
  changes: ValueChange[],
  pointer: string,
  { left, right }: { left: JsonValue | undefined; right: JsonValue | undefined },
): void {
  if (changes.length >= CHANGES_MAX || left === right) return;
  if (left === undefined) {
    changes.push({ pointer, kind: 'added', after: right as JsonValue });
  } else if (right === undefined) {
    changes.push({ pointer, kind: 'removed', before: left });
  } else if (Array.isArray(left) && Array.isArray(right)) {
    for (let index = 0; index < Math.max(left.length, right.length); index++)
      collect(changes, `${pointer}/${index}`, { left: left[index], right: right[index] });
  } else if (isJsonObject(left) && isJsonObject(right)) {
    const own = (value: typeof left, key: string) =>
      Object.hasOwn(value, key) ? value[key] : undefined;
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)]))
      collect(changes, `${pointer}/${escaped(key)}`, {
        left: own(left, key),
        right: own(right, key),
      });
  } else if (canonicalJson(left) !== canonicalJson(right)) {
    changes.push({ pointer, kind: 'changed', before: left, after: right });
  }
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
