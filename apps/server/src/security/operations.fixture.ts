import type { Permission } from '@automatos/contracts';
import { sampleOf } from './sample-value.fixture.ts';
import type { SampleContext, Schema } from './sample-value.fixture.ts';

/** One operation as the served OpenAPI document describes it. */
export interface Operation {
  id: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `{parameters}`. */
  path: string;
  permission: Permission | 'public' | 'authenticated';
  params: Parameter[];
  query: Parameter[];
  body: Schema | null;
  ifMatch: boolean;
  /** Also answers as Server-Sent Events. */
  streams: boolean;
}

export interface Parameter {
  name: string;
  required: boolean;
  schema: Schema;
}

export interface ApiDocument {
  paths: Record<string, Record<string, RawOperation>>;
  components: {
    schemas: Record<string, Schema>;
    parameters: Record<string, Parameter & { in: string }>;
  };
}

interface RawOperation {
  operationId: string;
  parameters?: ((Parameter & { in: string }) | { $ref: string })[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, unknown> }>;
  'x-permission': Operation['permission'];
}

export function operationsOf(document: ApiDocument): Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, raw]) => toOperation(document, { path, method, raw })),
  );
}

function toOperation(
  document: ApiDocument,
  { path, method, raw }: { path: string; method: string; raw: RawOperation },
): Operation {
  const parameters = (raw.parameters ?? []).map((given) =>
    '$ref' in given
      ? (document.components.parameters[given.$ref.split('/').at(-1) ?? ''] as Parameter & {
          in: string;
        })
      : given,
  );
  const success = Object.entries(raw.responses).find(([status]) => /^2\d\d$/.test(status))?.[1];
  return {
    id: raw.operationId,
    method: method.toUpperCase() as Operation['method'],
    path,
    permission: raw['x-permission'],
    params: parameters.filter((given) => given.in === 'path'),
    query: parameters.filter((given) => given.in === 'query'),
    body: raw.requestBody?.content['application/json']?.schema ?? null,
    ifMatch: parameters.some((given) => given.name === 'If-Match'),
    streams: success?.content?.['text/event-stream'] !== undefined,
  };
}

/** What is sent to an operation. */
export interface Request {
  method: Operation['method'];
  url: string;
  headers: Record<string, string>;
  payload?: string;
}

interface RequestValues {
  /** Value of a path parameter. */
  param(parameter: Parameter): string;
  /** Value of a field of the query or body, or undefined for one of the schema's own. */
  field?: (name: string, schema: Schema) => unknown;
}

/** A request that the operation's schemas allow. */
export function requestFor(
  context: SampleContext,
  operation: Operation,
  values: RequestValues,
): Request {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    const parameter = operation.params.find((given) => given.name === name) as Parameter;
    return encodeURIComponent(values.param(parameter));
  });
  const field = values.field ?? (() => undefined);
  const query = new URLSearchParams();
  for (const { name, required, schema } of operation.query) {
    const value = field(name, schema) ?? (required ? sampleOf(context, schema, name) : undefined);
    if (value !== undefined)
      query.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  const url = query.size === 0 ? path : `${path}?${query.toString()}`;
  const headers: Record<string, string> = operation.ifMatch ? { 'if-match': '*' } : {};
  if (operation.body === null) return { method: operation.method, url, headers };
  const body = sampleOf({ ...context, field }, operation.body, 'body');
  return {
    method: operation.method,
    url,
    headers: { ...headers, 'content-type': 'application/json' },
    payload: JSON.stringify(body),
  };
}
