import type { Operation, Parameter } from './operations.ts';
import { isJsonType } from './operations.ts';
import { sampleOf } from './sample-value.ts';
import { isRecord, type Place, type Spec } from './spec-document.ts';

/** A request as it goes out. */
export interface ContractRequest {
  method: string;
  /** With the query, without the base. */
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
  /** True when a path parameter was made up: the thing it names need not exist. */
  invented: boolean;
}

/** Changes to the valid request, to see whether the server refuses it. */
export interface RequestFault {
  what: string;
  at: Place;
  omit?: string;
  replace?: { name: string; value: string };
}

function valueOf(spec: Spec, parameter: Parameter): unknown {
  const [example] = parameter.examples;
  if (example !== undefined) return (spec.follow(example) ?? example).value;
  return parameter.schema === undefined ? 'text' : sampleOf(spec, parameter.schema);
}

function isInvented(spec: Spec, parameter: Parameter): boolean {
  if (parameter.examples.length > 0) return false;
  const schema = parameter.schema === undefined ? undefined : spec.follow(parameter.schema)?.value;
  return !(
    isRecord(schema) &&
    ['example', 'examples', 'enum', 'const', 'default', 'x-example'].some((key) => key in schema)
  );
}

function toText(value: unknown): string {
  return Array.isArray(value)
    ? value.map(String).join(',')
    : isRecord(value)
      ? JSON.stringify(value)
      : String(value);
}

/** The request that the description's examples and schemas give: all that is required, and what has an example. */
export function buildRequest(
  spec: Spec,
  operation: Operation,
  fault?: RequestFault,
): ContractRequest {
  const wanted = operation.parameters.filter(
    (one) =>
      (one.required || one.in === 'path' || one.examples.length > 0) &&
      !(one.in === 'query' && one.name === fault?.omit),
  );
  const textFor = (parameter: Parameter) =>
    fault?.replace?.name === parameter.name && parameter.in === 'query'
      ? fault.replace.value
      : toText(valueOf(spec, parameter));
  let path = operation.path;
  let invented = false;
  const query = new URLSearchParams();
  const headers: Record<string, string> = { accept: 'application/json, */*;q=0.5' };
  for (const parameter of wanted) {
    if (parameter.in === 'path') {
      path = path.replaceAll(`{${parameter.name}}`, encodeURIComponent(textFor(parameter)));
      invented ||= isInvented(spec, parameter);
    } else if (parameter.in === 'query') query.set(parameter.name, textFor(parameter));
    else if (parameter.in === 'header')
      headers[parameter.name.toLowerCase()] = toText(valueOf(spec, parameter)).replaceAll(
        /[\r\n]/g,
        ' ',
      );
  }
  if (fault?.replace !== undefined && !query.has(fault.replace.name))
    query.set(fault.replace.name, fault.replace.value);
  const content = operation.body?.content.find(({ type }) => isJsonType(type));
  const [example] = content?.examples ?? [];
  const body =
    content === undefined || operation.method === 'get' || operation.method === 'head'
      ? undefined
      : JSON.stringify(
          example === undefined
            ? content.schema === undefined
              ? null
              : sampleOf(spec, content.schema)
            : example.value,
        );
  if (body !== undefined) headers['content-type'] = 'application/json';
  return {
    method: operation.method.toUpperCase(),
    path: query.size === 0 ? path : `${path}?${query.toString()}`,
    headers,
    body,
    invented,
  };
}

/** Wrong requests that a server that keeps to the description refuses. */
export function faultsOf(spec: Spec, operation: Operation): RequestFault[] {
  const queries = operation.parameters.filter((one) => one.in === 'query');
  const missing = queries.find((one) => one.required);
  const faults: RequestFault[] =
    missing === undefined
      ? []
      : [
          {
            what: `without the required query parameter "${missing.name}"`,
            at: missing.place,
            omit: missing.name,
          },
        ];
  for (const one of queries) {
    const schema = one.schema === undefined ? undefined : spec.follow(one.schema)?.value;
    const isBound =
      isRecord(schema) &&
      (schema['type'] === 'integer' ||
        schema['type'] === 'number' ||
        Array.isArray(schema['enum']));
    if (isBound)
      faults.push({
        what: `with "${one.name}" set to a value that its schema refuses`,
        at: one.place,
        replace: { name: one.name, value: 'not-a-valid-value' },
      });
  }
  return faults;
}
