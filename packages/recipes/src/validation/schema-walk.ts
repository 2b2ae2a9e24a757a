import { isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { ValueType } from '../references/filters.ts';
import type { PathSegment } from '../references/template.ts';

/** A JSON schema inside its document, so that `$ref` can be followed. An empty schema says nothing. */
export interface Shape {
  schema: JsonObject;
  root: JsonObject;
}

/** Why a path does not fit; `names` are the fields that could have been meant. */
export interface WalkProblem {
  segment: PathSegment;
  message: string;
  names: string[];
}

const REFERENCES_MAX = 20;

export function shapeOf(schema: JsonObject): Shape {
  return { schema, root: schema };
}

/** Follows local `$ref`s; one that leads nowhere or in circles says nothing. */
function resolve(shape: Shape): Shape {
  let schema = shape.schema;
  for (let hops = 0; typeof schema['$ref'] === 'string'; hops++) {
    if (hops >= REFERENCES_MAX || !schema['$ref'].startsWith('#')) return { ...shape, schema: {} };
    let found: JsonValue | undefined = shape.root;
    for (const part of schema['$ref'].split('/').slice(1)) {
      const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
      found = isJsonObject(found) || Array.isArray(found) ? (found as JsonObject)[name] : undefined;
    }
    schema = isJsonObject(found) ? found : {};
  }
  return { ...shape, schema };
}

/** The alternatives of a shape: `anyOf`, `oneOf` and `allOf` opened, each resolved. */
function alternatives(shape: Shape, depth = 0): Shape[] {
  const own = resolve(shape);
  if (depth > 5) return [{ ...own, schema: {} }];
  const inner = ['anyOf', 'oneOf', 'allOf'].flatMap((keyword) => {
    const list = own.schema[keyword];
    return Array.isArray(list) ? list.filter((item) => isJsonObject(item)) : [];
  });
  const open = inner.flatMap((schema) => alternatives({ ...own, schema }, depth + 1));
  const says = own.schema['properties'] !== undefined || own.schema['items'] !== undefined;
  return inner.length === 0 || says ? [own, ...open] : open;
}

/** Types a value of this shape may have; null when the schema does not say. */
export function typesOf(shape: Shape): Set<ValueType> | null {
  const types = new Set<ValueType>();
  for (const { schema } of alternatives(shape)) {
    const said = typesSaid(schema);
    if (said === null) return null;
    for (const type of said) types.add(type === 'integer' ? 'number' : (type as ValueType));
  }
  return types;
}

/** All values a value of this shape may have; null when the schema does not list them. */
export function valuesOf(shape: Shape): JsonValue[] | null {
  const values: JsonValue[] = [];
  for (const { schema } of alternatives(shape)) {
    if (Array.isArray(schema['enum'])) values.push(...schema['enum']);
    else if (schema['const'] !== undefined) values.push(schema['const']);
    else if (schema['type'] === 'null') values.push(null);
    else return null;
  }
  return values.length === 0 ? null : values;
}

function typesSaid(schema: JsonObject): string[] | null {
  const { type } = schema;
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type.map(String);
  if (Array.isArray(schema['enum'])) return schema['enum'].map(jsonType);
  if (schema['const'] !== undefined) return [jsonType(schema['const'])];
  return null;
}

function jsonType(value: JsonValue): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Shape at the end of a path, or why the path cannot exist. */
export function walkShape(
  shape: Shape,
  path: readonly PathSegment[],
): { shape: Shape } | { problem: WalkProblem } {
  let current = shape;
  for (const segment of path) {
    const options = alternatives(current).map((option) => step(option, segment));
    const found = options.filter((option) => 'shape' in option);
    if (found.length === 0) {
      const problems = options.filter((option) => 'problem' in option);
      const best = problems.toSorted((a, b) => b.problem.names.length - a.problem.names.length)[0];
      return best ?? { shape: { schema: {}, root: current.root } };
    }
    // With several possible shapes, what follows is only known when all but one say nothing of it.
    current =
      found.length === 1 && found[0] !== undefined
        ? found[0].shape
        : { root: current.root, schema: { anyOf: found.map((option) => option.shape.schema) } };
  }
  return { shape: current };
}

function step(shape: Shape, segment: PathSegment): { shape: Shape } | { problem: WalkProblem } {
  const { schema, root } = shape;
  const types = typesSaid(schema);
  const unknown = { shape: { schema: {}, root } };
  const problem = (message: string, names: string[] = []) => ({
    problem: { segment, message, names },
  });
  if (segment.kind === 'index') {
    if (types !== null && !types.includes('array')) {
      return problem(`is ${types.join(' or ')}, so it has no items`);
    }
    const items = schema['items'];
    return isJsonObject(items) ? { shape: { schema: items, root } } : unknown;
  }
  if (types !== null && !types.includes('object')) {
    return problem(`is ${types.join(' or ')}, so it has no field "${segment.name}"`);
  }
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : null;
  if (properties !== null && Object.hasOwn(properties, segment.name)) {
    const inner = properties[segment.name];
    return isJsonObject(inner) ? { shape: { schema: inner, root } } : unknown;
  }
  const more = schema['additionalProperties'];
  if (isJsonObject(more)) return { shape: { schema: more, root } };
  if (more === true || schema['patternProperties'] !== undefined) return unknown;
  if (properties === null && more !== false) return unknown;
  return problem(`has no field "${segment.name}"`, Object.keys(properties ?? {}));
}
