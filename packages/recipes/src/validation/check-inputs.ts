import { isJsonObject } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import { fromPointer, toPointer } from '../definition/pointer.ts';
import type { Path } from '../definition/pointer.ts';
import type { ValueType } from '../references/filters.ts';
import { parseTemplate } from '../references/parse-template.ts';
import { soleReference } from '../references/template.ts';
import type { PathSegment, Reference } from '../references/template.ts';
import { compileAt } from './check-schemas.ts';
import type { SchemaSite } from './check-schemas.ts';
import { shapeOf, typesOf, walkShape } from './schema-walk.ts';
import { textsIn } from './templates-of.ts';

/** Values that will be handed to something with a schema; texts of them may hold references. */
export interface GivenInputs {
  value: JsonObject;
  path: Path;
  schema: JsonObject;
  /** Where a problem of the schema itself is shown. */
  schemaPath: Path;
  /** Types of what a reference gives, null = unknown; without it nothing is a reference. */
  typesOf?: (reference: Reference, text: { path: Path; text: string }) => Set<ValueType> | null;
}

/** Checks inputs against the schema of what takes them, as far as it can be known before a run. */
export function checkInputs(at: SchemaSite, given: GivenInputs): void {
  const { path, schema, value } = given;
  const check = compileAt(withoutFilled(schema), given.schemaPath, at);
  const dynamic = given.typesOf === undefined ? new Map<string, string>() : dynamicPlaces(value);
  for (const problem of check?.(value) ?? []) {
    // What a reference will stand for is not known yet; its type is compared below.
    if (dynamic.has(problem.pointer)) continue;
    if (problem.pointer === '' && dynamic.size > 0) continue;
    at.list.add([...path, ...fromPointer(problem.pointer)], problem.message, {
      suggestion: problem.suggestion ?? null,
      key: problem.message.startsWith('unknown field'),
    });
  }
  for (const [pointer, text] of dynamic) checkDynamicType(at, given, { pointer, text });
}

/** Texts that hold references, by JSON pointer into the value. */
function dynamicPlaces(value: JsonObject): Map<string, string> {
  return new Map(
    textsIn(value, [])
      .filter(([, text]) => parseTemplate(text).parts.some((part) => part.kind === 'reference'))
      .map(([path, text]) => [toPointer(path), text]),
  );
}

function checkDynamicType(
  at: SchemaSite,
  given: GivenInputs,
  { pointer, text }: { pointer: string; text: string },
): void {
  const segments = fromPointer(pointer);
  const walked = walkShape(shapeOf(given.schema), segments.map(toSegment));
  const wanted = 'shape' in walked ? typesOf(walked.shape) : null;
  const sole = soleReference(parseTemplate(text));
  const path = [...given.path, ...segments];
  const types: Set<ValueType> | null =
    sole === null ? new Set(['string']) : (given.typesOf?.(sole, { path, text }) ?? null);
  if (wanted === null || types === null || [...types].some((type) => wanted.has(type))) return;
  const message = `takes ${[...wanted].join(' or ')}, but the reference gives ${[...types].join(' or ')}`;
  at.list.add(path, message);
}

function toSegment(part: string): PathSegment {
  const span = { start: 0, end: 0 };
  return /^\d+$/.test(part)
    ? { kind: 'index', index: Number(part), ...span }
    : { kind: 'field', name: part, ...span };
}

/** A required field with a default need not be given. */
function withoutFilled(schema: JsonObject): JsonObject {
  const { properties, required } = schema;
  if (!isJsonObject(properties) || !Array.isArray(required)) return schema;
  const open = required.filter((name) => {
    const own = typeof name === 'string' ? properties[name] : undefined;
    return !(isJsonObject(own) && own['default'] !== undefined);
  });
  return { ...schema, required: open };
}
