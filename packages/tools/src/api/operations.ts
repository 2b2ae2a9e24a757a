import { childOf, entriesOf, isRecord, itemsOf, rootOf, textOf } from './spec-document.ts';
import type { Place, Spec } from './spec-document.ts';

export const METHODS = [
  'get',
  'put',
  'post',
  'delete',
  'options',
  'head',
  'patch',
  'trace',
] as const;
export type Method = (typeof METHODS)[number];

/** A body in one notation. */
export interface Content {
  type: string;
  schema: Place | undefined;
  examples: Place[];
  place: Place;
}

export interface Parameter {
  name: string;
  in: string;
  required: boolean;
  schema: Place | undefined;
  examples: Place[];
  /** Where it is declared, references followed. */
  place: Place;
}

export interface ResponseOf {
  /** `200`, `4XX`, `default`. */
  status: string;
  content: Content[];
  place: Place;
}

/** An operation as every version of OpenAPI means it. */
export interface Operation {
  path: string;
  method: Method;
  id: string | undefined;
  parameters: Parameter[];
  body: { required: boolean; content: Content[]; place: Place } | undefined;
  responses: ResponseOf[];
  /** Alternatives, each with the schemes that are needed together; empty = open to everybody. */
  security: string[][];
  /** Whether the operation itself says so, even when it says "none". */
  securityStated: boolean;
  deprecated: boolean;
  place: Place;
}

function examplesOf(place: Place): Place[] {
  const single = childOf(place, 'example');
  const several = entriesOf(childOf(place, 'examples')).map(([, entry]) => childOf(entry, 'value'));
  return [single, ...several].filter(({ value }) => value !== undefined);
}

function contentOf(place: Place): Content[] {
  return entriesOf(childOf(place, 'content')).map(([type, entry]) => {
    const schema = childOf(entry, 'schema');
    return {
      type,
      schema: schema.value === undefined ? undefined : schema,
      examples: examplesOf(entry),
      place: entry,
    };
  });
}

function textsOf(place: Place): string[] {
  return itemsOf(place).flatMap((item) => textOf(item) ?? []);
}

function parameterOf(spec: Spec, at: Place): Parameter | undefined {
  const place = spec.follow(at);
  const name = textOf(place === undefined ? undefined : childOf(place, 'name'));
  const where = textOf(place === undefined ? undefined : childOf(place, 'in'));
  if (place === undefined || name === undefined || where === undefined) return undefined;
  const own = childOf(place, 'schema');
  const viaContent = contentOf(place)[0]?.schema;
  const old = spec.version === '2.0' && own.value === undefined ? place : undefined;
  return {
    name,
    in: where,
    required: childOf(place, 'required').value === true,
    schema: own.value === undefined ? (old ?? viaContent) : own,
    examples: examplesOf(place),
    place,
  };
}

function parametersOf(spec: Spec, item: Place, operation: Place): Parameter[] {
  const read = (place: Place) =>
    itemsOf(childOf(place, 'parameters')).flatMap((each) => parameterOf(spec, each) ?? []);
  const own = read(operation);
  const shared = read(item).filter(
    (one) => !own.some((other) => other.name === one.name && other.in === one.in),
  );
  return [...shared, ...own];
}

function typesOf(spec: Spec, operation: Place, field: 'consumes' | 'produces'): string[] {
  const own = textsOf(childOf(operation, field));
  const shared = own.length > 0 ? own : textsOf(childOf(rootOf(spec.main), field));
  return shared.length > 0 ? shared : ['application/json'];
}

function oldContent(place: Place, types: string[]): Content[] {
  const schema = childOf(place, 'schema');
  if (schema.value === undefined) return [];
  return types.map((type) => {
    const example = childOf(place, 'examples', type);
    return { type, schema, examples: example.value === undefined ? [] : [example], place };
  });
}

function bodyOf(spec: Spec, operation: Place, parameters: readonly Parameter[]): Operation['body'] {
  if (spec.version === '2.0') {
    const body = parameters.find((one) => one.in === 'body');
    return (
      body && {
        required: body.required,
        place: body.place,
        content: oldContent(body.place, typesOf(spec, operation, 'consumes')),
      }
    );
  }
  const place = spec.follow(childOf(operation, 'requestBody'));
  return (
    place && {
      required: childOf(place, 'required').value === true,
      content: contentOf(place),
      place,
    }
  );
}

function responsesOf(spec: Spec, operation: Place): ResponseOf[] {
  return entriesOf(childOf(operation, 'responses')).flatMap(([status, at]) => {
    const place = spec.follow(at);
    if (place === undefined || status.startsWith('x-')) return [];
    const content =
      spec.version === '2.0'
        ? oldContent(place, typesOf(spec, operation, 'produces'))
        : contentOf(place);
    // The status stands where the operation names it, whatever it refers to.
    return [{ status: status.toUpperCase().replace('DEFAULT', 'default'), content, place: at }];
  });
}

function securityOf(spec: Spec, operation: Place): Pick<Operation, 'security' | 'securityStated'> {
  const own = childOf(operation, 'security');
  const used = own.value === undefined ? childOf(rootOf(spec.main), 'security') : own;
  const alternatives = itemsOf(used).map(({ value }) =>
    isRecord(value) ? Object.keys(value) : [],
  );
  return {
    // An empty alternative means that nothing is needed.
    security: alternatives.some((each) => each.length === 0) ? [] : alternatives,
    securityStated: own.value !== undefined,
  };
}

/** All operations in the order of the description; what cannot be resolved is left out, the lint tells it. */
export function listOperations(spec: Spec): Operation[] {
  const found: Operation[] = [];
  for (const [path, at] of entriesOf(childOf(rootOf(spec.main), 'paths'))) {
    const item = spec.follow(at);
    if (item === undefined || !path.startsWith('/')) continue;
    for (const method of METHODS) {
      const place = childOf(item, method);
      if (!isRecord(place.value)) continue;
      const parameters = parametersOf(spec, item, place);
      found.push({
        path,
        method,
        id: textOf(childOf(place, 'operationId')),
        parameters: parameters.filter((one) => one.in !== 'body'),
        body: bodyOf(spec, place, parameters),
        responses: responsesOf(spec, place),
        ...securityOf(spec, place),
        deprecated: childOf(place, 'deprecated').value === true,
        place,
      });
    }
  }
  return found;
}

/** `GET /pets/{id}` */
export function nameOf(operation: Pick<Operation, 'method' | 'path'>): string {
  return `${operation.method.toUpperCase()} ${operation.path}`;
}

/** The names in braces of a path. */
export function templateNames(path: string): string[] {
  return [...path.matchAll(/\{([^}]*)\}/g)].map((match) => match[1] ?? '');
}

export function isJsonType(type: string): boolean {
  return /^application\/(?:[\w.+-]+\+)?json\b/i.test(type) || type === '*/*';
}
