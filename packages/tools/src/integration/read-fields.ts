import { isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { FileRecord } from './read-records.ts';

export type FieldType = 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array' | 'null';

/** A leaf of a schema. */
export interface Field {
  /** Dotted. */
  path: string;
  type: FieldType;
  /** JSON schema format, or what all values look like. */
  format: string | null;
  enum: string[] | null;
  required: boolean;
  maxLength: number | null;
  hasDefault: boolean;
  constant: JsonValue | undefined;
  nullable: boolean;
}

/** True for a JSON schema of an object, false for data. */
export function isSchema(value: JsonValue): value is JsonObject {
  if (!isJsonObject(value)) return false;
  const { $schema, type, properties } = value as JsonObject;
  return isJsonObject(properties as JsonValue) && ($schema !== undefined || type === 'object');
}

function typeOf(schema: JsonObject): { type: FieldType; nullable: boolean } {
  const given = schema['type'];
  const types = (Array.isArray(given) ? given : [given]).filter(
    (one) => typeof one === 'string',
  ) as FieldType[];
  const real = types.find((one) => one !== 'null');
  const choices = schema['enum'];
  const guessed =
    Array.isArray(choices) && typeof choices[0] === 'number'
      ? 'number'
      : isJsonObject(schema['properties'] as JsonValue)
        ? 'object'
        : 'string';
  return { type: real ?? guessed, nullable: types.includes('null') };
}

function deref(schema: JsonObject, root: JsonObject): JsonObject {
  const match =
    typeof schema['$ref'] === 'string'
      ? /^#\/(?:\$defs|definitions)\/([\w-]+)$/.exec(schema['$ref'])
      : null;
  if (match?.[1] === undefined) return schema;
  const pool = (root['$defs'] ?? root['definitions']) as JsonObject | undefined;
  const found = pool?.[match[1]];
  return isJsonObject(found as JsonValue) ? (found as JsonObject) : schema;
}

/** Leaves of a JSON schema, objects taken apart; `required` only when all objects above are too. */
export function fieldsOfSchema(root: JsonObject): Field[] {
  const walk = (schema: JsonObject, prefix: string, above: boolean): Field[] => {
    const required = Array.isArray(schema['required']) ? schema['required'] : [];
    return Object.entries((schema['properties'] ?? {}) as JsonObject).flatMap(
      ([name, raw]): Field[] => {
        const own = deref(isJsonObject(raw) ? (raw as JsonObject) : {}, root);
        const path = prefix === '' ? name : `${prefix}.${name}`;
        const { type, nullable } = typeOf(own);
        const needed = above && required.includes(name);
        if (
          type === 'object' &&
          isJsonObject(own['properties'] as JsonValue) &&
          path.split('.').length < 7
        )
          return walk(own, path, needed);
        const choices = own['enum'];
        return [
          {
            path,
            type,
            nullable,
            format: typeof own['format'] === 'string' ? own['format'] : null,
            enum: Array.isArray(choices) ? choices.filter((one) => one !== null).map(String) : null,
            required: needed,
            maxLength: typeof own['maxLength'] === 'number' ? own['maxLength'] : null,
            hasDefault: own['default'] !== undefined,
            constant: own['const'],
          },
        ];
      },
    );
  };
  return walk(root, '', true);
}

const FORMATS: readonly [string, RegExp][] = [
  ['email', /^[^\s@]+@[^\s@]+\.[^\s@]+$/],
  ['date-time', /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/],
  ['date', /^\d{4}-\d{2}-\d{2}$/],
  ['uuid', /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i],
  ['uri', /^https?:\/\/\S+$/],
  ['numeric', /^[+-]?\d+(?:\.\d+)?$/],
];
const ENUM_MAX = 12;

function valueType(value: JsonValue): FieldType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value as FieldType;
}

function widest(types: ReadonlySet<FieldType>): FieldType {
  const real = [...types].filter((type) => type !== 'null');
  if (real.length === 0) return 'string';
  if (real.every((type) => type === 'integer' || type === 'number'))
    return types.has('number') ? 'number' : 'integer';
  return real.length === 1 ? (real[0] as FieldType) : 'string';
}

function leaves(
  value: JsonObject,
  prefix: string,
  put: (path: string, value: JsonValue) => void,
): void {
  for (const [name, item] of Object.entries(value)) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (
      isJsonObject(item) &&
      Object.keys(item as JsonObject).length > 0 &&
      prefix.split('.').length < 6
    )
      leaves(item as JsonObject, path, put);
    else put(path, item);
  }
}

/** Fields of records, with types, formats and few repeated values as their values show. */
export function fieldsOfRecords(records: readonly FileRecord[]): Field[] {
  const values = new Map<string, JsonValue[]>();
  for (const { value } of records.slice(0, 5000))
    leaves(value, '', (path, item) => {
      const list = values.get(path);
      if (list === undefined) values.set(path, [item]);
      else list.push(item);
    });
  return [...values].map(([path, items]) => {
    const texts = items.filter((item) => typeof item === 'string');
    const distinct = new Set(texts);
    const isEnum =
      texts.length >= 6 && distinct.size <= ENUM_MAX && distinct.size * 3 <= texts.length;
    return {
      path,
      type: widest(new Set(items.map(valueType))),
      nullable: items.includes(null),
      format:
        texts.length === 0
          ? null
          : (FORMATS.find(([, shape]) => texts.every((text) => shape.test(text)))?.[0] ?? null),
      enum: isEnum ? [...distinct] : null,
      required: items.length === Math.min(records.length, 5000) && !items.includes(null),
      maxLength: texts.length === 0 ? null : Math.max(...texts.map((text) => text.length)),
      hasDefault: false,
      constant: undefined,
    };
  });
}

/** JSON schema that the fields of records stand for, to validate against. */
export function schemaOfFields(fields: readonly Field[]): JsonObject {
  const root: JsonObject = { type: 'object', properties: {} };
  for (const { path, type, required, nullable } of fields) {
    let at = root;
    const parts = path.split('.');
    for (const [index, part] of parts.entries()) {
      const properties = (at['properties'] ??= {}) as JsonObject;
      const isLeaf = index === parts.length - 1;
      properties[part] ??= isLeaf
        ? { type: nullable ? [type, 'null'] : type }
        : { type: 'object', properties: {} };
      if (required) {
        const list = (at['required'] ??= []) as JsonValue[];
        if (!list.includes(part)) list.push(part);
      }
      at = properties[part] as JsonObject;
    }
  }
  return root;
}
