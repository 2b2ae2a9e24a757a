import { join } from 'node:path';
import type { Finding } from '@automatos/contracts';
import { isJsonObject } from '@automatos/kernel';
import { z } from 'zod';
import { defineTool, type ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { requireText } from '../workspace/read-text.ts';
import { scanInputShape } from '../workspace/scan-files.ts';
import type { CoverageFormat, FileCoverage } from './read-coverage.ts';
import type { Project } from './read-project.ts';

const REPORT_BYTES_MAX = 64 * 1024 * 1024;
/** Where test runners leave their reports. */
const USUAL = [
  'coverage/lcov.info',
  'lcov.info',
  'coverage/coverage-final.json',
  'coverage-final.json',
  'coverage/cobertura-coverage.xml',
  'cobertura-coverage.xml',
  'cobertura.xml',
  'coverage.xml',
];
/** Below this share of lines a file is a finding of its own. */
const LOW_SHARE = 0.5;
const LOW_LINES_MIN = 10;

const input = z.strictObject({
  ...scanInputShape,
  coverage_report: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe(
      'Report in lcov, istanbul JSON or Cobertura XML; default the usual places below path',
    ),
});
const share = z.number().nullable();
const output = z.object({
  report: z.string().nullable().describe('The report that was read; null when there is none'),
  format: z.enum(['lcov', 'istanbul', 'cobertura']).nullable(),
  lines: z.object({ total: z.int(), covered: z.int(), share }),
  functions: z.object({ total: z.int(), covered: z.int(), share }),
  files: z
    .array(
      z.object({
        path: z.string(),
        share,
        uncovered_lines: z.array(z.string()).describe('Ranges such as 10-14'),
      }),
    )
    .max(300)
    .describe('Least covered first'),
  uncovered_functions: z
    .array(z.object({ path: z.string(), name: z.string(), line: z.int(), complexity: z.int() }))
    .max(300)
    .describe('Most complex first'),
  missing_files: z.array(z.string()).max(100).describe('In the report, but not in the folder'),
});
type Output = z.output<typeof output>;

/** `10-14` for lines that follow each other. */
export function toRanges(lines: readonly number[]): string[] {
  const ranges: [number, number][] = [];
  for (const line of lines.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && line <= last[1] + 1) last[1] = line;
    else ranges.push([line, line]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`));
}

const ratio = (covered: number, total: number): number | null =>
  total === 0 ? null : Math.round((covered / total) * 1000) / 1000;

/** The report that was asked for, or the first of the usual ones that is there. */
async function findReport(
  request: z.output<typeof input>,
  env: ToolEnvironment,
): Promise<{ shown: string; text: string } | undefined> {
  if (request.coverage_report !== undefined) {
    const given = request.coverage_report;
    return {
      shown: given,
      text: await requireText(await env.roots.resolveInside(given), given, REPORT_BYTES_MAX),
    };
  }
  for (const candidate of USUAL) {
    const real = await env.roots.resolveInside(join(request.path, candidate)).catch(() => null);
    if (real !== null)
      return { shown: candidate, text: await requireText(real, candidate, REPORT_BYTES_MAX) };
  }
  return undefined;
}

async function parseReport(report: {
  shown: string;
  text: string;
}): Promise<{ format: CoverageFormat; files: FileCoverage[] }> {
  const { coverageFormatOf, readCobertura, readIstanbul, readLcov } =
    await import('./read-coverage.ts');
  const format = coverageFormatOf(report.text);
  if (format === 'lcov') return { format, files: readLcov(report.text) };
  if (format === 'cobertura') return { format, files: readCobertura(report.text) };
  if (format === 'istanbul') {
    try {
      const parsed: unknown = JSON.parse(report.text);
      if (isJsonObject(parsed)) return { format, files: readIstanbul(parsed) };
    } catch (cause) {
      throw toolError('tools.coverage.malformed', 'invalid-input', {
        message: `"${report.shown}" is no whole JSON document: ${(cause as Error).message}.`,
        cause,
      });
    }
  }
  throw toolError(
    'tools.coverage.malformed',
    'invalid-input',
    `"${report.shown}" is neither lcov, istanbul's coverage-final.json nor Cobertura XML; name another file in coverage_report.`,
  );
}

function functionFindings(functions: Output['uncovered_functions'], lineAt: LineAt): Finding[] {
  return functions.map((one) => ({
    rule: 'testing.uncovered_function',
    severity: one.complexity >= 5 ? 'medium' : 'low',
    message: `No test ran ${one.name}, which has a complexity of ${one.complexity}.`,
    location: { path: one.path, line: one.line },
    evidence: lineAt(one.path, one.line) || one.name,
    fix: 'Test each of its branches, the hard ones first.',
    tool: 'coverage_read',
  }));
}

type LineAt = (path: string, line: number) => string;

function fileFindings(files: readonly LocalCoverage[]): Finding[] {
  return files
    .filter(
      ({ lines, uncovered }) => lines >= LOW_LINES_MIN && 1 - uncovered.length / lines < LOW_SHARE,
    )
    .map(({ path, lines, uncovered }) => ({
      rule: 'testing.low_coverage',
      severity: 'medium',
      message: `Tests ran ${lines - uncovered.length} of ${lines} lines.`,
      location: { path, line: uncovered[0] ?? 1 },
      evidence: `not run: lines ${toRanges(uncovered).slice(0, 10).join(', ')}`,
      fix: 'Begin with the most complex function that no test ran.',
      tool: 'coverage_read',
    }));
}

interface LocalCoverage {
  path: string;
  lines: number;
  uncovered: number[];
  functions: FileCoverage['functions'];
}

async function toLocal(
  files: readonly FileCoverage[],
  known: ReadonlySet<string>,
): Promise<{ local: LocalCoverage[]; missing: string[] }> {
  const { localPath } = await import('./read-coverage.ts');
  const missing: string[] = [];
  const local = files.flatMap((file) => {
    const path = localPath(file.path, known);
    if (path === undefined) {
      missing.push(file.path);
      return [];
    }
    const uncovered = [...file.lines].filter(([, hits]) => hits === 0).map(([line]) => line);
    return [{ path, lines: file.lines.size, uncovered, functions: file.functions }];
  });
  return { local, missing };
}

async function rankFunctions(
  local: readonly LocalCoverage[],
  { modules, python }: Project,
): Promise<Output['uncovered_functions']> {
  const { measureScript } = await import('../code/measure-script.ts');
  const { measurePython } = await import('../code/measure-python.ts');
  return local
    .flatMap(({ path, functions }) => {
      const script = modules.get(path);
      const text = python.find((file) => file.path === path)?.text ?? '';
      const metrics =
        script === undefined ? measurePython(path, text) : measureScript(path, script.text);
      return functions
        .filter((one) => one.hits === 0 && one.line > 0)
        .map((one) => {
          const found =
            metrics.find((each) => each.line === one.line) ??
            metrics.find((each) => each.name === one.name);
          return { path, name: one.name, line: one.line, complexity: found?.complexity ?? 1 };
        });
    })
    .toSorted(
      (a, b) => b.complexity - a.complexity || (a.path < b.path ? -1 : 1) || a.line - b.line,
    )
    .slice(0, 300);
}

const NOTHING: Output = {
  report: null,
  format: null,
  lines: { total: 0, covered: 0, share: null },
  functions: { total: 0, covered: 0, share: null },
  files: [],
  uncovered_functions: [],
  missing_files: [],
};

function toOutput(local: readonly LocalCoverage[]): Pick<Output, 'lines' | 'functions' | 'files'> {
  const total = local.reduce((sum, file) => sum + file.lines, 0);
  const covered = total - local.reduce((sum, file) => sum + file.uncovered.length, 0);
  const functions = local.flatMap((file) => file.functions);
  const called = functions.filter((one) => one.hits > 0).length;
  return {
    lines: { total, covered, share: ratio(covered, total) },
    functions: { total: functions.length, covered: called, share: ratio(called, functions.length) },
    files: local
      .map((file) => ({
        path: file.path,
        share: ratio(file.lines - file.uncovered.length, file.lines),
        uncovered_lines: toRanges(file.uncovered).slice(0, 100),
      }))
      .toSorted((a, b) => (a.share ?? 1) - (b.share ?? 1))
      .slice(0, 300),
  };
}

export const coverageRead = defineTool({
  name: 'coverage_read',
  title: 'Read coverage',
  description:
    'Reads a coverage report (lcov, istanbul JSON, Cobertura XML): coverage by file, lines and functions that no test ran, the most complex first.',
  group: 'testing',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['coverage', 'lcov', 'istanbul', 'cobertura', 'uncovered'],
  async run(request, env) {
    const report = await findReport(request, env);
    if (report === undefined)
      return {
        output: NOTHING,
        summary: `No coverage report: looked for ${USUAL.join(', ')} below "${request.path}".`,
      };
    const { format, files } = await parseReport(report);
    const { readProject } = await import('./read-project.ts');
    const project = await readProject(request, env);
    const known = new Set(project.scan.listed.map((file) => file.path));
    const { local, missing } = await toLocal(files, known);
    const functions = await rankFunctions(local, project);
    const lineAt: LineAt = (path, line) => {
      const text =
        project.modules.get(path)?.text ?? project.python.find((file) => file.path === path)?.text;
      return (text?.split('\n')[line - 1] ?? '').trim().slice(0, 200);
    };
    const numbers = toOutput(local);
    return {
      output: {
        report: report.shown,
        format,
        ...numbers,
        uncovered_functions: functions,
        missing_files: missing.slice(0, 100),
      },
      summary: `${numbers.lines.covered} of ${numbers.lines.total} lines and ${numbers.functions.covered} of ${numbers.functions.total} functions were run by tests (${format}, ${local.length} files${missing.length === 0 ? '' : `; ${missing.length} more are not in the folder`}).`,
      findings: [...functionFindings(functions, lineAt), ...fileFindings(local)],
    };
  },
});
