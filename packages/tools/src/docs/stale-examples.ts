import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { countBy } from '../workspace/count-by.ts';
import { describeSkipped, scanInputShape } from '../workspace/scan-files.ts';
import { skippedSchema } from '../workspace/walk.ts';
import type { ProjectApi } from './read-api.ts';
import type { Example, ExampleProblem } from './read-examples.ts';

const input = z.strictObject(scanInputShape);
const output = z.object({
  documents: z.int(),
  examples: z.int(),
  by_language: z.record(z.string(), z.int()),
  stale: z.array(
    z.object({ path: z.string(), line: z.int(), rule: z.string(), message: z.string() }),
  ),
  skipped: skippedSchema,
});

const SEVERITY: Readonly<Record<string, Finding['severity']>> = {
  'docs.stale_version': 'low',
  'docs.example_syntax': 'medium',
};

/** Identifiers and words of texts in all sources: what a command line may be made of. */
function wordsOf(api: ProjectApi): Set<string> {
  const words = new Set<string>();
  for (const { text } of api.modules.values())
    for (const [word] of text.matchAll(/[A-Za-z_$][\w$]*(?:-[A-Za-z\d_$]+)*/g)) {
      words.add(word);
      for (const part of word.split('-')) words.add(part);
    }
  return words;
}

async function loadChecks(api: ProjectApi): Promise<(example: Example) => ExampleProblem[]> {
  const { checkSyntax, SCRIPT_LANGUAGES } = await import('./check-syntax.ts');
  const { checkPythonNames, checkScriptNames } = await import('./check-imports.ts');
  const { checkCommands, checkDependencies, SHELL_LANGUAGES } = await import('./check-commands.ts');
  const words = wordsOf(api);
  return (example) => {
    const { language } = example;
    const syntax = checkSyntax(example);
    if (SCRIPT_LANGUAGES.has(language)) return [...syntax, ...checkScriptNames(example, api)];
    if (language === 'python' || language === 'py') return checkPythonNames(example, api);
    if (SHELL_LANGUAGES.has(language)) return checkCommands(example, api, words);
    return language === 'json' ? [...syntax, ...checkDependencies(example, api)] : syntax;
  };
}

function toFinding(example: Example, problem: ExampleProblem): Finding {
  const text = (example.text.split('\n')[problem.offset] ?? '').trim();
  return {
    rule: problem.rule,
    severity: SEVERITY[problem.rule] ?? 'medium',
    message: problem.message,
    location: { path: example.path, line: example.line + problem.offset },
    evidence: text.slice(0, 200) || '(empty line)',
    fix: problem.fix,
    tool: 'stale_examples',
  };
}

export const staleExamples = defineTool({
  name: 'stale_examples',
  title: 'Stale examples',
  description:
    'Checks code blocks in Markdown against the folder: exports, options, scripts, commands, files and versions that do not exist any more, and JSON, YAML, JavaScript and TypeScript that does not parse. Nothing is run.',
  group: 'documentation',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 180_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['example', 'code block', 'outdated', 'readme', 'snippet'],
  async run(request, env) {
    const { readApi } = await import('./read-api.ts');
    const { readExamples } = await import('./read-examples.ts');
    const api = await readApi(request, env);
    const examples = api.documents.flatMap(({ path, text }) => readExamples(path, text));
    const check = await loadChecks(api);
    const findings = examples.flatMap((example) =>
      check(example).map((problem) => toFinding(example, problem)),
    );
    return {
      output: {
        documents: api.documents.length,
        examples: examples.length,
        by_language: countBy(examples, ({ language }) => language || 'none'),
        stale: findings.map(({ rule, message, location }) => ({
          path: location?.path ?? '',
          line: location?.line ?? 1,
          rule,
          message,
        })),
        skipped: api.scan.skipped,
      },
      summary: `${findings.length} problems in ${examples.length} examples of ${api.documents.length} documents.${describeSkipped(api.scan.skipped)}`,
      findings,
    };
  },
});
