import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool, type ToolArtifact, type ToolEnvironment } from '../definition.ts';
import type { Project } from './read-project.ts';
import type { ScriptModule } from './read-module.ts';
import type { agree as Agree, Agreement } from './choose-observations.ts';
import type { Outcome } from './observe.ts';
import type { SandboxedCopy } from './sandboxed-copy.ts';
import type { ObservedFunction } from './write-test-file.ts';

const TRIED_PER_FUNCTION = 40;

const input = z.strictObject({
  path: z.string().min(1).max(4096).default('.').describe('Folder of the project'),
  limit: z
    .int()
    .min(1)
    .max(200)
    .default(30)
    .describe('Functions to write tests for, the most complex first'),
  cases_max: z.int().min(1).max(40).default(8).describe('Cases per function'),
});
const left = z.object({ path: z.string(), name: z.string(), line: z.int(), reason: z.string() });
const output = z.object({
  functions_considered: z.int().describe('Exported functions that no test reaches'),
  tests: z.array(
    z.object({
      path: z.string().describe('Where the file belongs; nothing is written'),
      source: z.string(),
      functions: z.array(z.string()),
      cases: z.int(),
      runs: z.int().describe('Times it was run and passed'),
      source_lines_covered: z.number().nullable().describe('Share of lines of the source it runs'),
      content: z.string(),
    }),
  ),
  thrown_away: z.array(left).describe('What no test is offered for, and why'),
});
type Output = z.output<typeof output>;
type Left = z.output<typeof left>;

interface Candidate {
  module: ScriptModule;
  name: string;
  exportName: string;
  line: number;
  complexity: number;
  cases: string[][];
}

async function findCandidates(
  project: Project,
  limit: number,
): Promise<{ considered: number; candidates: Candidate[]; leftOut: Left[] }> {
  const { exportedDeclarations, keyOf, reachOfTests } = await import('./read-project.ts');
  const { functionOf, impurityOfDeclaration, isLater } = await import('./find-pure.ts');
  const { chooseCandidates, chooseCases } = await import('./choose-inputs.ts');
  const { testsOf } = reachOfTests(project);
  const leftOut: Left[] = [];
  const open = project.sources
    .flatMap((module) => exportedDeclarations(module).map((one) => ({ module, ...one })))
    .filter(({ declaration }) => declaration.kind === 'function')
    .filter(
      ({ module, declaration }) =>
        !testsOf.has(keyOf({ from: module.path, name: declaration.name })),
    )
    .toSorted((a, b) => b.declaration.complexity - a.declaration.complexity);
  const candidates: Candidate[] = [];
  for (const { module, declaration, exportName } of open) {
    const { name, line, complexity } = declaration;
    const leave = (reason: string) => leftOut.push({ path: module.path, name, line, reason });
    const node = functionOf(declaration);
    if (node === undefined) continue;
    const impurity = isLater(node)
      ? 'answers later'
      : impurityOfDeclaration(project.modules, { from: module.path, name });
    if (impurity !== undefined) {
      leave(impurity);
      continue;
    }
    const chosen = chooseCandidates(node, module, project.modules);
    if ('reason' in chosen) leave(chosen.reason);
    else if (candidates.length >= limit) leave(`beyond the limit of ${limit} functions`);
    else
      candidates.push({
        module,
        name: name === 'default' ? 'subject' : name,
        exportName,
        line,
        complexity,
        cases: chooseCases(chosen.parameters, TRIED_PER_FUNCTION),
      });
  }
  return { considered: open.length, candidates, leftOut };
}

interface ModuleResult {
  functions: ObservedFunction[];
  findings: Finding[];
  leftOut: Left[];
}

/** Calls the functions of one module twice and keeps what was the same. */
async function observeModule(
  copy: SandboxedCopy,
  candidates: readonly Candidate[],
  casesMax: number,
): Promise<ModuleResult> {
  const { observe } = await import('./observe.ts');
  const { agree, boundaryFindings } = await import('./choose-observations.ts');
  const result: ModuleResult = { functions: [], findings: [], leftOut: [] };
  const module = candidates[0]?.module;
  if (module === undefined) return result;
  const subjects = candidates.map(({ exportName, cases }) => ({ exportName, cases }));
  const [first, second] = [
    await observe(copy, module.path, subjects),
    await observe(copy, module.path, subjects),
  ];
  for (const candidate of candidates) {
    const { name, exportName, line, cases } = candidate;
    const rounds = [
      first.get(exportName) ?? 'was not run',
      second.get(exportName) ?? 'was not run',
    ];
    const agreement = agreementOf(agree, { cases, rounds, casesMax });
    if (agreement.reason !== undefined)
      result.leftOut.push({ path: module.path, name, line, reason: agreement.reason });
    else {
      result.functions.push({ name, exportName, observations: agreement.observations });
      const lineText = (module.text.split('\n')[line - 1] ?? '').trim().slice(0, 200);
      const outcomes = rounds[0] as Outcome[];
      result.findings.push(
        ...boundaryFindings({ name, path: module.path, line, lineText }, cases, outcomes),
      );
    }
  }
  return result;
}

function agreementOf(
  agree: typeof Agree,
  {
    cases,
    rounds,
    casesMax,
  }: { cases: string[][]; rounds: (string | Outcome[])[]; casesMax: number },
): Agreement {
  const [first, second] = rounds;
  if (typeof first === 'string' || first === undefined)
    return { observations: [], reason: first ?? '' };
  if (typeof second === 'string' || second === undefined)
    return { observations: [], reason: second ?? '' };
  return agree(cases, [first, second], casesMax);
}

