import type { z } from 'zod';

type AnySchema = z.core.$ZodType;

/** What a schema describes once optional, default and lazy wrappers are taken off. */
function bare(schema: AnySchema): z.core.$ZodTypes {
  let current = schema as z.core.$ZodTypes;
  for (;;) {
    const { def } = current._zod;
    if (def.type === 'lazy') current = def.getter() as z.core.$ZodTypes;
    else if ('innerType' in def) current = def.innerType as z.core.$ZodTypes;
    else return current;
  }
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

/** Of a union the variant that shares most fields with the value and, for lists, is one. */
export function variantOf(schema: AnySchema, value: unknown): AnySchema {
  const { def } = bare(schema)._zod;
  if (def.type !== 'union') return schema;
  const options = def.options.map((option) => variantOf(option, value));
  const score = (option: AnySchema) => {
    const kind = bare(option)._zod.def.type;
    if (Array.isArray(value)) return kind === 'array' ? 1 : 0;
    if (typeof value !== 'object' || value === null) return 0;
    return kind === 'object' ? 1 + Object.keys(value).filter((key) => fieldNames(option).includes(key)).length : 0;
  };
  return options.toSorted((a, b) => score(b) - score(a))[0] ?? schema;
}
