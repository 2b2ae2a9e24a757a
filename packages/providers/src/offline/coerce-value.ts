import { isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';

/** Types a schema allows, by `type`, `const`, `enum`, `anyOf` and `oneOf`; empty = any. */
export function typesOf(schema: JsonObject): string[] {
  const { type } = schema;
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type.filter((each) => typeof each === 'string');
  const choices = Array.isArray(schema['enum'])
    ? schema['enum']
    : 'const' in schema
      ? [schema['const'] ?? null]
      : [];
  if (choices.length > 0) return [...new Set(choices.map(typeName))];
  const branches = [schema['anyOf'], schema['oneOf']].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  return branches.flatMap((branch) => (isJsonObject(branch) ? typesOf(branch as JsonObject) : []));
}

function typeName(value: JsonValue): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** The value in the form the schema asks for, without changing what it says: "5" ↔ 5, one ↔ list of one, list → each. Empty = does not fit. */
export function coerce(value: JsonValue, schema: JsonObject): JsonValue[] {
  const types = typesOf(schema);
  const choices = Array.isArray(schema['enum']) ? schema['enum'] : null;
  const fits = (each: JsonValue) => choices === null || choices.includes(each);
  if (types.length === 0) return [value].filter(fits);
  const own = typeName(value);
  if (
    types.includes(own) ||
    (own === 'number' && types.includes('integer') && Number.isInteger(value))
  )
    return own === 'array' ? coerceItems(value as JsonValue[], schema) : [value].filter(fits);
  if (Array.isArray(value))
    return value.flatMap((item) => (Array.isArray(item) ? [] : coerce(item, schema)));
  if (types.includes('array')) return coerceItems([value], schema);
  if (typeof value === 'string' && (types.includes('number') || types.includes('integer')))
    return numeric(value, types);
  if (typeof value === 'string' && types.includes('boolean'))
    return value === 'true' ? [true] : value === 'false' ? [false] : [];
  return (typeof value === 'number' || typeof value === 'boolean') && types.includes('string')
    ? [String(value)].filter(fits)
    : [];
}

function coerceItems(values: readonly JsonValue[], schema: JsonObject): JsonValue[] {
  const items = isJsonObject(schema['items']) ? (schema['items'] as JsonObject) : {};
  const fitting = values.flatMap((value) => coerce(value, items).slice(0, 1));
  return fitting.length === values.length ? [fitting] : [];
}

function numeric(text: string, types: readonly string[]): JsonValue[] {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) return [];
  return types.includes('number') || Number.isInteger(value) ? [value] : [];
}
