import { createTypeWriter, docLine, keyText, pascal, type TypeWriter } from './client-types.ts';
import { isJsonType, nameOf, type Operation, type Parameter } from './operations.ts';
import { childOf, rootOf, textOf, type Spec } from './spec-document.ts';

const RUNTIME = `export interface ClientOptions {
  /** Address under which the paths of the API lie. */
  baseUrl: string;
  /** Sent with each request, e.g. authorization. */
  headers?: Record<string, string>;
  fetch?: typeof globalThis.fetch;
}

/** An answer that is not one of success. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    super(\`The API answered \${status}\`);
    this.name = 'ApiError';
    this.status = status;
    this.body = body;
  }
}

interface RequestParts {
  path?: Record<string, unknown> | undefined;
  query?: Record<string, unknown> | undefined;
  headers?: Record<string, unknown> | undefined;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

async function send(options: ClientOptions, method: string, template: string, parts: RequestParts): Promise<unknown> {
  const path = template.replace(/\\{([^}]*)\\}/g, (_, name: string) => encodeURIComponent(String(parts.path?.[name])));
  const url = new URL(options.baseUrl.replace(/\\/+$/, '') + path);
  for (const [name, value] of Object.entries(parts.query ?? {}))
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined && one !== null) url.searchParams.append(name, String(one));
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers };
  for (const [name, value] of Object.entries(parts.headers ?? {})) if (value !== undefined) headers[name] = String(value);
  const init: RequestInit = { method, headers };
  if (parts.body !== undefined) {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(parts.body);
  }
  if (parts.signal !== undefined) init.signal = parts.signal;
  const request = options.fetch ?? fetch;
  const response = await request(url, init);
  const text = await response.text();
  const isJson = /json/i.test(response.headers.get('content-type') ?? '');
  const body: unknown = text === '' ? undefined : isJson ? JSON.parse(text) : text;
  if (!response.ok) throw new ApiError(response.status, body);
  return body;
}`;

function group(
  parameters: readonly Parameter[],
  where: string,
  types: TypeWriter,
): { text: string; required: boolean } | undefined {
  const own = parameters.filter((one) => one.in === where);
  if (own.length === 0) return undefined;
  const needs = (one: Parameter) => one.required || where === 'path';
  const fields = own.map(
    (one) => `${keyText(one.name)}${needs(one) ? '' : '?'}: ${types.typeOf(one.schema)}`,
  );
  return { text: `{ ${fields.join('; ')} }`, required: own.some(needs) };
}

function inputType(operation: Operation, types: TypeWriter): { text: string; optional: boolean } {
  const fields: string[] = [];
  let optional = true;
  for (const [field, where] of [
    ['path', 'path'],
    ['query', 'query'],
    ['headers', 'header'],
  ] as const) {
    const found = group(operation.parameters, where, types);
    if (found === undefined) continue;
    fields.push(`${field}${found.required ? '' : '?'}: ${found.text}`);
    if (found.required) optional = false;
  }
  const content =
    operation.body?.content.find(({ type }) => isJsonType(type)) ?? operation.body?.content[0];
  if (content !== undefined) {
    fields.push(
      `body${operation.body?.required === true ? '' : '?'}: ${types.typeOf(content.schema)}`,
    );
    if (operation.body?.required === true) optional = false;
  }
  return { text: `{ ${[...fields, 'signal?: AbortSignal'].join('; ')} }`, optional };
}

function resultType(operation: Operation, types: TypeWriter): string {
  const success = operation.responses.filter(({ status }) => status.startsWith('2'));
  const chosen =
    success.length > 0 ? success : operation.responses.filter(({ status }) => status === 'default');
  const parts = chosen.map(({ content }) => {
    const json = content.find(({ type }) => isJsonType(type));
    if (json !== undefined) return types.typeOf(json.schema);
    return content.length === 0 ? 'undefined' : 'string';
  });
  return [...new Set(parts)].join(' | ') || 'unknown';
}

function methodName(operation: Operation, used: Set<string>): string {
  const words = pascal(operation.id ?? `${operation.method} ${operation.path}`);
  const wanted = `${words.slice(0, 1).toLowerCase()}${words.slice(1)}`;
  let name = wanted;
  for (let number = 2; used.has(name); number++) name = `${wanted}${number}`;
  used.add(name);
  return name;
}

/** A TypeScript module with the types of the API and `createClient(options)`, which has one function per operation. */
export function clientSource(
  spec: Spec,
  operations: readonly Operation[],
): { source: string; functions: string[] } {
  const types = createTypeWriter(spec);
  const used = new Set<string>();
  const functions = operations.map((operation) => {
    const name = methodName(operation, used);
    const { text, optional } = inputType(operation, types);
    const result = resultType(operation, types);
    const words = textOf(childOf(operation.place, 'summary'));
    const doc = docLine(
      `${nameOf(operation)}${words === undefined ? '' : `: ${words}`}${operation.deprecated ? ' @deprecated' : ''}`,
      '    ',
    );
    return `${doc}    ${name}: (input: ${text}${optional ? ' = {}' : ''}): Promise<${result}> =>\n      send(options, ${JSON.stringify(operation.method.toUpperCase())}, ${JSON.stringify(operation.path)}, input) as Promise<${result}>,`;
  });
  const title = textOf(childOf(rootOf(spec.main), 'info', 'title')) ?? spec.main.path;
  const source = [
    docLine(`Client of ${title}, generated from ${spec.main.path}.`, '').trim(),
    ...types.declarations(),
    RUNTIME,
    `/** Makes the functions of the API; they reject with {@link ApiError} for answers that are not of success. */\nexport function createClient(options: ClientOptions) {\n  return {\n${functions.join('\n')}\n  };\n}`,
    'export type Client = ReturnType<typeof createClient>;',
  ].join('\n\n');
  return { source: `${source}\n`, functions: [...used] };
}
