import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { describeSkipped, scanInputShape, scanTextFiles } from '../workspace/scan-files.ts';
import { skippedSchema } from '../workspace/walk.ts';
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
  languages: z.array(z.object({ language: z.string(), files: z.int(), lines: z.int(), code_lines: z.int(), blank_lines: z.int(), comment_lines: z.int() })),
  total: z.object({ files: z.int(), lines: z.int(), code_lines: z.int(), functions: z.int() }),
  complexity: z.object({ mean: z.number().nullable(), p95: z.int().nullable(), max: z.int().nullable() }),
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

function overLimit(rule: string, fn: FunctionMetrics, about: { what: string; value: number; limit: number; fix: string }): Finding {
  return {
    rule: `code.${rule}`,
    severity: about.value >= about.limit * 2 ? 'high' : 'medium',
    message: `Function ${fn.name} has ${about.what} ${about.value}; the limit is ${about.limit}.`,
    location: { path: fn.path, line: fn.line, end_line: fn.end_line },
    evidence: `complexity ${fn.complexity}, ${fn.lines} lines, nesting ${fn.nesting}, ${fn.parameters} parameters`,
    fix: about.fix,
    tool: 'code_metrics',
  };
}

function findingsOf(fn: FunctionMetrics, limits: Input): Finding[] {
  const found: Finding[] = [];
  if (fn.complexity > limits.complexity_max) found.push(overLimit('complex_function', fn, { what: 'a cyclomatic complexity of', value: fn.complexity, limit: limits.complexity_max, fix: 'Split it by decision, or replace branches by a table.' }));
  if (fn.lines > limits.function_lines_max) found.push(overLimit('long_function', fn, { what: 'a length in lines of', value: fn.lines, limit: limits.function_lines_max, fix: 'Take out named steps.' }));
  if (fn.nesting > limits.nesting_max) found.push(overLimit('deep_nesting', fn, { what: 'a nesting depth of', value: fn.nesting, limit: limits.nesting_max, fix: 'Return early, or take out the inner part.' }));
  if (fn.parameters > limits.parameters_max) found.push(overLimit('many_parameters', fn, { what: 'a number of parameters of', value: fn.parameters, limit: limits.parameters_max, fix: 'Pass one object.' }));
  return found;
}

function statistics(functions: readonly FunctionMetrics[]): z.output<typeof output>['complexity'] {
  if (functions.length === 0) return { mean: null, p95: null, max: null };
  const values = functions.map((fn) => fn.complexity).toSorted((a, b) => a - b);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean: Math.round(mean * 100) / 100, p95: values[Math.ceil(values.length * 0.95) - 1] ?? null, max: values.at(-1) ?? null };
}

function byComplexity(a: FunctionMetrics, b: FunctionMetrics): number {
  return b.complexity - a.complexity || b.lines - a.lines || (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1);
}

export const codeMetrics = defineTool({
  name: 'code_metrics',
  title: 'Code metrics',
  description: 'Measures size, cyclomatic complexity and nesting of files and functions (JavaScript and TypeScript by syntax tree, Python by estimate) and reports what is over the limits.',
  group: 'code',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 240_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['complexity', 'size', 'lines of code', 'maintainability', 'quality'],
  async run(request, env) {
    const [{ measureScript }, { measurePython }] = await Promise.all([import('./measure-script.ts'), import('./measure-python.ts')]);
    const languages = new Map<string, LineCounts & { files: number }>();
    const functions: FunctionMetrics[] = [];
    const files: { path: string; lines: number }[] = [];
    const findings: Finding[] = [];
    const scan = await scanTextFiles(request, env, {
      wants: (file) => languageOf(file.path) !== undefined,
      skipGenerated: true,
      onFile(file) {
        const language = languageOf(file.path) ?? '';
        const counts = countLines(file.text);
        const total = languages.get(language) ?? { files: 0, lines: 0, code_lines: 0, blank_lines: 0, comment_lines: 0 };
        total.files += 1;
        for (const key of ['lines', 'code_lines', 'blank_lines', 'comment_lines'] as const) total[key] += counts[key];
        languages.set(language, total);
        if (!isProgram(file.path)) return;
        files.push({ path: file.path, lines: counts.lines });
        if (counts.lines > request.file_lines_max) {
          findings.push({
            rule: 'code.long_file', severity: 'low', message: `The file has ${counts.lines} lines; the limit is ${request.file_lines_max}.`, location: { path: file.path, line: 1 },
            evidence: `${counts.code_lines} lines of code`, fix: 'Split it by responsibility.', tool: 'code_metrics',
          });
        }
        const measured = isScript(file.path) ? measureScript(file.path, file.text) : language === 'Python' ? measurePython(file.path, file.text) : [];
        functions.push(...measured);
        findings.push(...measured.flatMap((fn) => findingsOf(fn, request)));
      },
    });
    const rows = [...languages].map(([language, counts]) => ({ language, ...counts })).toSorted((a, b) => b.code_lines - a.code_lines || (a.language < b.language ? -1 : 1));
    const sum = (key: 'files' | 'lines' | 'code_lines') => rows.reduce((total, row) => total + row[key], 0);
    const complexity = statistics(functions);
    return {
      output: {
        languages: rows,
        total: { files: sum('files'), lines: sum('lines'), code_lines: sum('code_lines'), functions: functions.length },
        complexity,
        most_complex: functions.toSorted(byComplexity).slice(0, 20),
        longest_files: files.toSorted((a, b) => b.lines - a.lines || (a.path < b.path ? -1 : 1)).slice(0, 20),
        skipped: scan.skipped,
      },
      summary: `${sum('files')} files, ${sum('code_lines')} lines of code, ${functions.length} functions; complexity mean ${complexity.mean ?? 'unknown'}, highest ${complexity.max ?? 'unknown'}; ${findings.length} over a limit.${describeSkipped(scan.skipped)}`,
      findings,
    };
  },
});
