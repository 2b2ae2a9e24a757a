import { recipeDefinitionSchema } from '@automatos/contracts';
import type { RecipeDefinition } from '@automatos/contracts';
import { canonicalJson, isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import { stringify } from 'yaml';
import type { z } from 'zod';
import { bare, ownDefault, variantOf } from './schema-fields.ts';

/** Fields that people look for first; the others follow in the order of the contract, what holds steps comes last. */
const FIRST = ['slug', 'step_id', 'type', 'name', 'when'];
const LAST = ['branches', 'otherwise', 'steps', 'outputs'];

/** YAML that parses back to an equal definition; defaults are left out, long texts stand as blocks. */
export function toYaml(definition: RecipeDefinition): string {
  const plain = written(recipeDefinitionSchema, definition as unknown as JsonObject);
  return stringify(plain, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** The value as it would be written: fields that hold their default are left out. */
function written(schema: z.core.$ZodType, value: JsonValue): JsonValue {
  const { def } = bare(variantOf(schema, value))._zod;
  if (def.type === 'array' && Array.isArray(value)) {
    return value.map((item) => written(def.element, item));
  }
  if (def.type !== 'object' || !isJsonObject(value)) return value;
  const fields = Object.entries(value).flatMap(([name, held]): [string, JsonValue][] => {
    const field = def.shape[name];
    if (field === undefined) return [[name, held]];
    const shown = written(field, held);
    return isDefault(field, held, shown) ? [] : [[name, shown]];
  });
  return Object.fromEntries(fields.toSorted(([a], [b]) => place(a) - place(b)));
}

function isDefault(field: z.core.$ZodType, held: JsonValue, shown: JsonValue): boolean {
  const fallback = ownDefault(field);
  if (fallback === undefined) return false;
  return (
    canonicalJson(fallback) === canonicalJson(held) ||
    canonicalJson(fallback) === canonicalJson(shown)
  );
}

function place(name: string): number {
  if (FIRST.includes(name)) return FIRST.indexOf(name) - FIRST.length;
  return LAST.includes(name) ? LAST.indexOf(name) + 1 : 0;
}
