import type { Finding } from '@automatos/contracts';
import { quantileSorted } from 'simple-statistics';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { round } from './column-statistics.ts';
import { dataPathSchema } from './data-profile.ts';
import { chooseColumns, loadNumericColumns } from './load-columns.ts';
import { placeOf, requireDataFile } from './open-data.ts';

const input = z.strictObject({
  path: dataPathSchema,
  columns: z.array(z.string().max(200)).max(50).optional(),
  method: z.enum(['robust_z', 'iqr']).default('robust_z'),
  threshold: z
    .number()
    .min(1)
    .max(20)
    .optional()
    .describe('robust z (default 3.5) or multiples of the quartile range (default 3)'),
  limit: z.int().min(1).max(1000).default(100).describe('Most outliers to list per column'),
  rows_max: z.int().min(1).max(1_000_000).default(500_000),
});
const outlier = z.object({ line: z.int(), row: z.int(), value: z.number(), score: z.number() });
const output = z.object({
  rows: z.int(),
  rows_cut: z.boolean(),
  method: z.string(),
  threshold: z.number(),
  columns: z.array(
    z.object({
      name: z.string(),
      median: z.number(),
      spread: z.number(),
      outliers_total: z.int(),
      outliers: z.array(outlier),
    }),
  ),
});

interface Judge {
  median: number;
  spread: number;
  score(value: number): number;
}

/** Distance in robust standard deviations: median and median deviation are not moved by the outliers themselves. */
function robustZ(sorted: readonly number[]): Judge {
  const values = [...sorted];
  const median = quantileSorted(values, 0.5);
  const deviations = values.map((value) => Math.abs(value - median)).toSorted((a, b) => a - b);
  const mad = quantileSorted(deviations, 0.5);
  // When more than half of the values are equal the median deviation is 0; the mean deviation still separates.
  const spread =
    mad > 0
      ? mad * 1.4826
      : (deviations.reduce((sum, value) => sum + value, 0) / deviations.length) * 1.2533;
  return {
    median,
    spread,
    score: (value) => (spread === 0 ? 0 : Math.abs(value - median) / spread),
  };
}

/** Distance beyond the nearer quartile, in quartile ranges. */
function quartiles(sorted: readonly number[]): Judge {
  const values = [...sorted];
  const low = quantileSorted(values, 0.25);
  const high = quantileSorted(values, 0.75);
  const spread = high - low;
  return {
    median: quantileSorted(values, 0.5),
    spread,
    score: (value) => (spread === 0 ? 0 : Math.max(low - value, value - high, 0) / spread),
  };
}

export const dataOutliers = defineTool({
  name: 'data_outliers',
  title: 'Outliers',
  description:
    'Finds unusual numbers in the columns of a data file by robust z score or quartile range, with line numbers.',
  group: 'data',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 180_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['anomaly', 'extreme', 'csv'],
  async run(request, env) {
    const file = await requireDataFile(request.path, env);
    const table = await loadNumericColumns(file, request.rows_max, env);
    const threshold = request.threshold ?? (request.method === 'iqr' ? 3 : 3.5);
    const findings: Finding[] = [];
    const columns = chooseColumns(table, request.columns).map(([name, values]) => {
      const judge = (request.method === 'iqr' ? quartiles : robustZ)(
        [...values].filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b),
      );
      const found = [...values.entries()]
        .filter(([, value]) => !Number.isNaN(value) && judge.score(value) > threshold)
        .map(([row, value]) => ({
          line: table.lines[row] ?? row + 1,
          row: row + 1,
          value,
          score: round(judge.score(value)),
        }))
        .toSorted((a, b) => b.score - a.score || a.row - b.row);
      for (const entry of found.slice(0, 20)) {
        findings.push({
          rule: 'data.outlier',
          severity: entry.score > threshold * 3 ? 'medium' : 'low',
          message: `${name} is ${entry.value}${file.format === 'parquet' ? ` in row ${entry.row}` : ''}, far from its median ${round(judge.median)}.`,
          location: placeOf(file, entry.line),
          evidence: `score ${entry.score} (limit ${threshold}, ${request.method})`,
          fix: 'Check it at its source; correct it, or keep it and use robust statistics.',
          tool: 'data_outliers',
        });
      }
      return {
        name,
        median: round(judge.median),
        spread: round(judge.spread),
        outliers_total: found.length,
        outliers: found.slice(0, request.limit),
      };
    });
    const total = columns.reduce((sum, column) => sum + column.outliers_total, 0);
    return {
      output: { rows: table.rows, rows_cut: table.cut, method: request.method, threshold, columns },
      summary: `${total} outliers in ${columns.filter((column) => column.outliers_total > 0).length} of ${columns.length} numeric columns (${table.rows} rows${table.cut ? ', cut' : ''}).`,
      findings,
      findingsTotal: total,
    };
  },
});
