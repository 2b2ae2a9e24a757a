import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { describeSkipped, scanInputShape, scanTextFiles } from '../workspace/scan-files.ts';
import { compareText, skippedSchema, type Skipped } from '../workspace/walk.ts';
import { functionMetricsSchema, type FunctionMetrics } from './function-metrics.ts';
import { isProgram, isScript, languageOf } from './source-language.ts';

const input = z.strictObject({
  ...scanInputShape,
  complexity_max: z.int().min(2).max(200).default(15),
  function_lines_max: z.int().min(10).max(2000).default(80),
  file_lines_max: z.int().min(50).max(20_000).default(600),
  nesting_max: z.int().min(2).max(20).default(5),
  parameters_max: z.int().min(2).max(30).default(6),
});
type Input = z.output<typeof input>;

const output = z.object({
  languages: z.array(
    z.object({
      language: z.string(),
      files: z.int(),
      lines: z.int(),
      code_lines: z.int(),
      blank_lines: z.int(),
      comment_lines: z.int(),
    }),
  ),
  total: z.object({ files: z.int(), lines: z.int(), code_lines: z.int(), functions: z.int() }),
  complexity: z.object({
    mean: z.number().nullable(),
    p95: z.int().nullable(),
    max: z.int().nullable(),
  }),
  most_complex: z.array(functionMetricsSchema),
  longest_files: z.array(z.object({ path: z.string(), lines: z.int() })),
  skipped: skippedSchema,
});

interface LineCounts {
  lines: number;
  code_lines: number;
  blank_lines: number;
  comment_lines: number;
}

