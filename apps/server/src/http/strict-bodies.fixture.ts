import type { z } from 'zod';

interface Definition {
  type: string;
  shape?: Record<string, z.ZodType>;
  catchall?: z.ZodType;
  element?: z.ZodType;
  innerType?: z.ZodType;
  valueType?: z.ZodType;
  in?: z.ZodType;
  options?: z.ZodType[];
  items?: z.ZodType[];
  left?: z.ZodType;
  right?: z.ZodType;
  getter?: () => z.ZodType;
}

/**
 * Places of a schema, as JSON pointers, where an object takes fields that it does not name and drops them in silence. A record, whose
 * keys are data, and an object with a schema for all others name what they take.
 */
export function ungatedObjects(schema: z.ZodType): string[] {
  const places = new Set<string>();
  const seen = new Set<z.ZodType>();
  visit(schema, '');
  return [...places];

  function visit(part: z.ZodType, place: string): void {
    if (seen.has(part)) return;
    seen.add(part);
    const definition = part._zod.def as unknown as Definition;
    if (definition.type === 'object' && definition.catchall === undefined) places.add(place || '/');
    for (const [name, inner] of Object.entries(definition.shape ?? {}))
      visit(inner, `${place}/${name}`);
    const lists = [...(definition.options ?? []), ...(definition.items ?? [])];
    for (const inner of lists) visit(inner, place);
    const { element, innerType, valueType, left, right, getter } = definition;
    for (const inner of [element, innerType, valueType, left, right, definition.in, getter?.()])
      if (inner !== undefined) visit(inner, place);
  }
}
