import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool, type ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import type { TestCase } from './read-tests.ts';
import type { TestResult } from './read-test-output.ts';
import type { SandboxedCopy } from './sandboxed-copy.ts';

/** A day and hours away from UTC: what depends on the zone of the machine shows. */
const FAR_ZONE = 'Pacific/Kiritimati';

const input = z.strictObject({
  path: z.string().min(1).max(4096).default('.').describe('Folder of the project'),
  test_command: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .describe('Default the test script of package.json, else node --test'),
  runs: z
    .int()
    .min(2)
    .max(30)
    .default(5)
    .describe('Runs under the same conditions; one more follows in another time zone'),
});
const flaky = z.object({
  name: z.string(),
  path: z.string().nullable(),
  line: z.int().nullable(),
  outcomes: z.array(z.string()).describe('One per run; the last one in another time zone'),
});
const output = z.object({
  command: z.string(),
  runs: z.int(),
  tests: z.int(),
  exit_codes: z.array(z.int().nullable()),
  flaky: z.array(flaky),
  zone_dependent: z.array(flaky),
  failing: z.array(flaky),
});
type Flaky = z.output<typeof flaky>;

interface Run {
  exitCode: number | null;
  results: Map<string, TestResult>;
}

async function runOnce(copy: SandboxedCopy, command: string, zone: string): Promise<Run> {
  const { readResults, reportingCommand } = await import('./read-test-output.ts');
  const { describeEnd } = await import('./sandboxed-copy.ts');
  const { command: line, env } = reportingCommand(command);
  const result = await copy.run({
    command: line,
    env: { ...env, TZ: zone },
    limits: { wallMs: 300_000 },
  });
  const results = readResults(result.stdout.text, result.stderr.text);
  if (results.size === 0)
    throw toolError(
      'tools.tests.unreadable',
      'invalid-input',
      `No result of a single test can be read from "${line}" (${describeEnd(result)}). Give a test_command of node --test, vitest, jest, mocha or pytest, or one that prints TAP.`,
    );
  return { exitCode: result.exitCode, results };
}

/** Where a test stands: as its runner says, else by its title in the files. */
function placeOf(
  name: string,
  runs: readonly Run[],
  cases: readonly TestCase[],
): Pick<Flaky, 'path' | 'line'> {
  const seen = runs.flatMap(({ results }) => results.get(name) ?? []);
  const told = seen.find((one) => one.place !== undefined)?.place;
  const title = seen[0]?.title;
  const found = cases.filter((one) => one.title === title);
  const known = found.find((one) => told === undefined || one.path === told.path);
  if (known !== undefined) return { path: known.path, line: known.line };
  // What the run says of itself is only taken when such a file of tests is there.
  const isTest = cases.some((one) => one.path === told?.path);
  return isTest && told !== undefined ? told : { path: null, line: null };
}

type Verdict = 'flaky' | 'zone_dependent' | 'failing';

function judge(outcomes: readonly string[]): Verdict | undefined {
  const [first, ...rest] = outcomes.slice(0, -1);
  if (rest.some((one) => one !== first)) return 'flaky';
  if (outcomes.at(-1) !== first) return 'zone_dependent';
  return first === 'failed' ? 'failing' : undefined;
}

const ABOUT: Readonly<
  Record<
    Verdict,
    { rule: string; severity: Finding['severity']; message: (one: Flaky) => string; fix: string }
  >
> = {
  flaky: {
    rule: 'testing.flaky_test',
    severity: 'high',
    message: ({ name, outcomes }) =>
      `"${name}" ends differently under the same conditions: ${outcomes.slice(0, -1).join(', ')}.`,
    fix: 'Give it its own state, clock and order of random numbers, and wait for conditions instead of times.',
  },
  zone_dependent: {
    rule: 'testing.zone_dependent_test',
    severity: 'medium',
    message: ({ name, outcomes }) =>
      `"${name}" is ${outcomes[0]} in UTC and ${outcomes.at(-1)} in ${FAR_ZONE}.`,
    fix: 'Name the time zone in the code or in the test.',
  },
  failing: {
    rule: 'testing.failing_test',
    severity: 'high',
    message: ({ name }) => `"${name}" fails in every run.`,
    fix: 'Mend the code or the test before anything else: a red suite hides new defects.',
  },
};

