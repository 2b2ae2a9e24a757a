import { z } from 'zod';
import { defineTool, type ToolArtifact } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { drawChart, toHistogram, type ChartSpec } from './draw-chart.ts';
import {
  loadTable,
  numbersBy,
  numbersOf,
  type LoadedColumn,
  type LoadedTable,
} from './load-table.ts';
import { listDataFiles } from './open-data.ts';
import { dataFilesSchema, FILES_MAX } from './sql-query.ts';

const SIZE = { width: 720, height: 400 };
const BARS_MAX = 20;
const POINTS_MAX = 60;

const input = z.strictObject({
  files: dataFilesSchema,
  columns: z.array(z.string().max(200)).max(30).optional().describe('Only these columns'),
  target_column: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Column by whose groups the numbers are drawn'),
  charts_max: z.int().min(1).max(24).default(8),
});
const output = z.object({
  charts: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      kind: z.enum(['bar', 'line', 'histogram']),
      path: z.string(),
      points: z.int(),
    }),
  ),
  /** Charts that the columns would also give, beyond the limit. */
  left_out: z.int(),
});

type Draft = Pick<ChartSpec, 'kind' | 'title' | 'labels' | 'xLabel' | 'yLabel'> & {
  values: number[];
};

type RankedDraft = Draft & { rank: number; path: string };

function histogram(column: LoadedColumn): Draft[] {
  const values = numbersOf(column);
  if (new Set(values).size < 5) return [];
  const { labels, counts } = toHistogram(values, undefined);
  return [
    {
      kind: 'histogram',
      title: `Distribution of ${column.name}`,
      labels,
      values: counts,
      xLabel: column.name,
      yLabel: 'rows',
    },
  ];
}

function categories(column: LoadedColumn): Draft[] {
  const counts = new Map<string, number>();
  for (const cell of column.cells)
    if (cell !== null && cell !== '') counts.set(String(cell), (counts.get(String(cell)) ?? 0) + 1);
  const top = [...counts]
    .toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, BARS_MAX);
  return [
    {
      kind: 'bar',
      title: `Rows by ${column.name}`,
      labels: top.map(([name]) => name),
      values: top.map(([, count]) => count),
      xLabel: column.name,
      yLabel: 'rows',
    },
  ];
}

function meansBy(column: LoadedColumn, target: LoadedColumn): Draft[] {
  const groups = [...numbersBy(column, target)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, BARS_MAX);
  if (groups.length < 2) return [];
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  return [
    {
      kind: 'bar',
      title: `Mean of ${column.name} by ${target.name}`,
      labels: groups.map(([name]) => name),
      values: groups.map(([, values]) => mean(values)),
      xLabel: target.name,
      yLabel: `mean of ${column.name}`,
    },
  ];
}

function overTime(column: LoadedColumn, time: LoadedColumn): Draft[] {
  // By day while that gives few points, else by month.
  const sums = (length: number) => {
    const found = new Map<string, { sum: number; count: number }>();
    for (const [index, cell] of column.cells.entries()) {
      const at = time.cells[index];
      if (typeof cell !== 'number' || typeof at !== 'string') continue;
      const entry = found.get(at.slice(0, length)) ?? { sum: 0, count: 0 };
      found.set(at.slice(0, length), { sum: entry.sum + cell, count: entry.count + 1 });
    }
    return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1));
  };
  const daily = sums(10);
  const points = daily.length <= POINTS_MAX ? daily : sums(7);
  if (points.length < 3) return [];
  return [
    {
      kind: 'line',
      title: `Mean of ${column.name} over time`,
      labels: points.map(([day]) => day),
      values: points.map(([, { sum, count }]) => sum / count),
      xLabel: time.name,
      yLabel: `mean of ${column.name}`,
    },
  ];
}

function missing({ columns, file }: LoadedTable): Draft[] {
  const lacking = columns.filter((column) => column.missing > 0).slice(0, BARS_MAX);
  return lacking.length === 0
    ? []
    : [
        {
          kind: 'bar',
          title: `Missing values of ${file.path}`,
          labels: lacking.map(({ name }) => name),
          values: lacking.map((column) => column.missing),
          xLabel: 'column',
          yLabel: 'rows',
        },
      ];
}

function isKey({ name, cells }: LoadedColumn): boolean {
  return (
    /(?:^|_)(?:id|key|uuid|no|number)$/i.test(name) ||
    (new Set(cells).size === cells.length && cells.every((cell) => Number.isInteger(cell)))
  );
}

/** What is worth drawing of a table, by rank: what concerns the target, then time, what is missing, numbers, categories. */
function draftsOf(
  table: LoadedTable,
  wanted: readonly string[] | undefined,
  targetName: string | undefined,
): RankedDraft[] {
  const columns = table.columns.filter((column) =>
    wanted === undefined ? !isKey(column) : wanted.includes(column.name),
  );
  const numbers = columns.filter(({ kind }) => kind === 'number');
  const target = table.columns.find(({ name, kind }) => name === targetName && kind === 'category');
  const time = table.columns.find(({ kind }) => kind === 'time');
  const ranked = [
    target === undefined ? [] : numbers.flatMap((column) => meansBy(column, target)),
    time === undefined ? [] : numbers.slice(0, 2).flatMap((column) => overTime(column, time)),
    missing(table),
    numbers.flatMap(histogram),
    columns.filter(({ kind }) => kind === 'category').flatMap(categories),
  ];
  return ranked.flatMap((drafts, rank) =>
    drafts.map((draft) => ({ ...draft, rank, path: table.file.path })),
  );
}

export const dataCharts = defineTool({
  name: 'data_charts',
  title: 'Charts of a data file',
  description:
    'Draws what matters of data files as SVG: means by the groups of a target column, numbers over time, missing values, distributions and categories.',
  group: 'data',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['plot', 'graph', 'visualisation', 'svg', 'histogram'],
  async run(request, env) {
    const files = await listDataFiles(request.files, env, FILES_MAX);
    const found: RankedDraft[] = [];
    for (const file of files)
      found.push(
        ...draftsOf(await loadTable(file, 200_000, env), request.columns, request.target_column),
      );
    const drafts = found.toSorted((a, b) => a.rank - b.rank);
    if (drafts.length === 0)
      throw toolError(
        'tools.chart.no_points',
        'invalid-input',
        'The files (or the columns named) have nothing that can be drawn: no numbers, groups or missing values.',
      );
    const drawn = drafts
      .slice(0, request.charts_max)
      .map((draft, index) => ({ draft, name: `chart-${index + 1}.svg` }));
    const artifacts: ToolArtifact[] = drawn.map(
      ({ name, draft: { values, kind, title, labels, xLabel, yLabel } }) => ({
        name,
        title,
        contentType: 'image/svg+xml',
        content: drawChart({
          kind,
          title,
          labels,
          xLabel,
          yLabel,
          ...SIZE,
          series: [{ name: yLabel, values }],
        }),
      }),
    );
    return {
      output: {
        charts: drawn.map(({ name, draft }) => ({
          name,
          title: draft.title,
          kind: draft.kind,
          path: draft.path,
          points: draft.values.length,
        })),
        left_out: drafts.length - drawn.length,
      },
      summary:
        `Drew ${drawn.length} charts of ${files.length} files${drafts.length > drawn.length ? `; ${drafts.length - drawn.length} more are possible` : ''}: ${drawn.map(({ draft }) => draft.title).join('; ')}.`.slice(
          0,
          1500,
        ),
      artifacts,
    };
  },
});
