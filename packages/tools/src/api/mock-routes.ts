import type { SchemaChecker } from './json-schema.ts';
import { isJsonType, nameOf } from './operations.ts';
import type { Operation, ResponseOf } from './operations.ts';
import { sampleOf } from './sample-value.ts';
import type { Place, Spec } from './spec-document.ts';

/** What the mock answers for one operation. */
export interface MockRoute {
  operation: Operation;
  status: number;
  contentType: string | null;
  /** JSON value, or text for other types; null without a body. */
  body: unknown;
  origin: 'example' | 'schema' | 'none';
  /** Why the answer does not fit its own schema; empty = it fits. */
  misfit: string;
}

/** The answer of success: the lowest 2xx, else `2XX` or default as 200, else the first one. */
function chooseResponse(
  operation: Operation,
): { response: ResponseOf; status: number } | undefined {
  const sorted = operation.responses.toSorted((a, b) => (a.status < b.status ? -1 : 1));
  const response =
    sorted.find(({ status }) => /^2\d\d$/.test(status)) ??
    sorted.find(({ status }) => status === '2XX' || status === 'default') ??
    sorted[0];
  if (response === undefined) return undefined;
  return { response, status: /^\d{3}$/.test(response.status) ? Number(response.status) : 200 };
}

function exampleValue(spec: Spec, example: Place): unknown {
  return (spec.follow(example) ?? example).value;
}

/** Answers to all operations that describe one, from their examples, else from their schemas. */
export function mockRoutes(
  spec: Spec,
  operations: readonly Operation[],
  check: SchemaChecker,
): MockRoute[] {
  return operations.flatMap((operation): MockRoute[] => {
    const chosen = chooseResponse(operation);
    if (chosen === undefined) return [];
    const { response, status } = chosen;
    const content = response.content.find(({ type }) => isJsonType(type)) ?? response.content[0];
    if (content === undefined || status === 204)
      return [{ operation, status, contentType: null, body: null, origin: 'none', misfit: '' }];
    const [example] = content.examples;
    const body =
      example === undefined
        ? content.schema === undefined
          ? null
          : sampleOf(spec, content.schema)
        : exampleValue(spec, example);
    const isJson = isJsonType(content.type);
    const misfit =
      isJson && content.schema !== undefined
        ? (check(content.schema, body, 'response')[0] ?? '')
        : '';
    const contentType = content.type === '*/*' ? 'application/json' : content.type;
    return [
      {
        operation,
        status,
        contentType,
        body: isJson || typeof body === 'string' ? body : JSON.stringify(body ?? ''),
        origin: example === undefined ? 'schema' : 'example',
        misfit,
      },
    ];
  });
}

/** The route of a request, exact segments before templates. */
export function findRoute<T extends { operation: Pick<Operation, 'method' | 'path'> }>(
  routes: readonly T[],
  method: string,
  path: string,
): T | undefined {
  const parts = path.split('/');
  const fitting = routes.filter(({ operation }) => {
    const own = operation.path.split('/');
    return (
      operation.method === method.toLowerCase() &&
      own.length === parts.length &&
      own.every(
        (part, index) => part === parts[index] || (/\{.*\}/.test(part) && parts[index] !== ''),
      )
    );
  });
  return fitting.toSorted(
    (a, b) => a.operation.path.split('{').length - b.operation.path.split('{').length,
  )[0];
}

/** A server of one file, without dependencies: `node mock-server.mjs [port]`. */
export function mockServerSource(title: string, routes: readonly MockRoute[]): string {
  const table = routes.map(({ operation, status, contentType, body }) => ({
    name: nameOf(operation),
    method: operation.method.toUpperCase(),
    pattern: `^${operation.path.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{[^}]*\}/g, '[^/]+')}/?$`,
    status,
    contentType,
    body,
  }));
  return `// Mock of ${title.replaceAll(/\s+/g, ' ').slice(0, 100)}: answers made from its description. Start: node mock-server.mjs [port]
import { createServer } from 'node:http';

const routes = ${JSON.stringify(table, null, 2)};
// Plain paths go before those with parameters.
routes.sort((a, b) => a.pattern.split('[^/]+').length - b.pattern.split('[^/]+').length);

const server = createServer((request, response) => {
  const path = new URL(request.url ?? '/', 'http://mock').pathname;
  const fitting = routes.filter((route) => new RegExp(route.pattern).test(path));
  const route = fitting.find((one) => one.method === request.method) ?? fitting.find((one) => one.method === 'GET' && request.method === 'HEAD');
  request.resume();
  if (route === undefined) {
    response.writeHead(fitting.length > 0 ? 405 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: fitting.length > 0 ? 'method not allowed' : 'no such path', path }));
    return;
  }
  const text = route.contentType === null ? '' : /json/.test(route.contentType) ? JSON.stringify(route.body) : String(route.body);
  response.writeHead(route.status, route.contentType === null ? {} : { 'content-type': route.contentType });
  response.end(request.method === 'HEAD' ? '' : text);
});
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  process.stdout.write(\`http://127.0.0.1:\${server.address().port}\\n\`);
});
`;
}
