import { median } from 'simple-statistics';
import {
  association,
  fitLine,
  kruskal,
  mannKendall,
  type LineFit,
  type TestResult,
} from './compare-groups.ts';
import { holm } from './distributions.ts';
import { numbersBy, numbersOf, type LoadedColumn, type LoadedTable } from './load-table.ts';

/** A relation between columns that was tested. */
export interface Tested {
  columns: [string, string];
  result: TestResult;
  /** Of all tests of its kind on this table. */
  p_adjusted: number;
  /** Significant, and large enough to matter. */
  notable: boolean;
  /** In words and figures. */
  says: string;
}

const P_MAX = 0.01;
const TREND_POINTS_MAX = 1500;
const EFFECT_MIN: Readonly<Record<string, number>> = {
  'epsilon²': 0.06,
  "Cramér's V": 0.3,
  'R²': 0.13,
  "Kendall's tau": 0.3,
};

export function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function judge(tests: readonly Omit<Tested, 'p_adjusted' | 'notable'>[]): Tested[] {
  const adjusted = holm(tests.map(({ result }) => result.p));
  return tests.map((test, index) => {
    const p = adjusted[index] ?? 1;
    return {
      ...test,
      p_adjusted: p,
      notable: p < P_MAX && test.result.effect >= (EFFECT_MIN[test.result.effect_name] ?? 0),
    };
  });
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function byGroups(
  numbers: LoadedColumn,
  groups: LoadedColumn,
): Omit<Tested, 'p_adjusted' | 'notable'>[] {
  const lists = [...numbersBy(numbers, groups)]
    .filter(([, list]) => list.length >= 5)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const result = kruskal(lists.map(([, list]) => list));
  if (result === null) return [];
  const middles = lists
    .map(([name, list]) => `${name} ${figure(median(list))} (${list.length})`)
    .join(', ');
  return [
    {
      columns: [numbers.name, groups.name],
      result,
      says: `medians by ${groups.name}: ${middles}`,
    },
  ];
}

function byCategories(
  column: LoadedColumn,
  target: LoadedColumn,
): Omit<Tested, 'p_adjusted' | 'notable'>[] {
  const pairs = column.cells.flatMap((cell, index): [string, string][] => {
    const other = target.cells[index] ?? null;
    return cell === null || cell === '' || other === null || other === ''
      ? []
      : [[String(cell), String(other)]];
  });
  const result = association(pairs);
  return result === null
    ? []
    : [{ columns: [column.name, target.name], result, says: `${pairs.length} rows` }];
}

function byNumbers(
  column: LoadedColumn,
  target: LoadedColumn,
  confidence: number,
): Omit<Tested, 'p_adjusted' | 'notable'>[] {
  const rows = column.cells.flatMap((cell, index): [number, number][] => {
    const other = target.cells[index];
    return typeof cell === 'number' && typeof other === 'number' ? [[cell, other]] : [];
  });
  const fit = fitLine(
    rows.map(([x]) => x),
    rows.map(([, y]) => y),
    confidence,
  );
  return fit === null
    ? []
    : [
        {
          columns: [column.name, target.name],
          result: fit,
          says: lineWords(fit, column.name, target.name),
        },
      ];
}

function lineWords(
  { slope, slope_low: low, slope_high: high, rows }: LineFit,
  x: string,
  y: string,
): string {
  return `${y} changes by ${figure(slope)} (${figure(low)} to ${figure(high)}) per unit of ${x}, ${rows} rows`;
}

/** How each column goes together with the target. */
export function againstTarget(
  { columns }: LoadedTable,
  target: LoadedColumn,
  confidence: number,
): Tested[] {
  const others = columns.filter((column) => column !== target);
  if (target.kind === 'number')
    return judge(
      others.flatMap((column) =>
        column.kind === 'number'
          ? byNumbers(column, target, confidence)
          : column.kind === 'category'
            ? byGroups(target, column)
            : [],
      ),
    );
  return judge(
    others.flatMap((column) =>
      column.kind === 'number'
        ? byGroups(column, target)
        : column.kind === 'category'
          ? byCategories(column, target)
          : [],
    ),
  );
}

/** Whether values lack by chance: of each column that lacks some, what the rows without it have in common. */
export function missingPatterns({ columns, rows }: LoadedTable): Tested[] {
  const lacking = columns.filter(({ missing }) => missing >= 10 && rows - missing >= 10);
  return judge(
    lacking.flatMap((column) => {
      const isMissing: LoadedColumn = {
        name: column.name,
        kind: 'category',
        missing: 0,
        cells: column.cells.map((cell) => (cell === null || cell === '' ? 'missing' : 'present')),
      };
      return columns
        .filter((other) => other !== column)
        .flatMap((other) =>
          other.kind === 'number'
            ? byGroups(other, isMissing)
            : other.kind === 'category'
              ? byCategories(other, isMissing)
              : [],
        )
        .map(({ columns: [other], ...rest }) => ({
          ...rest,
          columns: [column.name, other] as [string, string],
        }));
    }),
  );
}

/** Numbers that rise or fall with time. */
export function trends({ columns }: LoadedTable): Tested[] {
  const time = columns.find(({ kind }) => kind === 'time');
  if (time === undefined) return [];
  const order = time.cells
    .map((cell, index) => ({ at: typeof cell === 'string' ? Date.parse(cell) : Number.NaN, index }))
    .filter(({ at }) => !Number.isNaN(at))
    .toSorted((a, b) => a.at - b.at);
  const numbers = columns.filter(
    (column) => column.kind === 'number' && new Set(numbersOf(column)).size > 10,
  );
  return judge(
    numbers.flatMap((column) => {
      const ordered = order.flatMap(({ index }) => {
        const cell = column.cells[index];
        return typeof cell === 'number' ? [cell] : [];
      });
      // Keys count up with time by nature.
      if (/(?:^|_)(?:id|key|no|number)$/i.test(column.name)) return [];
      const step = Math.ceil(ordered.length / TREND_POINTS_MAX);
      const result = mannKendall(ordered.filter((_, index) => index % step === 0));
      if (result === null) return [];
      const third = Math.floor(ordered.length / 3);
      const says = `mean of the first third ${figure(meanOf(ordered.slice(0, third)))}, of the last ${figure(meanOf(ordered.slice(-third)))}`;
      return [{ columns: [column.name, time.name] as [string, string], result, says }];
    }),
  );
}
