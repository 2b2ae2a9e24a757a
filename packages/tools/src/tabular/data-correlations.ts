import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { round } from './column-statistics.ts';
import { dataPathSchema } from './data-profile.ts';
import { chooseColumns, loadNumericColumns } from './load-columns.ts';
import { requireDataFile } from './open-data.ts';

const COLUMNS_MAX = 40;

const input = z.strictObject({
  path: dataPathSchema,
  columns: z.array(z.string().max(200)).max(COLUMNS_MAX).optional(),
  minimum: z
    .number()
    .min(0)
    .max(1)
    .default(0.3)
    .describe('Leave out pairs whose stronger coefficient is below this'),
  rows_max: z.int().min(3).max(1_000_000).default(200_000),
});
const pair = z.object({
  a: z.string(),
  b: z.string(),
  rows: z.int(),
  pearson: z.number().nullable(),
  spearman: z.number().nullable(),
});
const output = z.object({
  rows: z.int(),
  rows_cut: z.boolean(),
  columns: z.array(z.string()),
  columns_left_out: z.int(),
  pairs: z.array(pair),
  pairs_compared: z.int(),
});

/** Linear correlation; null when one side does not vary. */
export function pearson(a: readonly number[], b: readonly number[]): number | null {
  const meanA = a.reduce((sum, value) => sum + value, 0) / a.length;
  const meanB = b.reduce((sum, value) => sum + value, 0) / b.length;
  let product = 0;
  let squareA = 0;
  let squareB = 0;
  for (const [index, value] of a.entries()) {
    const da = value - meanA;
    const db = (b[index] ?? 0) - meanB;
    product += da * db;
    squareA += da * da;
    squareB += db * db;
  }
  return squareA === 0 || squareB === 0 ? null : round(product / Math.sqrt(squareA * squareB));
}

/** Ranks from 1; equal values share the mean of their ranks. */
export function ranks(values: readonly number[]): number[] {
  const order = values
    .map((value, index) => ({ value, index }))
    .toSorted((x, y) => x.value - y.value);
  const result = Array.from<number>({ length: values.length });
  for (let start = 0; start < order.length;) {
    let end = start;
    while (end + 1 < order.length && order[end + 1]?.value === order[start]?.value) end += 1;
    for (let index = start; index <= end; index++)
      result[order[index]?.index ?? 0] = (start + end) / 2 + 1;
    start = end + 1;
  }
  return result;
}

function compare(
  a: Float64Array,
  b: Float64Array,
): { rows: number; pearson: number | null; spearman: number | null } {
  const left: number[] = [];
  const right: number[] = [];
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? Number.NaN;
    if (Number.isNaN(value) || Number.isNaN(other)) continue;
    left.push(value);
    right.push(other);
  }
  if (left.length < 3) return { rows: left.length, pearson: null, spearman: null };
  return {
    rows: left.length,
    pearson: pearson(left, right),
    spearman: pearson(ranks(left), ranks(right)),
  };
}

export const dataCorrelations = defineTool({
  name: 'data_correlations',
  title: 'Correlations',
  description:
    'Computes Pearson and Spearman coefficients between the numeric columns of a data file, strongest first.',
  group: 'data',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 180_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['relation', 'statistics', 'csv'],
  async run(request, env) {
    const file = await requireDataFile(request.path, env);
    const table = await loadNumericColumns(file, request.rows_max, env);
    const all = chooseColumns(table, request.columns);
    const columns = all.slice(0, COLUMNS_MAX);
    const pairs: z.output<typeof pair>[] = [];
    let compared = 0;
    for (const [index, [a, left]] of columns.entries()) {
      env.progress(`${a}`, index / columns.length);
      for (const [b, right] of columns.slice(index + 1)) {
        compared += 1;
        const result = compare(left, right);
        if (
          Math.max(Math.abs(result.pearson ?? 0), Math.abs(result.spearman ?? 0)) >= request.minimum
        )
          pairs.push({ a, b, ...result });
      }
    }
    const strength = (entry: { pearson: number | null; spearman: number | null }) =>
      Math.max(Math.abs(entry.pearson ?? 0), Math.abs(entry.spearman ?? 0));
    pairs.sort((x, y) => strength(y) - strength(x) || (x.a + x.b < y.a + y.b ? -1 : 1));
    const first = pairs[0];
    return {
      output: {
        rows: table.rows,
        rows_cut: table.cut,
        columns: columns.map(([name]) => name),
        columns_left_out: all.length - columns.length,
        pairs: pairs.slice(0, 200),
        pairs_compared: compared,
      },
      summary: `${pairs.length} of ${compared} pairs of numeric columns correlate at ${request.minimum} or more${first === undefined ? '' : `; strongest: ${first.a} and ${first.b} (${first.spearman ?? first.pearson})`}. Correlation is no cause.`,
    };
  },
});
