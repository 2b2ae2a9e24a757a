import type { Finding } from '@automatos/contracts';
import { isJsonObject, PlatformError } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import { filterNamed, FilterRefusal, typeOf } from './filters.ts';
import { parseTemplate } from './parse-template.ts';
import { targetOf } from './target.ts';
import type { Names } from './target.ts';
import { printReference, soleReference } from './template.ts';
import type { FilterCall, PathSegment, Reference, Template } from './template.ts';
import { toText } from './value-text.ts';

/** What a step left: its whole result, and the main value that the seeds' forms mean. */
export interface StepResult {
  value: JsonValue;
  main: JsonValue;
}

/** Everything a template can see when it is rendered. */
export interface Scope {
  names: Names;
  inputs: JsonObject;
  /** By output key; a step that failed or was skipped is absent. */
  results: ReadonlyMap<string, StepResult>;
  run: { id: string; started_at: string; findings: Finding[] };
  /** Values of the names that only hold here: the item by its name, `each`, `loop`. */
  locals: ReadonlyMap<string, JsonValue>;
}

/** Renders a text; non-strings become JSON. Throws `recipes.reference.missing` for what is not there. */
export function renderText(source: string, scope: Scope): string {
  return joinParts(parseTemplate(source), scope);
}

/** Renders every text inside a value; a text that is only one reference keeps the type of what it points at. */
export function renderValue(value: JsonValue, scope: Scope): JsonValue {
  if (typeof value === 'string') {
    const template = parseTemplate(value);
    const sole = soleReference(template);
    return sole === null ? joinParts(template, scope) : evaluate(sole, scope);
  }
  if (Array.isArray(value)) return value.map((item) => renderValue(item, scope));
  if (isJsonObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, renderValue(item, scope)]),
    );
  }
  return value;
}

function joinParts(template: Template, scope: Scope): string {
  const problem = template.problems[0];
  if (problem !== undefined) throw missing(template.source.slice(0, 80), problem.message);
  return template.parts
    .map((part) => (part.kind === 'text' ? part.text : toText(evaluate(part, scope))))
    .join('');
}

type Looked = { found: true; value: JsonValue } | { found: false; reason: string };

/** Value of one reference after its filters; throws `recipes.reference.missing`. */
export function evaluate(reference: Reference, scope: Scope): JsonValue {
  const looked = look(reference, scope);
  let value: JsonValue | undefined = looked.found ? looked.value : undefined;
  for (const call of reference.filters) {
    const filter = filterNamed(call.name);
    if (filter === undefined) throw missing(reference, `there is no filter "${call.name}"`);
    if (call.name === 'default') value = filter.apply(value ?? null, call.args);
    // What is missing stays missing until a `default` comes.
    else if (value !== undefined) value = applyFilter(reference, call, value);
  }
  if (value === undefined) throw missing(reference, looked.found ? 'has no value' : looked.reason);
  return value;
}

function applyFilter(
  reference: Reference,
  call: FilterCall,
  value: JsonValue,
): JsonValue | undefined {
  const filter = filterNamed(call.name);
  if (filter === undefined) return undefined;
  if (filter.emptyIsMissing === true && Array.isArray(value) && value.length === 0) {
    return undefined;
  }
  const type = typeOf(value);
  if (filter.takes !== undefined && !filter.takes.includes(type)) {
    throw missing(
      reference,
      `the filter "${call.name}" takes ${filter.takes.join(' or ')}, not ${type}`,
    );
  }
  try {
    return filter.apply(value, call.args);
  } catch (error) {
    if (error instanceof FilterRefusal) throw missing(reference, error.message);
    throw error;
  }
}

function look(reference: Reference, scope: Scope): Looked {
  const target = targetOf(reference, scope.names);
  switch (target.kind) {
    case 'text':
      return { found: true, value: reference.raw };
    case 'inputs':
      return walk(scope.inputs, target.path, 'the inputs');
    case 'run':
      return walk(scope.run as unknown as JsonObject, target.path, 'the run');
    case 'local': {
      const value = scope.locals.get(target.name);
      if (value === undefined) return { found: false, reason: `"${target.name}" is not set here` };
      return walk(value, target.path, `"${target.name}"`);
    }
    case 'step':
      return lookStep(target.key, target, scope);
    case 'position':
      return lookStep(
        scope.names.byPosition[target.position - 1],
        { ...target, main: true },
        scope,
      );
    case 'previous':
      return lookStep(scope.names.previous ?? undefined, target, scope);
    default:
      return { found: false, reason: 'points at nothing that a recipe has' };
  }
}

function lookStep(
  key: string | undefined,
  target: { main: boolean; path: PathSegment[] },
  scope: Scope,
): Looked {
  const result = key === undefined ? undefined : scope.results.get(key);
  if (key === undefined || result === undefined) {
    return { found: false, reason: `step "${key ?? 'before'}" left no result` };
  }
  return walk(target.main ? result.main : result.value, target.path, `the result of "${key}"`);
}

function walk(from: JsonValue, path: PathSegment[], what: string): Looked {
  let value: JsonValue = from;
  for (const segment of path) {
    const name = segment.kind === 'field' ? segment.name : String(segment.index);
    const holder: unknown = value;
    const fits = segment.kind === 'index' ? Array.isArray(holder) : isJsonObject(holder);
    if (!fits || !Object.hasOwn(holder as object, name)) {
      const noun = segment.kind === 'index' ? 'item' : 'field';
      return { found: false, reason: `${what} has no ${noun} "${name}"` };
    }
    value = (holder as JsonObject)[name] ?? null;
  }
  return { found: true, value };
}

export function missing(reference: Reference | string, reason: string): PlatformError {
  const shown = typeof reference === 'string' ? reference : printReference(reference);
  return new PlatformError({
    code: 'recipes.reference.missing',
    kind: 'invalid-input',
    message: `${shown}: ${reason}. Add "| default: …" if it may be missing.`,
  });
}
