import type { ErrorObject, ValidateFunction } from 'ajv';
import { isRecord } from './spec-document.ts';
import type { Place, Spec } from './spec-document.ts';

/** A JSON schema (2020-12) that stands for itself: everything it refers to is in its `$defs`. */
export type JsonSchema = Record<string, unknown>;

/** Keywords whose values are schemas, lists of schemas, or maps of schemas. */
const ONE = [
  'items',
  'additionalProperties',
  'not',
  'contains',
  'propertyNames',
  'if',
  'then',
  'else',
  'unevaluatedProperties',
];
const LIST = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const MAP = ['properties', 'patternProperties', 'dependentSchemas', '$defs'];
/** Words for people, and of OpenAPI itself; they say nothing about a value. */
const DROPPED = new Set([
  'example',
  'examples',
  'discriminator',
  'xml',
  'externalDocs',
  'deprecated',
  'nullable',
  'readOnly',
  'writeOnly',
  'description',
  'title',
  'default',
  '$schema',
  '$id',
  '$anchor',
  'in',
  'name',
  'collectionFormat',
  'allowEmptyValue',
  'required',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'type',
  'enum',
]);

interface Conversion {
  spec: Spec;
  defs: Record<string, unknown>;
  names: Map<string, string>;
  /** Which properties to leave out of what must be there: those of answers only, or of requests only. */
  omit: 'readOnly' | 'writeOnly';
}

function typed(source: Record<string, unknown>): JsonSchema {
  const target: JsonSchema = {};
  const { type } = source;
  if (type === 'file') return {};
  if (typeof type === 'string' || Array.isArray(type)) target['type'] = type;
  if (Array.isArray(source['enum'])) target['enum'] = source['enum'];
  if (source['nullable'] === true) {
    if (typeof type === 'string') target['type'] = [type, 'null'];
    if (Array.isArray(source['enum'])) target['enum'] = [...(source['enum'] as unknown[]), null];
  }
  for (const [bound, exclusive] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    if (typeof source[exclusive] === 'number') target[exclusive] = source[exclusive];
    // Until 3.0 this was a mark on the bound.
    else if (source[exclusive] === true && typeof source[bound] === 'number')
      target[exclusive] = source[bound];
  }
  return target;
}

function requiredOf(source: Record<string, unknown>, { omit }: Conversion): string[] {
  const properties = isRecord(source['properties']) ? source['properties'] : {};
  const names = Array.isArray(source['required']) ? source['required'] : [];
  return names.filter((name): name is string => {
    const property = typeof name === 'string' ? properties[name] : undefined;
    return typeof name === 'string' && !(isRecord(property) && property[omit] === true);
  });
}

function convert(place: Place, work: Conversion): unknown {
  const { value } = place;
  if (typeof value === 'boolean') return value;
  if (!isRecord(value)) return {};
  if (typeof value['$ref'] === 'string') return refer(place, work);
  const target = typed(value);
  const required = requiredOf(value, work);
  if (required.length > 0) target['required'] = required;
  const below = (...keys: (string | number)[]): Place => {
    let inner: unknown = value;
    for (const key of keys) inner = (inner as Record<string | number, unknown>)[key];
    return { doc: place.doc, keys: [...place.keys, ...keys], value: inner };
  };
  for (const [key, item] of Object.entries(value)) {
    if (DROPPED.has(key) || key.startsWith('x-') || item === undefined) continue;
    if (ONE.includes(key))
      target[key] = Array.isArray(item)
        ? item.map((_, index) => convert(below(key, index), work))
        : convert(below(key), work);
    else if (LIST.includes(key) && Array.isArray(item))
      target[key] = item.map((_, index) => convert(below(key, index), work));
    else if (MAP.includes(key) && isRecord(item))
      target[key] = Object.fromEntries(
        Object.keys(item).map((name) => [name, convert(below(key, name), work)]),
      );
    else target[key] = item;
  }
  return target;
}

function refer(place: Place, work: Conversion): unknown {
  const target = work.spec.follow(place);
  if (target === undefined) return {}; // the lint tells it; here it must not hide other problems
  const key = `${target.doc.absolute}#${target.keys.join('/')}`;
  let name = work.names.get(key);
  if (name === undefined) {
    name = `s${work.names.size}`;
    work.names.set(key, name);
    work.defs[name] = convert(target, work);
  }
  return { $ref: `#/$defs/${name}` };
}

/** The schema at a place as JSON schema 2020-12, for values that are sent (`request`) or received (`response`). */
export function toJsonSchema(
  spec: Spec,
  place: Place,
  direction: 'request' | 'response',
): JsonSchema {
  const work: Conversion = {
    spec,
    defs: {},
    names: new Map(),
    omit: direction === 'request' ? 'readOnly' : 'writeOnly',
  };
  const root = convert(place, work);
  const own: JsonSchema = isRecord(root) ? root : root === false ? { not: {} } : {};
  return { ...own, $defs: { ...(isRecord(own['$defs']) ? own['$defs'] : {}), ...work.defs } };
}

/** What does not fit, in words: `/name must be string`. Empty = the value fits. */
export type SchemaChecker = (
  place: Place,
  value: unknown,
  direction: 'request' | 'response',
) => string[];

function inWords(errors: readonly ErrorObject[]): string[] {
  return errors.slice(0, 5).map((error) => {
    const extra =
      error.keyword === 'enum'
        ? ` (${JSON.stringify(error.params['allowedValues']).slice(0, 120)})`
        : error.keyword === 'additionalProperties'
          ? ` ("${String(error.params['additionalProperty'])}")`
          : '';
    return `${error.instancePath === '' ? 'the value' : error.instancePath} ${error.message ?? 'does not fit'}${extra}`;
  });
}

/** Makes the check of values against schemas of a description. A schema that is itself unusable is told as what does not fit. */
export async function createSchemaChecker(spec: Spec): Promise<SchemaChecker> {
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  const { default: formats } = await import('ajv-formats');
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    validateFormats: true,
    logger: false,
    validateSchema: false,
  });
  (formats as unknown as (target: unknown) => void)(ajv);
  const compiled = new Map<string, ValidateFunction | string>();
  return (place, value, direction) => {
    const key = `${direction} ${place.doc.absolute}#${place.keys.join('/')}`;
    let check = compiled.get(key);
    if (check === undefined) {
      try {
        check = ajv.compile(toJsonSchema(spec, place, direction));
      } catch (error) {
        check = `the schema cannot be used: ${error instanceof Error ? error.message.slice(0, 150) : 'unknown reason'}`;
      }
      compiled.set(key, check);
    }
    if (typeof check === 'string') return [check];
    return check(value) === true ? [] : inWords(check.errors ?? []);
  };
}
