import { diffLines } from '@automatos/kernel';

const CONTEXT = 3;

interface Step {
  kind: ' ' | '-' | '+';
  line: string;
}

/** Lines of a text without their breaks; the last one says when it has none. */
function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  return last === '' ? lines : [...lines, `${last}\n\\ No newline at end of file`];
}

const bare = (text: string): string => text.replace(/\n$/, '');

function stepsBetween(before: string, after: string): Step[] {
  const left = linesOf(before);
  const right = linesOf(after);
  const removed = (line: string): Step => ({ kind: '-', line });
  const added = (line: string): Step => ({ kind: '+', line });
  // A text of one empty line and an empty text are the same without their breaks.
  if (bare(before) === '' || bare(after) === '') return [...left.map(removed), ...right.map(added)];
  return diffLines(bare(before), bare(after)).flatMap(({ left_line: from, right_line: to }) => {
    const old = from === null ? undefined : left[from - 1];
    const fresh = to === null ? undefined : right[to - 1];
    if (old !== undefined && old === fresh) return [{ kind: ' ' as const, line: old }];
    return [
      ...(old === undefined ? [] : [removed(old)]),
      ...(fresh === undefined ? [] : [added(fresh)]),
    ];
  });
}

/** Start and end of each group of changes with the lines around it. */
function hunksOf(steps: readonly Step[]): [number, number][] {
  const hunks: [number, number][] = [];
  for (const [index, step] of steps.entries()) {
    if (step.kind === ' ') continue;
    const from = Math.max(0, index - CONTEXT);
    const to = Math.min(steps.length, index + CONTEXT + 1);
    const last = hunks.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = to;
    else hunks.push([from, to]);
  }
  return hunks;
}

/**
 * The difference of two texts in the form that `git apply` and `patch` read; empty when they are equal. `before` null means a new
 * file.
 */
export function unifiedDiff(path: string, before: string | null, after: string): string {
  if (before === after) return '';
  const steps = stepsBetween(before ?? '', after);
  const head = [`--- ${before === null ? '/dev/null' : `a/${path}`}`, `+++ b/${path}`];
  const body = hunksOf(steps).flatMap(([from, to]) => {
    const count = (kinds: string, upTo: readonly Step[]) =>
      upTo.filter(({ kind }) => kinds.includes(kind)).length;
    const above = steps.slice(0, from);
    const within = steps.slice(from, to);
    const range = (kinds: string) => {
      const length = count(kinds, within);
      return `${count(kinds, above) + (length === 0 ? 0 : 1)},${length}`;
    };
    return [
      `@@ -${range(' -')} +${range(' +')} @@`,
      ...within.map(({ kind, line }) => `${kind}${line}`),
    ];
  });
  return `${[...head, ...body].join('\n')}\n`;
}