function toFinding(verdict: Verdict, one: Flaky, lineAt: (one: Flaky) => string): Finding {
  const { rule, severity, message, fix } = ABOUT[verdict];
  return {
    rule,
    severity,
    message: message(one),
    ...(one.path === null ? {} : { location: { path: one.path, line: one.line ?? 1 } }),
    evidence: lineAt(one) || one.name,
    fix,
    tool: 'flaky_tests',
  };
}

async function runAll(
  { path, runs, command }: { path: string; runs: number; command: string },
  env: ToolEnvironment,
): Promise<Run[]> {
  const { openSandboxedCopy } = await import('./sandboxed-copy.ts');
  const copy = await openSandboxedCopy(path, env);
  try {
    const done: Run[] = [];
    for (let index = 0; index <= runs; index += 1) {
      env.progress(`Run ${index + 1} of ${runs + 1}`, index / (runs + 1));
      done.push(await runOnce(copy, command, index === runs ? FAR_ZONE : 'UTC'));
    }
    return done;
  } finally {
    await copy.close();
  }
}

export const flakyTests = defineTool({
  name: 'flaky_tests',
  title: 'Flaky tests',
  description:
    'Runs the tests several times on a copy in the sandbox, once more in another time zone, and names the tests whose result differs or that always fail.',
  group: 'testing',
  input,
  output,
  capabilities: ['read', 'code'],
  timeoutMs: 900_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['flaky', 'unstable', 'rerun', 'time zone', 'run tests'],
  async run(request, env) {
    const { testCommandOf } = await import('./sandboxed-copy.ts');
    const { readProject } = await import('./read-project.ts');
    const { isTestFile, readPythonTests, readScriptTests } = await import('./read-tests.ts');
    const project = await readProject({ path: request.path }, env);
    const command = await testCommandOf(project.scan.folder, request.test_command);
    const runs = await runAll({ ...request, command }, env);
    const cases = [
      ...project.tests.flatMap(({ path, text }) => readScriptTests(path, text).cases),
      ...project.python
        .filter(({ path }) => isTestFile(path))
        .flatMap(({ path, text }) => readPythonTests(path, text).cases),
    ];
    const names = [...new Set(runs.flatMap(({ results }) => [...results.keys()]))];
    const judged = names.map((name) => {
      const outcomes = runs.map(({ results }) => results.get(name)?.status ?? 'absent');
      return { verdict: judge(outcomes), one: { name, ...placeOf(name, runs, cases), outcomes } };
    });
    const of = (verdict: Verdict): Flaky[] =>
      judged.filter((each) => each.verdict === verdict).map(({ one }) => one);
    const lineAt = ({ path, line }: Flaky): string => {
      const text = path === null ? undefined : project.modules.get(path)?.text;
      return (text?.split('\n')[(line ?? 1) - 1] ?? '').trim().slice(0, 200);
    };
    const groups = {
      flaky: of('flaky'),
      zone_dependent: of('zone_dependent'),
      failing: of('failing'),
    };
    return {
      output: {
        command,
        runs: runs.length,
        tests: names.length,
        exit_codes: runs.map(({ exitCode }) => exitCode),
        ...groups,
      },
      summary: `${names.length} tests, ${runs.length} runs of "${command}": ${groups.flaky.length} flaky, ${groups.zone_dependent.length} depend on the time zone, ${groups.failing.length} always fail.`,
      findings: judged.flatMap(({ verdict, one }) =>
        verdict === undefined ? [] : [toFinding(verdict, one, lineAt)],
      ),
    };
  },
});
