import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { clientSource } from './client-source.ts';
import { listOperations } from './operations.ts';
import { specPathSchema } from './openapi-lint.ts';
import { requireSpec } from './spec-document.ts';

const PROBLEMS_MAX = 20;

const input = z.strictObject({ spec: specPathSchema });
const output = z.object({
  path: z.string(),
  functions: z.array(z.string()),
  lines: z.int(),
  /** Of the type check; a client with problems is not offered. */
  problems: z.array(z.string()),
});

/** What the TypeScript compiler says about a module, with its own libraries only. */
async function typeProblems(source: string): Promise<string[]> {
  const { Project, ts } = await import('ts-morph');
  const project = new Project({
    useInMemoryFileSystem: true,
    compilerOptions: {
      strict: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
      types: [],
      skipLibCheck: true,
    },
  });
  const file = project.createSourceFile('client.ts', source);
  return file
    .getPreEmitDiagnostics()
    .slice(0, PROBLEMS_MAX)
    .map((problem) => {
      const message = problem.getMessageText();
      return `line ${problem.getLineNumber() ?? 0}: ${typeof message === 'string' ? message : message.getMessageText()}`;
    });
}

export const apiClient = defineTool({
  name: 'api_client',
  title: 'Generate an API client',
  description:
    'Writes a typed TypeScript client for an OpenAPI description: types of all schemas used and one function per operation, without dependencies. It is type-checked before it is offered.',
  group: 'api',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['openapi', 'sdk', 'typescript', 'generate'],
  async run(request, env) {
    const spec = await requireSpec(request.spec, env);
    const { source, functions } = clientSource(spec, listOperations(spec));
    env.progress('checking types');
    const problems = await typeProblems(source);
    const result = { path: spec.main.path, functions, lines: source.split('\n').length, problems };
    if (problems.length > 0)
      return {
        output: result,
        summary: `No client is offered for "${spec.main.path}": the generated code does not pass the type check (${problems[0] ?? ''}).`,
      };
    return {
      output: result,
      summary: `A typed client with ${functions.length} functions for "${spec.main.path}"; it passes the type check.`,
      artifacts: [
        {
          name: 'api-client.ts',
          title: `TypeScript client of ${spec.main.path}`,
          contentType: 'text/typescript',
          content: source,
        },
      ],
    };
  },
});
