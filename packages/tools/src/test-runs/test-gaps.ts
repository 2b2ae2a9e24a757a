import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool, type ToolEnvironment } from '../definition.ts';
import { openRepository } from '../git/open-repository.ts';
import { readLog } from '../git/read-log.ts';
import { describeSkipped, scanInputShape } from '../workspace/scan-files.ts';
import { skippedSchema } from '../workspace/walk.ts';
import type { Project } from './read-project.ts';

const input = z.strictObject({
  ...scanInputShape,
  limit: z.int().min(1).max(500).default(100).describe('Gaps to list, the weightiest first'),
});
const gap = z.object({
  path: z.string(),
  name: z.string(),
  line: z.int(),
  complexity: z.int(),
  commits: z.int().describe('Commits that changed its file; 0 without git'),
  score: z.number().describe('complexity × (1 + commits)'),
});
const output = z.object({
  exported_functions: z.int(),
  named_by_tests: z.int().describe('Functions that a test file names itself'),
  reached_by_tests: z.int().describe('With those that are only reached through others'),
  gaps: z.array(gap),
  skipped: skippedSchema,
});
type Gap = z.output<typeof gap>;

/** Commits per file of a repository; empty where there is none. */
async function churnOf(path: string, env: ToolEnvironment): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const { folder, place } = await openRepository(path, env);
  if (place.kind === 'none') return counts;
  for (const commit of await readLog(folder, { commitsMax: 2000, signal: env.signal }))
    for (const file of commit.files) counts.set(file.path, (counts.get(file.path) ?? 0) + 1);
  return counts;
}

interface Candidate {
  path: string;
  name: string;
  line: number;
  complexity: number;
  direct: boolean;
  reached: boolean;
}

async function scriptCandidates(project: Project): Promise<Candidate[]> {
  const { exportedDeclarations, keyOf, reachOfTests } = await import('./read-project.ts');
  const reach = reachOfTests(project);
  return project.sources.flatMap((module) =>
    exportedDeclarations(module)
      .filter(({ declaration }) => declaration.kind !== 'value')
      .map(({ declaration }) => {
        const key = keyOf({ from: module.path, name: declaration.name });
        return {
          path: module.path,
          name: declaration.name,
          line: declaration.line,
          complexity: declaration.complexity,
          direct: reach.direct.has(key),
          reached: reach.testsOf.has(key),
        };
      }),
  );
}

/** Python by names: a function counts as tested when a test file has its name as a word. */
async function pythonCandidates({ python }: Project): Promise<Candidate[]> {
  const { measurePython } = await import('../code/measure-python.ts');
  const { isTestFile } = await import('./read-tests.ts');
  const wordsOf = (text: string) => new Set(text.match(/[A-Za-z_]\w*/g) ?? []);
  const tested = new Set(
    python.filter(({ path }) => isTestFile(path)).flatMap(({ text }) => [...wordsOf(text)]),
  );
  return python
    .filter(({ path }) => !isTestFile(path) && !/(?:^|\/)conftest\.py$/.test(path))
    .flatMap(({ path, text }) => {
      const lines = text.split('\n');
      const functions = measurePython(path, text).filter(
        (one) => !one.name.startsWith('_') && !/^\s/.test(lines[one.line - 1] ?? ''),
      );
      const bodies = functions.map((one) => ({
        one,
        words: wordsOf(lines.slice(one.line, one.end_line).join('\n')),
      }));
      const isReached = (name: string) =>
        tested.has(name) ||
        bodies.some(({ one, words }) => tested.has(one.name) && words.has(name));
      return functions.map(({ name, line, complexity }) => ({
        path,
        name,
        line,
        complexity,
        direct: tested.has(name),
        reached: isReached(name),
      }));
    });
}

function toFinding(one: Gap, line: string): Finding {
  const changed = one.commits === 0 ? '' : `, changed in ${one.commits} commits`;
  return {
    rule: 'testing.gap',
    severity: one.complexity >= 8 ? 'high' : one.complexity >= 4 ? 'medium' : 'low',
    message: `No test calls ${one.name} (complexity ${one.complexity}${changed}), and none reaches it through others.`,
    location: { path: one.path, line: one.line },
    evidence: line,
    fix: 'Test what it promises its callers, with values at the limits of each branch.',
    tool: 'test_gaps',
  };
}

export const testGaps = defineTool({
  name: 'test_gaps',
  title: 'Test gaps',
  description:
    'Finds exported functions that no test calls or reaches, by imports and names (JavaScript, TypeScript, Python), ranked by complexity and by how often they change.',
  group: 'testing',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 180_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['untested', 'gap', 'coverage', 'hotspot'],
  async run(request, env) {
    const { readProject } = await import('./read-project.ts');
    const project = await readProject(request, env);
    const churn = await churnOf(request.path, env);
    const all = [...(await scriptCandidates(project)), ...(await pythonCandidates(project))];
    const gaps = all
      .filter((one) => !one.reached)
      .map(({ path, name, line, complexity }): Gap => {
        const commits = churn.get(path) ?? 0;
        return { path, name, line, complexity, commits, score: complexity * (1 + commits) };
      })
      .toSorted((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1) || a.line - b.line);
    const lineAt = ({ path, line, name }: Gap): string => {
      const text =
        project.modules.get(path)?.text ?? project.python.find((file) => file.path === path)?.text;
      return (text?.split('\n')[line - 1] ?? name).trim().slice(0, 200);
    };
    return {
      output: {
        exported_functions: all.length,
        named_by_tests: all.filter((one) => one.direct).length,
        reached_by_tests: all.filter((one) => one.reached).length,
        gaps: gaps.slice(0, request.limit),
        skipped: project.scan.skipped,
      },
      summary: `${gaps.length} of ${all.length} exported functions and classes are reached by no test.${describeSkipped(project.scan.skipped)}`,
      findings: gaps.slice(0, request.limit).map((one) => toFinding(one, lineAt(one))),
      findingsTotal: gaps.length,
    };
  },
});
