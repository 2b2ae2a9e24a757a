import type { Finding } from '@automatos/contracts';
import { runGit } from '../git/git.ts';
import type { FunctionMetrics } from './function-metrics.ts';
import { measurePython } from './measure-python.ts';
import { measureScript } from './measure-script.ts';
import { readModule } from './read-module.ts';
import type { ChangedFile, ReviewContext } from './review-types.ts';
import { isScript, isTest, languageOf } from './source-language.ts';

/** A change must make a function at least this much worse before anybody hears of it. */
const COMPLEXITY_GROWTH = 3;
const LINES_GROWTH = 10;
/** Below it there is little that a test of its own would find. */
const LINES_WORTH_TESTING = 3;
const TEST_PLACES = [
  '*.test.*',
  '*.spec.*',
  '*_test.*',
  'test_*.py',
  '*/test_*.py',
  'test/*',
  'tests/*',
  '*/test/*',
  '*/tests/*',
  '*/__tests__/*',
  'spec/*',
];

function measure(path: string, text: string): FunctionMetrics[] {
  if (isScript(path)) return measureScript(path, text);
  return languageOf(path) === 'Python' ? measurePython(path, text) : [];
}

/** Functions by name; names that occur twice say nothing about before and after. */
function byName(functions: readonly FunctionMetrics[]): Map<string, FunctionMetrics> {
  const groups = Map.groupBy(functions, ({ name }) => name);
  return new Map(
    [...groups].flatMap(([name, [first, second]]) =>
      first === undefined || second !== undefined || name.startsWith('(') ? [] : [[name, first]],
    ),
  );
}

/** Lines of a function that the change wrote. */
function writtenIn(file: ChangedFile, { line, end_line: end }: FunctionMetrics): number[] {
  return [...file.added].filter((one) => one >= line && one <= end).toSorted((a, b) => a - b);
}

function growth(
  file: ChangedFile,
  {
    now,
    before,
    line,
  }: { now: FunctionMetrics; before: FunctionMetrics | undefined; line: number },
  { complexity_max: complexityMax, function_lines_max: linesMax }: ReviewContext['limits'],
): Finding[] {
  const found: Finding[] = [];
  const evidence = (file.after.split('\n')[line - 1] ?? '').trim().slice(0, 200);
  const add = (rule: string, message: string, fix: string) =>
    found.push({
      rule: `review.${rule}`,
      severity: 'medium',
      message,
      location: { path: file.path, line },
      evidence,
      fix,
      tool: 'diff_review',
    });
  const was = before === undefined ? 'new' : undefined;
  const complexityBefore = before?.complexity ?? 0;
  if (now.complexity > complexityMax && now.complexity - complexityBefore >= COMPLEXITY_GROWTH)
    add(
      'complexity_grew',
      `Function ${now.name} has a complexity of ${now.complexity} now (${was ?? `was ${complexityBefore}`}); ${complexityMax} is the limit.`,
      'Take a decision out into a function or a table.',
    );
  const linesBefore = before?.own_lines ?? 0;
  if (now.own_lines > linesMax && now.own_lines - linesBefore >= LINES_GROWTH)
    add(
      'function_grew',
      `Function ${now.name} has ${now.own_lines} lines now (${was ?? `was ${linesBefore}`}); ${linesMax} is the limit.`,
      'Take out named steps.',
    );
  return found;
}

/** Names that others can call, and that tests can therefore name. */
function publicNames(file: ChangedFile): Set<string> {
  if (isScript(file.path))
    return new Set(readModule(file.path, file.after).exports.map(({ name }) => name));
  return new Set(
    [...file.after.matchAll(/^(?:async )?def ([A-Za-z]\w*)/gm)].map(([, name = '']) => name),
  );
}

async function isTested(name: string, { folder, diff, signal }: ReviewContext): Promise<boolean> {
  const found = await runGit(
    folder,
    [
      'grep',
      '--quiet',
      '--word-regexp',
      '--fixed-strings',
      '-e',
      name,
      diff.to,
      '--',
      ...TEST_PLACES,
    ],
    { signal },
  );
  return found.exitCode === 0;
}

/** What became of the functions that a change touched: larger, more complex, and not tested. */
export async function reviewFunctions(
  file: ChangedFile,
  context: ReviewContext,
): Promise<Finding[]> {
  if (isTest(file.path)) return [];
  const before = byName(measure(file.path, file.before ?? ''));
  const open = publicNames(file);
  const findings: Finding[] = [];
  for (const [name, now] of byName(measure(file.path, file.after))) {
    const [line] = writtenIn(file, now);
    if (line === undefined) continue;
    findings.push(...growth(file, { now, before: before.get(name), line }, context.limits));
    const isWorth = open.has(name) && now.lines >= LINES_WORTH_TESTING;
    if (!isWorth || (await isTested(name, context))) continue;
    findings.push({
      rule: 'review.untested_change',
      severity: 'medium',
      message: `Function ${name} was ${before.has(name) ? 'changed' : 'added'}, and no test names it.`,
      location: { path: file.path, line },
      evidence: (file.after.split('\n')[line - 1] ?? '').trim().slice(0, 200),
      fix: 'Add a test that fails without the change.',
      tool: 'diff_review',
    });
  }
  return findings;
}
