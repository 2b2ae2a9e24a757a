import { z } from 'zod';
import { defineTool, type ToolArtifact } from '../definition.ts';
import { createSchemaChecker } from './json-schema.ts';
import { mockRoutes, mockServerSource, type MockRoute } from './mock-routes.ts';
import { listOperations, nameOf } from './operations.ts';
import { specPathSchema } from './openapi-lint.ts';
import { childOf, requireSpec, rootOf, textOf } from './spec-document.ts';

const SAMPLE_CHARS_MAX = 4000;

const input = z.strictObject({ spec: specPathSchema });
const output = z.object({
  path: z.string(),
  routes: z.array(
    z.object({
      operation: z.string(),
      status: z.int(),
      content_type: z.string().nullable(),
      origin: z.enum(['example', 'schema', 'none']),
      fits_schema: z.boolean(),
      sample: z.string(),
    }),
  ),
  without_answer: z.array(z.string()),
});

function toRow(route: MockRoute): z.output<typeof output>['routes'][number] {
  return {
    operation: nameOf(route.operation),
    status: route.status,
    content_type: route.contentType,
    origin: route.origin,
    fits_schema: route.misfit === '',
    sample: JSON.stringify(route.body).slice(0, SAMPLE_CHARS_MAX),
  };
}

function artifactsOf(title: string, routes: readonly MockRoute[]): ToolArtifact[] {
  const answers = routes.map((route) => ({
    operation: nameOf(route.operation),
    status: route.status,
    content_type: route.contentType,
    body: route.body,
  }));
  return [
    {
      name: 'mock-server.mjs',
      title: `Mock server of ${title}`,
      contentType: 'text/javascript',
      content: mockServerSource(title, routes),
    },
    {
      name: 'mock-answers.json',
      title: `Sample answers of ${title}`,
      contentType: 'application/json',
      content: `${JSON.stringify(answers, null, 2)}\n`,
    },
  ];
}

export const apiMock = defineTool({
  name: 'api_mock',
  title: 'Mock an API',
  description:
    'Makes answers for all operations of an OpenAPI description from its examples and schemas, checks each against its schema, and writes a mock server of one file without dependencies.',
  group: 'api',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['openapi', 'mock', 'stub', 'server', 'sample'],
  async run(request, env) {
    const spec = await requireSpec(request.spec, env);
    const operations = listOperations(spec);
    const routes = mockRoutes(spec, operations, await createSchemaChecker(spec));
    const answered = new Set(routes.map(({ operation }) => operation));
    const without = operations.filter((operation) => !answered.has(operation)).map(nameOf);
    const misfits = routes.filter(({ misfit }) => misfit !== '').length;
    const title = textOf(childOf(rootOf(spec.main), 'info', 'title')) ?? spec.main.path;
    return {
      output: { path: spec.main.path, routes: routes.map(toRow), without_answer: without },
      summary: `The mock of "${spec.main.path}" answers ${routes.length} of ${operations.length} operations${misfits > 0 ? `; ${misfits} answers do not fit their own schema` : '; every answer fits its schema'}.`,
      artifacts: artifactsOf(title, routes),
    };
  },
});
