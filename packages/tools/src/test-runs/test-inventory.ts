import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { countBy } from '../workspace/count-by.ts';
import { describeSkipped, scanInputShape } from '../workspace/scan-files.ts';
import { skippedSchema } from '../workspace/walk.ts';
import type { TestCase, TestFile } from './read-tests.ts';

const input = z.strictObject(scanInputShape);
const output = z.object({
  test_files: z.int(),
  source_files: z.int(),
  cases: z.int(),
  frameworks: z.record(z.string(), z.int()).describe('test files by framework'),
  states: z.record(z.string(), z.int()).describe('cases by runs, skipped, todo, only'),
  without_assertion: z.int(),
  files: z.array(z.object({ path: z.string(), framework: z.string(), cases: z.int() })).max(500),
  tests_per_source: z
    .array(z.object({ path: z.string(), test_files: z.array(z.string()) }))
    .max(500)
    .describe(
      'Source files by the test files that name or reach something of theirs, fewest first',
    ),
  skipped: skippedSchema,
});

interface Judgement {
  rule: string;
  severity: Finding['severity'];
  message: string;
  fix: string;
}

function judge(one: TestCase): Judgement | undefined {
  const name = `"${one.title}"`;
  if (one.state === 'only')
    return {
      rule: 'testing.only_test',
      severity: 'high',
      message: `${name} is marked as the only one: all other tests of its file are left out without a word.`,
      fix: 'Take the mark away.',
    };
  if (one.state === 'skipped')
    return {
      rule: 'testing.skipped_test',
      severity: 'medium',
      message: `${name} is skipped.`,
      fix: 'Mend it, or delete it and say why.',
    };
  if (one.state === 'todo') return undefined;
  if (one.empty)
    return {
      rule: 'testing.empty_test',
      severity: 'medium',
      message: `${name} is empty and always passes.`,
      fix: 'Write what it promises, or mark it as still to do.',
    };
  if (one.asserts) return undefined;
  return {
    rule: 'testing.no_assertion',
    severity: 'medium',
    message: `${name} asserts nothing: it only fails when something throws.`,
    fix: 'Assert the result that its title promises.',
  };
}

function toFindings(files: readonly TestFile[], lineAt: (one: TestCase) => string): Finding[] {
  return files
    .flatMap((file) => file.cases)
    .flatMap((one) => {
      const judged = judge(one);
      if (judged === undefined) return [];
      return [
        {
          ...judged,
          location: { path: one.path, line: one.line },
          evidence: lineAt(one),
          tool: 'test_inventory',
        },
      ];
    });
}

export const testInventory = defineTool({
  name: 'test_inventory',
  title: 'Test inventory',
  description:
    'Lists test files, frameworks and cases (JavaScript, TypeScript, Python), with tests that are skipped, exclusive, empty or assert nothing, and how many test files look at each source file.',
  group: 'testing',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 180_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['tests', 'skip', 'only', 'assertion', 'vitest', 'jest', 'pytest'],
  async run(request, env) {
    const { readProject, reachOfTests, keyOf } = await import('./read-project.ts');
    const { readScriptTests, readPythonTests, isTestFile } = await import('./read-tests.ts');
    const project = await readProject(request, env);
    const files = [
      ...project.tests.map(({ path, text }) => readScriptTests(path, text)),
      ...project.python
        .filter(({ path }) => isTestFile(path))
        .map(({ path, text }) => readPythonTests(path, text)),
    ];
    const texts = new Map([
      ...project.tests.map(({ path, text }) => [path, text.split('\n')] as const),
      ...project.python.map(({ path, text }) => [path, text.split('\n')] as const),
    ]);
    const findings = toFindings(files, (one) =>
      (texts.get(one.path)?.[one.line - 1] ?? one.title).trim().slice(0, 200),
    );
    const reach = reachOfTests(project);
    const perSource = project.sources
      .map((module) => {
        const tests = [...module.declarations.keys()].flatMap((name) => [
          ...(reach.testsOf.get(keyOf({ from: module.path, name })) ?? []),
        ]);
        return { path: module.path, test_files: [...new Set(tests)].toSorted() };
      })
      .toSorted((a, b) => a.test_files.length - b.test_files.length);
    const cases = files.flatMap((file) => file.cases);
    const untested = perSource.filter((one) => one.test_files.length === 0).length;
    return {
      output: {
        test_files: files.length,
        source_files: project.sources.length,
        cases: cases.length,
        frameworks: countBy(files, (file) => file.framework),
        states: countBy(cases, (one) => one.state),
        without_assertion: cases.filter((one) => one.state === 'runs' && !one.asserts).length,
        files: files.slice(0, 500).map((file) => ({
          path: file.path,
          framework: file.framework,
          cases: file.cases.length,
        })),
        tests_per_source: perSource.slice(0, 500),
        skipped: project.scan.skipped,
      },
      summary: `${cases.length} test cases in ${files.length} files; ${untested} of ${project.sources.length} source files are reached by no test.${describeSkipped(project.scan.skipped)}`,
      findings,
    };
  },
});