/** Counts lines; a comment line is one that starts as a comment or lies inside a block comment. */
function countLines(text: string): LineCounts {
  const counts: LineCounts = { lines: 0, code_lines: 0, blank_lines: 0, comment_lines: 0 };
  let inBlock = false;
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  for (const line of lines) {
    const trimmed = line.trim();
    counts.lines += 1;
    if (trimmed === '') counts.blank_lines += 1;
    else if (inBlock || /^(?:\/\/|\/\*|#(?!!)|--\s)/.test(trimmed)) counts.comment_lines += 1;
    else counts.code_lines += 1;
    if (trimmed.startsWith('/*')) inBlock = true;
    if (trimmed.includes('*/')) inBlock = false;
  }
  return counts;
}

/** The limits of a function: which measure, which rule it breaks, and what to do about it. */
const LIMITS = [
  {
    rule: 'complex_function',
    measure: 'complexity',
    limit: 'complexity_max',
    what: 'a cyclomatic complexity of',
    fix: 'Split it by decision, or replace branches by a table.',
  },
  {
    rule: 'long_function',
    measure: 'own_lines',
    limit: 'function_lines_max',
    what: 'a length in lines (without inner functions) of',
    fix: 'Take out named steps.',
  },
  {
    rule: 'deep_nesting',
    measure: 'nesting',
    limit: 'nesting_max',
    what: 'a nesting depth of',
    fix: 'Return early, or take out the inner part.',
  },
  {
    rule: 'many_parameters',
    measure: 'parameters',
    limit: 'parameters_max',
    what: 'a number of parameters of',
    fix: 'Pass one object.',
  },
] as const;

function findingsOf(fn: FunctionMetrics, limits: Input): Finding[] {
  return LIMITS.filter((entry) => fn[entry.measure] > limits[entry.limit]).map((entry) => ({
    rule: `code.${entry.rule}`,
    severity: fn[entry.measure] >= limits[entry.limit] * 2 ? 'high' : 'medium',
    message: `Function ${fn.name} has ${entry.what} ${fn[entry.measure]}; the limit is ${limits[entry.limit]}.`,
    location: { path: fn.path, line: fn.line, end_line: fn.end_line },
    evidence: `complexity ${fn.complexity}, ${fn.lines} lines, nesting ${fn.nesting}, ${fn.parameters} parameters`,
    fix: entry.fix,
    tool: 'code_metrics',
  }));
}

function longFile(path: string, counts: LineCounts, limit: number): Finding[] {
  if (counts.lines <= limit) return [];
  return [
    {
      rule: 'code.long_file',
      severity: 'low',
      message: `The file has ${counts.lines} lines; the limit is ${limit}.`,
      location: { path, line: 1 },
      evidence: `${counts.code_lines} lines of code`,
      fix: 'Split it by responsibility.',
      tool: 'code_metrics',
    },
  ];
}

function statistics(functions: readonly FunctionMetrics[]): z.output<typeof output>['complexity'] {
  if (functions.length === 0) return { mean: null, p95: null, max: null };
  const values = functions.map((fn) => fn.complexity).toSorted((a, b) => a - b);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    mean: Math.round(mean * 100) / 100,
    p95: values[Math.ceil(values.length * 0.95) - 1] ?? null,
    max: values.at(-1) ?? null,
  };
}

function byComplexity(a: FunctionMetrics, b: FunctionMetrics): number {
  return (
    b.complexity - a.complexity ||
    b.lines - a.lines ||
    (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1)
  );
}

type LanguageRow = z.output<typeof output>['languages'][number];

/** What is gathered while files pass by. */
interface Gathered {
  languages: Map<string, LanguageRow>;
  functions: FunctionMetrics[];
  files: { path: string; lines: number }[];
  findings: Finding[];
}

function addFile(gathered: Gathered, language: string, counts: LineCounts): void {
  const row = gathered.languages.get(language) ?? {
    language,
    files: 0,
    lines: 0,
    code_lines: 0,
    blank_lines: 0,
    comment_lines: 0,
  };
  row.files += 1;
  for (const key of ['lines', 'code_lines', 'blank_lines', 'comment_lines'] as const) {
    row[key] += counts[key];
  }
  gathered.languages.set(language, row);
}

type Measure = (path: string, text: string) => FunctionMetrics[];

/** How functions of a file are measured; nothing for languages that only count lines. */
async function loadMeasures(): Promise<(path: string) => Measure> {
  const [{ measureScript }, { measurePython }] = await Promise.all([
    import('./measure-script.ts'),
    import('./measure-python.ts'),
  ]);
  return (path) => {
    if (isScript(path)) return measureScript;
    return languageOf(path) === 'Python' ? measurePython : () => [];
  };
}

function toOutput(gathered: Gathered, skipped: Skipped): z.output<typeof output> {
  const languages = [...gathered.languages.values()].toSorted(
    (a, b) => b.code_lines - a.code_lines || compareText(a.language, b.language),
  );
  const sum = (key: 'files' | 'lines' | 'code_lines') =>
    languages.reduce((total, row) => total + row[key], 0);
  return {
    languages,
    total: {
      files: sum('files'),
      lines: sum('lines'),
      code_lines: sum('code_lines'),
      functions: gathered.functions.length,
    },
    complexity: statistics(gathered.functions),
    most_complex: gathered.functions.toSorted(byComplexity).slice(0, 20),
    longest_files: gathered.files
      .toSorted((a, b) => b.lines - a.lines || compareText(a.path, b.path))
      .slice(0, 20),
    skipped,
  };
}

export const codeMetrics = defineTool({
  name: 'code_metrics',
  title: 'Code metrics',
  description:
    'Measures size, cyclomatic complexity and nesting of files and functions (JavaScript and TypeScript by syntax tree, Python by estimate) and reports what is over the limits.',
  group: 'code',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 240_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['complexity', 'size', 'lines of code', 'maintainability', 'quality'],
  async run(request, env) {
    const measureOf = await loadMeasures();
    const gathered: Gathered = { languages: new Map(), functions: [], files: [], findings: [] };
    const scan = await scanTextFiles(request, env, {
      wants: (file) => languageOf(file.path) !== undefined,
      skipGenerated: true,
      onFile({ path, text }) {
        const counts = countLines(text);
        addFile(gathered, languageOf(path) ?? '', counts);
        if (!isProgram(path)) return;
        const functions = measureOf(path)(path, text);
        gathered.files.push({ path, lines: counts.lines });
        gathered.functions.push(...functions);
        gathered.findings.push(...longFile(path, counts, request.file_lines_max));
        gathered.findings.push(...functions.flatMap((fn) => findingsOf(fn, request)));
      },
    });
    const measured = toOutput(gathered, scan.skipped);
    const { total, complexity } = measured;
    return {
      output: measured,
      summary: `${total.files} files, ${total.code_lines} lines of code, ${total.functions} functions; complexity mean ${complexity.mean ?? 'unknown'}, highest ${complexity.max ?? 'unknown'}; ${gathered.findings.length} over a limit.${describeSkipped(scan.skipped)}`,
      findings: gathered.findings,
    };
  },
});
