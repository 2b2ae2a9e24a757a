import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { meanInterval, shapeOf } from './compare-groups.ts';
import { againstTarget, figure, missingPatterns, trends, type Tested } from './examine-table.ts';
import { loadTable, numbersOf, type LoadedColumn, type LoadedTable } from './load-table.ts';
import { listDataFiles } from './open-data.ts';
import { dataFilesSchema, FILES_MAX } from './sql-query.ts';

const input = z.strictObject({
  files: dataFilesSchema,
  target_column: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Column whose groups are compared, or whose numbers the others shall explain'),
  confidence: z.number().min(0.5).max(0.999).default(0.95),
  rows_max: z.int().min(10).max(500_000).default(200_000),
});
const tested = z.object({
  columns: z.array(z.string()),
  test: z.string(),
  statistic: z.number(),
  p: z.number(),
  p_adjusted: z.number(),
  effect: z.number(),
  effect_name: z.string(),
  notable: z.boolean(),
  says: z.string(),
});
const output = z.object({
  files: z.array(
    z.object({
      path: z.string(),
      rows: z.int(),
      rows_cut: z.boolean(),
      numbers: z.array(
        z.object({
          name: z.string(),
          count: z.int(),
          mean: z.number(),
          mean_low: z.number(),
          mean_high: z.number(),
          skewness: z.number().nullable(),
          kurtosis: z.number().nullable(),
          p_normal: z.number().nullable(),
        }),
      ),
      target: z.array(tested),
      missing: z.array(tested),
      trends: z.array(tested),
    }),
  ),
  confidence: z.number(),
});
type Report = z.output<typeof output>['files'][number];

function short(value: number): number {
  return Number(value.toPrecision(6));
}

function toRow({ columns, result, p_adjusted, notable, says }: Tested): z.output<typeof tested> {
  const { test, statistic, p, effect, effect_name } = result;
  return {
    columns,
    test,
    statistic: short(statistic),
    p: short(p),
    p_adjusted: short(p_adjusted),
    effect: short(effect),
    effect_name,
    notable,
    says,
  };
}

function describeNumbers(column: LoadedColumn, confidence: number): Report['numbers'] {
  const values = numbersOf(column);
  const interval = meanInterval(values, confidence);
  if (interval === null) return [];
  const shape = shapeOf(values);
  return [
    {
      name: column.name,
      count: values.length,
      mean: short(interval.mean),
      mean_low: short(interval.low),
      mean_high: short(interval.high),
      skewness: shape === null ? null : short(shape.skewness),
      kurtosis: shape === null ? null : short(shape.kurtosis),
      p_normal: shape === null ? null : short(shape.p_normal),
    },
  ];
}

const WORDS = {
  target: {
    rule: 'data.group_difference',
    severity: 'info',
    message: (a: string, b: string) => `"${a}" differs with "${b}".`,
    fix: 'Look for what else differs between these rows before taking it for a cause.',
  },
  predictor: {
    rule: 'data.predictor',
    severity: 'info',
    message: (a: string, b: string) => `"${a}" goes together with "${b}".`,
    fix: 'A relation is no cause; look for what could explain both.',
  },
  missing: {
    rule: 'data.missing_not_random',
    severity: 'medium',
    message: (a: string, b: string) =>
      `Values of "${a}" are not missing by chance: it depends on "${b}".`,
    fix: 'Do not just drop or average these rows: every figure of the rest is biased.',
  },
  trend: {
    rule: 'data.trend',
    severity: 'info',
    message: (a: string, b: string) => `"${a}" changes steadily with "${b}".`,
    fix: 'Compare like times with like, or take the trend out first.',
  },
} as const;

function toFindings(
  tests: readonly Tested[],
  kind: keyof typeof WORDS,
  table: LoadedTable,
): Finding[] {
  const words = WORDS[kind];
  return tests
    .filter(({ notable }) => notable)
    .map(({ columns: [a, b], result, p_adjusted, says }) => ({
      rule: words.rule,
      severity: words.severity,
      message: `${words.message(a, b)} ${says}.`,
      location: { path: table.file.path },
      evidence: `${result.test}: p ${p_adjusted < 1e-12 ? 'below 1e-12' : figure(p_adjusted)} (corrected), ${result.effect_name} ${figure(result.effect)}, ${table.rows} rows`,
      fix: words.fix,
      tool: 'data_statistics',
    }));
}

function examine(
  table: LoadedTable,
  target: LoadedColumn | undefined,
  confidence: number,
): { report: Report; findings: Finding[] } {
  const compared = target === undefined ? [] : againstTarget(table, target, confidence);
  const missing = missingPatterns(table);
  const steady = trends(table);
  const numbers = table.columns
    .filter(({ kind }) => kind === 'number')
    .flatMap((column) => describeNumbers(column, confidence));
  return {
    report: {
      path: table.file.path,
      rows: table.rows,
      rows_cut: table.cut,
      numbers,
      target: compared.map(toRow),
      missing: missing.map(toRow),
      trends: steady.map(toRow),
    },
    findings: [
      ...toFindings(compared, target?.kind === 'number' ? 'predictor' : 'target', table),
      ...toFindings(missing, 'missing', table),
      ...toFindings(steady, 'trend', table),
    ],
  };
}

export const dataStatistics = defineTool({
  name: 'data_statistics',
  title: 'Statistics',
  description:
    'Tests data files: means with confidence intervals, shape of distributions, differences between the groups of a target column (or what explains its numbers), whether values are missing by chance, trends over time; corrected for many tests, with effect sizes.',
  group: 'data',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 180_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['hypothesis test', 'regression', 'confidence interval', 'anova', 'significance'],
  async run(request, env) {
    const files = await listDataFiles(request.files, env, FILES_MAX);
    const reports: Report[] = [];
    const findings: Finding[] = [];
    const names = new Set<string>();
    let found = false;
    for (const file of files) {
      const table = await loadTable(file, request.rows_max, env);
      for (const { name } of table.columns) names.add(name);
      const target = table.columns.find(({ name }) => name === request.target_column);
      found ||= target !== undefined;
      const examined = examine(table, target, request.confidence);
      reports.push(examined.report);
      findings.push(...examined.findings);
    }
    if (request.target_column !== undefined && !found)
      throw toolError(
        'tools.data.column_not_found',
        'invalid-input',
        `No file has a column "${request.target_column}"; there are: ${[...names].slice(0, 50).join(', ')}.`,
      );
    const tests = reports.reduce(
      (sum, { target, missing, trends: steady }) =>
        sum + target.length + missing.length + steady.length,
      0,
    );
    return {
      output: { files: reports, confidence: request.confidence },
      summary: `${tests} tests on ${reports.length} files (${reports.map(({ path, rows }) => `${path} ${rows} rows`).join(', ')}): ${findings.length} are significant at 1 % after correction and large enough to matter.`,
      findings,
    };
  },
});
