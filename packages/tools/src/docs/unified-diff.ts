const CONTEXT = 3;
/** Beyond this many pairs of differing lines a whole replacement is told instead of the smallest difference. */
const CELLS_MAX = 9_000_000;

type Step = { kind: ' ' | '-' | '+'; line: string };

/** Lines of a text; the last one may lack its line break. */
function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  return last === '' ? lines : [...lines, `${last}\n\\ No newline at end of file`];
}

/** Longest common part of two lists of lines, as steps. */
function compareMiddle(before: readonly string[], after: readonly string[]): Step[] {
  const removed = (): Step[] => before.map((line) => ({ kind: '-', line }));
  const added = (): Step[] => after.map((line) => ({ kind: '+', line }));
  if (before.length === 0 || after.length === 0 || before.length * after.length > CELLS_MAX)
    return [...removed(), ...added()];
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i -= 1)
    for (let j = after.length - 1; j >= 0; j -= 1)
      common[i * width + j] =
        before[i] === after[j]
          ? (common[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
  const steps: Step[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const left = before[i];
    const right = after[j];
    if (left !== undefined && left === right) {
      steps.push({ kind: ' ', line: left });
      i += 1;
      j += 1;
    } else if (
      right === undefined ||
      (left !== undefined && (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))
    ) {
      steps.push({ kind: '-', line: left ?? '' });
      i += 1;
    } else {
      steps.push({ kind: '+', line: right });
      j += 1;
    }
  }
  return steps;
}

function stepsBetween(before: readonly string[], after: readonly string[]): Step[] {
  let head = 0;
  while (head < before.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  )
    tail += 1;
  const same = (lines: readonly string[]): Step[] => lines.map((line) => ({ kind: ' ', line }));
  return [
    ...same(before.slice(0, head)),
    ...compareMiddle(
      before.slice(head, before.length - tail),
      after.slice(head, after.length - tail),
    ),
    ...same(before.slice(before.length - tail)),
  ];
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
  const steps = stepsBetween(linesOf(before ?? ''), linesOf(after));
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
