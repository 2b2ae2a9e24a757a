import { isJsonObject } from '@automatos/kernel';
import type { FieldError, JsonObject, JsonValue } from '@automatos/kernel';
import { toPointer } from '../definition/pointer.ts';
import type { Path } from '../definition/pointer.ts';
import { suggest } from '../definition/suggest.ts';
import { parseCondition, referencesOf } from './condition.ts';
import { evaluateCondition } from './evaluate-condition.ts';
import { filterNamed, FILTERS } from './filters.ts';
import { parseTemplate } from './parse-template.ts';
import { renderValue } from './render.ts';
import type { Scope } from './render.ts';
import type { FilterCall, Reference, Span } from './template.ts';

/** A problem of a text whose references start with other roots than a recipe's; `pointer` starts at the value. */
export interface RootedProblem extends FieldError {
  /** The text that holds it, and where in it. */
  text: string;
  span: Span;
}

/**
 * Renders every text inside a value whose references start with the given roots, e.g. `{{body.repository.name}}`; a text
 * that is only one reference keeps the type. Throws `recipes.reference.missing` for what is not there and has no default.
 */
export function renderRooted(value: JsonValue, roots: Record<string, JsonValue>): JsonValue {
  return renderValue(value, rootedScope(roots));
}

/** Value of a condition over the given roots; throws `recipes.reference.missing` and `recipes.condition.invalid`. */
export function evaluateRooted(condition: string, roots: Record<string, JsonValue>): boolean {
  return evaluateCondition(condition, rootedScope(roots));
}

/** Problems of all texts inside a value whose references may start with these roots only. */
export function checkRooted(value: JsonValue, rootNames: readonly string[]): RootedProblem[] {
  return textsIn(value).flatMap(({ path, text }) => {
    const { parts, problems } = parseTemplate(text);
    const references = parts.filter((part) => part.kind === 'reference');
    return [
      ...problems.map((problem) => ({ message: problem.message, span: spanOf(problem) })),
      ...references.flatMap((reference) => checkReference(reference, rootNames)),
    ].map((problem) => ({ pointer: toPointer(path), text, ...problem }));
  });
}

/** Problems of a condition whose references may start with these roots only. */
export function checkRootedCondition(
  source: string,
  rootNames: readonly string[],
): RootedProblem[] {
  const { condition, problem } = parseCondition(source);
  const found =
    condition === null
      ? [{ message: problem?.message ?? 'cannot be read', span: spanOf(problem) }]
      : referencesOf(condition).flatMap((reference) =>
          reference.form === 'single'
            ? [{ message: `write {{…}} in place of ${reference.raw}`, span: spanOf(reference) }]
            : checkReference(reference, rootNames),
        );
  return found.map((one) => ({ pointer: '', text: source, ...one }));
}

type Found = Pick<RootedProblem, 'message' | 'span' | 'suggestion'>;

function checkReference(reference: Reference, rootNames: readonly string[]): Found[] {
  const { root, form } = reference;
  // Single braces are plain text here.
  if (form === 'single') return [];
  const problems: Found[] = [];
  if (!rootNames.includes(root)) {
    const near = suggest(root, rootNames);
    const known = `references start with ${rootNames.join(', ')} here`;
    problems.push({
      message: `unknown reference {{${root}…}}; ${near === null ? known : `did you mean "${near}"?`}`,
      span: spanOf(reference),
      ...(near === null ? {} : { suggestion: near }),
    });
  }
  return [...problems, ...reference.filters.flatMap(checkCall)];
}

function checkCall(call: FilterCall): Found[] {
  return callProblems(call).map((problem) => ({ ...problem, span: spanOf(call) }));
}

/** Whether a filter exists and takes such arguments. */
export function callProblems(call: FilterCall): { message: string; suggestion?: string }[] {
  const filter = filterNamed(call.name);
  if (filter === undefined) {
    const near = suggest(call.name, Object.keys(FILTERS));
    const hint = near === null ? '' : `; did you mean "${near}"?`;
    return [
      {
        message: `there is no filter "${call.name}"${hint}`,
        ...(near === null ? {} : { suggestion: near }),
      },
    ];
  }
  const { min, max, type } = filter.args;
  const count = call.args.length;
  if (count < min || count > max) {
    const wanted = min === max ? `${min}` : `${min} to ${max}`;
    return [{ message: `the filter "${call.name}" takes ${wanted} arguments, not ${count}` }];
  }
  if (type !== undefined && call.args.some((value) => typeof value !== type)) {
    return [{ message: `the filter "${call.name}" takes a ${type} as argument` }];
  }
  return [];
}

function spanOf(span: Span | null): Span {
  return { start: span?.start ?? 0, end: span?.end ?? 0 };
}

function rootedScope(roots: JsonObject): Scope {
  const locals = new Map(Object.entries(roots));
  const names = { keys: new Set<string>(), byPosition: [], previous: null };
  return {
    names: { ...names, locals: new Set(locals.keys()), rooted: true },
    inputs: {},
    results: new Map(),
    run: { id: '', started_at: '', findings: [] },
    locals,
  };
}

function textsIn(value: JsonValue, path: Path = []): { path: Path; text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((item, index) => textsIn(item, [...path, index]));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => textsIn(item, [...path, key]));
}
