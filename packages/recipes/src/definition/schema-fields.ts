import type { JsonValue } from '@automatos/kernel';
import type { z } from 'zod';

type AnySchema = z.core.$ZodType;

/** What a schema describes once optional, default and lazy wrappers are taken off. */
export function bare(schema: AnySchema): z.core.$ZodTypes {
  let current = schema as z.core.$ZodTypes;
  for (;;) {
    const { def } = current._zod;
    if (def.type === 'lazy') current = def.getter() as z.core.$ZodTypes;
    else if ('innerType' in def) current = def.innerType as z.core.$ZodTypes;
    else return current;
  }
}

/** What stands in for a field that is left out; undefined when nothing does. */
export function ownDefault(schema: AnySchema): JsonValue | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return def.type === 'default' || def.type === 'prefault'
    ? (def.defaultValue as JsonValue)
    : undefined;
}

/** Names of the fields of an object schema; of a union those of all its variants. */
export function fieldNames(schema: AnySchema): string[] {
  const { def } = bare(schema)._zod;
  if (def.type === 'object') return Object.keys(def.shape);
  if (def.type !== 'union') return [];
  return [...new Set(def.options.flatMap((option) => fieldNames(option)))];
}

/** The schema at a path inside `schema`; of a union the variants that know the value's fields best. */
export function schemaAt(
  schema: AnySchema,
  path: readonly PropertyKey[],
  value: unknown,
): AnySchema | null {
  let current: AnySchema | null = schema;
  let held = value;
  for (const segment of path) {
    current = current === null ? null : inside(current, segment, held);
    held = typeof held === 'object' && held !== null ? Reflect.get(held, segment) : undefined;
  }
  return current === null ? null : variantOf(current, held);
}

function inside(schema: AnySchema, segment: PropertyKey, value: unknown): AnySchema | null {
  const { def } = bare(variantOf(schema, value))._zod;
  if (def.type === 'object') return def.shape[String(segment)] ?? null;
  if (def.type === 'array') return def.element;
  if (def.type === 'record') return def.valueType;
  return null;
}

/** Of a union the variant that is meant: by its `type`, else the one that knows most of the value's fields. */
export function variantOf(schema: AnySchema, value: unknown): AnySchema {
  const { def } = bare(schema)._zod;
  if (def.type !== 'union') return schema;
  const options = def.options.map((option) => variantOf(option, value));
  return options.toSorted((a, b) => likeness(b, value) - likeness(a, value))[0] ?? schema;
}

function likeness(option: AnySchema, value: unknown): number {
  const { def } = bare(option)._zod;
  if (Array.isArray(value)) return def.type === 'array' ? 1 : 0;
  if (typeof value !== 'object' || value === null) return def.type === typeof value ? 1 : 0;
  if (def.type !== 'object') return 0;
  const own = def.shape['type'];
  const kind: unknown = Reflect.get(value, 'type');
  const typed = own === undefined ? undefined : bare(own)._zod.def;
  const named = typed?.type === 'literal' && typed.values.includes(kind as string) ? 1_000 : 0;
  return 1 + named + Object.keys(value).filter((key) => Object.hasOwn(def.shape, key)).length;
}
