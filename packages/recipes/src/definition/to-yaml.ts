import { executionSchema } from '@automatos/contracts';
import type { RecipeDefinition } from '@automatos/contracts';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import { canonicalJson } from '@automatos/kernel';
import { stringify } from 'yaml';

/** YAML that parses back to an equal definition; defaults are left out, long texts stand as blocks. */
export function toYaml(definition: RecipeDefinition): string {
  const plain = withoutDefaults(definition as unknown as JsonObject);
  return stringify(plain, { lineWidth: 0, aliasDuplicateObjects: false });
}

const EMPTY_INPUTS = { type: 'object', properties: {} };

function withoutDefaults(definition: JsonObject): JsonObject {
  const { slug, name, description, tags, category, inputs, outputs, steps, execution } = definition;
  const shown: Record<string, JsonValue | undefined> = {
    slug,
    name,
    description: description === '' ? undefined : description,
    category,
    tags: isEmpty(tags) ? undefined : tags,
    inputs: canonicalJson(inputs) === canonicalJson(EMPTY_INPUTS) ? undefined : inputs,
    execution: ownExecution(execution as JsonObject),
    steps: (steps as JsonObject[]).map(stepWithoutDefaults),
    outputs: isEmpty(outputs) ? undefined : outputs,
  };
  return Object.fromEntries(
    Object.entries(shown).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined),
  );
}

function isEmpty(value: JsonValue | undefined): boolean {
  return typeof value !== 'object' || value === null || Object.keys(value).length === 0;
}

function ownExecution(execution: JsonObject): JsonObject | undefined {
  const defaults = executionSchema.parse({}) as JsonObject;
  const own = Object.entries(execution).filter(([key, value]) => defaults[key] !== value);
  return own.length === 0 ? undefined : Object.fromEntries(own);
}

function stepWithoutDefaults(step: JsonObject): JsonObject {
  const shown = { ...step };
  if (shown['type'] === 'tool' && isEmpty(shown['input'])) delete shown['input'];
  if (shown['type'] === 'document' && shown['format'] === 'markdown') delete shown['format'];
  if (Array.isArray(shown['steps'])) {
    shown['steps'] = (shown['steps'] as JsonObject[]).map(stepWithoutDefaults);
  }
  return shown;
}
