import { isPlatformError } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import type { RecipeDraft } from '../definition/parse-recipe.ts';
import { fromPointer } from '../definition/pointer.ts';
import type { Path } from '../definition/pointer.ts';
import type { ProblemList } from './problem-list.ts';
import type { SchemaCheck, SchemaCompiler } from './schema-compiler.ts';

export interface SchemaSite {
  list: ProblemList;
  compiler: SchemaCompiler;
}

/** JSON schemas of the inputs and of steps must be usable, and defaults of inputs must fit them. */
export function checkSchemas(draft: RecipeDraft, at: SchemaSite): void {
  if (draft.inputs !== null) checkInputSchema(draft.inputs, at);
  for (const { step, path } of draft.steps) {
    if (step === null) continue;
    if ('output_schema' in step && step.output_schema !== undefined) {
      compileAt(step.output_schema, [...path, 'output_schema'], at);
    }
    if (step.type === 'approval' && step.fields !== undefined) {
      checkObjectSchema(step.fields, [...path, 'fields'], at);
    }
  }
}

/** Values that a person fills in are an object. */
function checkObjectSchema(schema: JsonObject, path: Path, at: SchemaSite): void {
  if (schema['type'] === 'object') compileAt(schema, path, at);
  else {
    const place = schema['type'] === undefined ? path : [...path, 'type'];
    at.list.add(place, 'the schema of the fields must be of type object');
  }
}

function checkInputSchema(schema: JsonObject, at: SchemaSite): void {
  const { list } = at;
  if (schema['type'] !== undefined && schema['type'] !== 'object') {
    list.add(['inputs', 'type'], 'the schema of the inputs must be of type object');
    return;
  }
  if (compileAt(schema, ['inputs'], at) === null) return;
  const properties = schema['properties'];
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties)) return;
  for (const [name, property] of Object.entries(properties)) {
    const path = ['inputs', 'properties', name];
    if (typeof property !== 'object' || property === null || Array.isArray(property)) continue;
    if (property['default'] === undefined) continue;
    const check = compileAt({ ...property, $defs: schema['$defs'] ?? {} }, path, at);
    for (const problem of check?.(property['default']) ?? []) {
      const place = [...path, 'default', ...fromPointer(problem.pointer)];
      list.add(place, `the default ${problem.message}`);
    }
  }
}

/** Compiles a schema and reports why it cannot be used. */
export function compileAt(schema: JsonObject, path: Path, at: SchemaSite): SchemaCheck | null {
  try {
    return at.compiler.compile(schema);
  } catch (error) {
    if (!isPlatformError(error)) throw error;
    at.list.add(path, error.message);
    return null;
  }
}
