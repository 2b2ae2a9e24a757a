import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool, type ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import type { Mutant } from './make-mutants.ts';
import type { Project } from './read-project.ts';
import type { SandboxedCopy } from './sandboxed-copy.ts';

const BASE_WALL_MS = 300_000;

const input = z.strictObject({
  path: z.string().min(1).max(4096).default('.').describe('Folder of the project'),
  test_command: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .describe('Default the test script of package.json, else node --test'),
  limit: z.int().min(1).max(200).default(20).describe('Mutants to try'),
});
const mutant = z.object({
  path: z.string(),
  line: z.int(),
  function: z.string(),
  kind: z.enum(['boundary', 'condition', 'arithmetic', 'constant', 'removed_call']),
  from: z.string(),
  to: z.string(),
  result: z.enum(['killed', 'survived', 'timeout']),
});
const output = z.object({
  command: z.string(),
  possible: z.int().describe('Mutants of the functions that tests reach'),
  tried: z.int(),
  killed: z.int().describe('With those that ran into the time limit'),
  survived: z.int(),
  mutation_score: z.number().nullable().describe('killed ÷ tried'),
  mutants: z.array(mutant),
  left_out: z
    .array(z.object({ command: z.string(), reason: z.string() }))
    .describe('Test commands that fail without any change, so that their mutants were not tried'),
});
type Tried = z.output<typeof mutant>;

interface Planned extends Mutant {
  /** Test files that name something of the module. */
  tests: string[];
}

async function planMutants(project: Project): Promise<Planned[]> {
  const { keyOf, reachOfTests } = await import('./read-project.ts');
  const { mutantsOf } = await import('./make-mutants.ts');
  const reach = reachOfTests(project);
  return project.sources.flatMap((module) => {
    const declarations = [...module.declarations.values()].filter(
      ({ kind, name }) => kind !== 'value' && reach.testsOf.has(keyOf({ from: module.path, name })),
    );
    const tests = [...module.declarations.keys()].flatMap((name) => [
      ...(reach.testsOf.get(keyOf({ from: module.path, name })) ?? []),
    ]);
    return declarations
      .flatMap((declaration) => mutantsOf(module, declaration))
      .map((one) => ({ ...one, tests: [...new Set(tests)].toSorted() }));
  });
}

/** Node's own runner takes files: only those that look at the module are run. Any other command runs whole. */
function commandFor(command: string, tests: readonly string[]): string {
  const ownRunner = /^node(?:\s+--?[\w-]+(?:=\S+)?)*$/.test(command) && command.includes('--test');
  if (!ownRunner || tests.length === 0) return command;
  return `${command} ${tests.map((path) => `'${path.replaceAll("'", String.raw`'\''`)}'`).join(' ')}`;
}

interface Trial {
  tried: Tried[];
  leftOut: { command: string; reason: string }[];
}

async function tryAll(
  copy: SandboxedCopy,
  { planned, command, project }: { planned: readonly Planned[]; command: string; project: Project },
  env: ToolEnvironment,
): Promise<Trial> {
  const { applyMutant } = await import('./make-mutants.ts');
  const { describeEnd } = await import('./sandboxed-copy.ts');
  const trial: Trial = { tried: [], leftOut: [] };
  const groups = [...Map.groupBy(planned, (one) => commandFor(command, one.tests))];
  let files: Record<string, string> = {};
  let done = 0;
  for (const [line, group] of groups) {
    const base = await copy.run({ command: line, files, limits: { wallMs: BASE_WALL_MS } });
    if (base.exitCode !== 0) {
      trial.leftOut.push({
        command: line,
        reason: `fails before anything is changed: ${describeEnd(base)}`,
      });
      continue;
    }
    const wallMs = Math.ceil(base.durationMs * 4 + 3000);
    for (const one of group) {
      env.progress(`Mutant ${(done += 1)} of ${planned.length}`, done / planned.length);
      const text = project.modules.get(one.path)?.text ?? '';
      files = { ...files, [one.path]: applyMutant(text, one) };
      const { exitCode, stopped } = await copy.run({ command: line, files, limits: { wallMs } });
      files = { [one.path]: text };
      const result = stopped === null ? (exitCode === 0 ? 'survived' : 'killed') : 'timeout';
      trial.tried.push(toTried(one, result));
    }
  }
  if (trial.tried.length === 0 && trial.leftOut.length > 0)
    throw toolError(
      'tools.tests.failing',
      'invalid-input',
      `"${trial.leftOut[0]?.command}" ${trial.leftOut[0]?.reason}. Mend the tests, or give another test_command.`,
    );
  return trial;
}

function toTried(
  { path, line, function: name, kind, from, to }: Planned,
  result: Tried['result'],
): Tried {
  return {
    path,
    line,
    function: name,
    kind,
    from: from.slice(0, 200),
    to: to.slice(0, 200),
    result,
  };
}

function toFinding(one: Tried, line: string): Finding {
  return {
    rule: 'testing.surviving_mutant',
    severity: one.kind === 'removed_call' || one.kind === 'condition' ? 'medium' : 'low',
    message:
      one.kind === 'removed_call'
        ? `The tests of ${one.function} pass without the call \`${one.from}\`.`
        : `The tests of ${one.function} pass with \`${one.to}\` in place of \`${one.from}\`.`,
    location: { path: one.path, line: one.line },
    evidence: line,
    fix: 'Add a test whose result differs between the two.',
    tool: 'mutation_sample',
  };
}

export const mutationSample = defineTool({
  name: 'mutation_sample',
  title: 'Mutation sample',
  description:
    'Changes one condition, operator, constant or call at a time in code that tests reach, runs the tests on a copy in the sandbox, and reports which changes no test noticed, with the share that was noticed.',
  group: 'testing',
  input,
  output,
  capabilities: ['read', 'code'],
  timeoutMs: 900_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['mutation testing', 'mutant', 'test quality', 'mutation score'],
  async run(request, env) {
    const { readProject } = await import('./read-project.ts');
    const { sample } = await import('./make-mutants.ts');
    const { openSandboxedCopy, testCommandOf } = await import('./sandboxed-copy.ts');
    const project = await readProject({ path: request.path }, env);
    const command = await testCommandOf(project.scan.folder, request.test_command);
    const possible = await planMutants(project);
    const planned = sample(possible, request.limit);
    let trial: Trial = { tried: [], leftOut: [] };
    if (planned.length > 0) {
      const copy = await openSandboxedCopy(request.path, env);
      try {
        trial = await tryAll(copy, { planned, command, project }, env);
      } finally {
        await copy.close();
      }
    }
    const { tried, leftOut } = trial;
    const survived = tried.filter((one) => one.result === 'survived');
    const killed = tried.length - survived.length;
    const score = tried.length === 0 ? null : Math.round((killed / tried.length) * 1000) / 1000;
    return {
      output: {
        command,
        possible: possible.length,
        tried: tried.length,
        killed,
        survived: survived.length,
        mutation_score: score,
        mutants: tried,
        left_out: leftOut,
      },
      summary:
        score === null
          ? 'No mutants: no test reaches a function with something to change (JavaScript, TypeScript).'
          : `Tests noticed ${killed} of ${tried.length} changes (${Math.round(score * 100)} %), of ${possible.length} possible ones.${leftOut.length === 0 ? '' : ` ${leftOut.length} test commands fail without any change, and their code was left out.`}`,
      findings: survived.map((one) =>
        toFinding(
          one,
          (project.modules.get(one.path)?.text.split('\n')[one.line - 1] ?? '')
            .trim()
            .slice(0, 200),
        ),
      ),
    };
  },
});