const RUNS = 2;

/** Runs a written file twice in the copy; text says why it is not offered. */
async function prove(
  copy: SandboxedCopy,
  file: { path: string; content: string; source: string },
): Promise<{ covered: number | null } | { reason: string }> {
  const { describeEnd } = await import('./sandboxed-copy.ts');
  const { localPath, readLcov } = await import('./read-coverage.ts');
  const flags = '--test --test-isolation=none --no-warnings';
  const files = { [file.path]: file.content };
  const quoted = `'${file.path.replaceAll("'", String.raw`'\''`)}'`;
  const plain = await copy.run({
    command: `node ${flags} ${quoted}`,
    files,
    limits: { wallMs: 30_000 },
  });
  if (plain.exitCode !== 0) return { reason: `its test did not pass: ${describeEnd(plain)}` };
  const again = await copy.run({
    command: `node ${flags} --experimental-test-coverage --test-reporter=lcov ${quoted}`,
    files,
    limits: { wallMs: 30_000 },
  });
  if (again.exitCode !== 0)
    return { reason: `its test passed once and failed then: ${describeEnd(again)}` };
  const known = new Set([file.source]);
  const covered = readLcov(again.stdout.text).find(
    ({ path }) => localPath(path, known) === file.source,
  );
  if (covered === undefined || covered.lines.size === 0) return { covered: null };
  const hit = [...covered.lines.values()].filter((hits) => hits > 0).length;
  return { covered: Math.round((hit / covered.lines.size) * 1000) / 1000 };
}

interface Written {
  tests: Output['tests'];
  findings: Finding[];
  leftOut: Left[];
}

async function writeAll(
  candidates: readonly Candidate[],
  { path, casesMax }: { path: string; casesMax: number },
  env: ToolEnvironment,
): Promise<Written> {
  const { openSandboxedCopy } = await import('./sandboxed-copy.ts');
  const { testPathOf, writeTestFile } = await import('./write-test-file.ts');
  const written: Written = { tests: [], findings: [], leftOut: [] };
  const copy = await openSandboxedCopy(path, env);
  try {
    const groups = [...Map.groupBy(candidates, ({ module }) => module.path)];
    for (const [index, [source, group]] of groups.entries()) {
      env.progress(`Tests for ${source}`, index / groups.length);
      const { functions, findings, leftOut } = await observeModule(copy, group, casesMax);
      written.leftOut.push(...leftOut);
      written.findings.push(...findings);
      if (functions.length === 0) continue;
      const file = { path: testPathOf(source), content: writeTestFile(source, functions), source };
      const proof = await prove(copy, file);
      if ('reason' in proof) {
        for (const { name } of functions)
          written.leftOut.push({
            path: source,
            name,
            line: lineOfCandidate(group, name),
            reason: proof.reason,
          });
        continue;
      }
      written.tests.push({
        ...file,
        functions: functions.map(({ name }) => name),
        cases: functions.reduce((sum, one) => sum + one.observations.length, 0),
        runs: RUNS,
        source_lines_covered: proof.covered,
      });
    }
    return written;
  } finally {
    await copy.close();
  }
}

function lineOfCandidate(group: readonly Candidate[], name: string): number {
  return group.find((one) => one.name === name)?.line ?? 1;
}

function toArtifact(test: Output['tests'][number], index: number): ToolArtifact {
  const name = test.path.split('/').at(-1) ?? 'generated-by-run.test.ts';
  return {
    name: index === 0 ? name : `${index + 1}-${name}`,
    title: `Tests for ${test.source}`,
    contentType: 'text/typescript',
    content: test.content,
  };
}

export const generateTests = defineTool({
  name: 'generate_tests',
  title: 'Generate tests',
  description:
    'Writes tests for exported functions that no test reaches and whose result depends on their arguments alone: calls them in the sandbox with values from their types and their own literals, records what they do, and offers a test file (node:test) only after it passed twice.',
  group: 'testing',
  input,
  output,
  capabilities: ['read', 'code'],
  timeoutMs: 600_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['test generation', 'unit test', 'characterization', 'boundary', 'write tests'],
  async run(request, env) {
    const { readProject } = await import('./read-project.ts');
    const project = await readProject({ path: request.path }, env);
    const { considered, candidates, leftOut } = await findCandidates(project, request.limit);
    const written =
      candidates.length === 0
        ? { tests: [], findings: [], leftOut: [] }
        : await writeAll(candidates, { path: request.path, casesMax: request.cases_max }, env);
    const thrownAway = [...leftOut, ...written.leftOut];
    const cases = written.tests.reduce((sum, test) => sum + test.cases, 0);
    const functions = written.tests.reduce((sum, test) => sum + test.functions.length, 0);
    return {
      output: { functions_considered: considered, tests: written.tests, thrown_away: thrownAway },
      summary: `${cases} test cases for ${functions} of ${considered} functions that no test reaches; each file passed ${RUNS} times. ${thrownAway.length} functions got none: ${reasonsOf(thrownAway)}.`,
      findings: written.findings,
      artifacts: written.tests.map(toArtifact),
    };
  },
});

function reasonsOf(thrownAway: readonly Left[]): string {
  const groups = [...Map.groupBy(thrownAway, ({ reason }) => reason)]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .slice(0, 5)
    .map(([reason, all]) => `${all.length} × ${reason}`);
  return groups.length === 0 ? 'none' : groups.join(', ');
}
