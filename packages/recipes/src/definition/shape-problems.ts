import type { FieldError, JsonObject, JsonValue } from '@automatos/kernel';
import { isJsonObject } from '@automatos/kernel';
import type { z } from 'zod';
import type { LoadedSource } from './source.ts';
import { toPointer } from './pointer.ts';
import type { Path } from './pointer.ts';
import { suggest } from './suggest.ts';

/** Fields of the specification that this version does not carry out; each is refused by name. */
const LATER_FIELDS = new Set([
  'when',
  'for_each',
  'approval',
  'budget',
  'schedule',
  'triggers',
  'quality_threshold',
  'auto_learning',
  'mode',
  'version',
]);

type Issue = z.core.$ZodIssue;

/** Parses `value` at `path`; unknown fields are reported, then left out, so that the rest can still be checked. */
export function parseShape<Schema extends z.ZodType>(
  schema: Schema,
  value: JsonValue | undefined,
  at: { path: Path; source: LoadedSource; problems: FieldError[]; fields?: readonly string[] },
): z.output<Schema> | null {
  const first = schema.safeParse(value);
  if (first.success) return first.data;
  for (const issue of first.error.issues) at.problems.push(...toProblems(issue, value, at));
  const unknown = first.error.issues.filter((issue) => issue.code === 'unrecognized_keys');
  if (unknown.length !== first.error.issues.length) return null;
  const stripped = structuredClone(value);
  for (const issue of unknown) {
    const owner = valueAt(stripped, issue.path);
    if (isJsonObject(owner)) for (const key of issue.keys) delete owner[key];
  }
  const second = schema.safeParse(stripped);
  return second.success ? second.data : null;
}

function valueAt(value: JsonValue | undefined, path: readonly PropertyKey[]): unknown {
  let current: unknown = value;
  for (const segment of path) current = (current as JsonObject | undefined)?.[String(segment)];
  return current;
}

function toProblems(
  issue: Issue,
  value: JsonValue | undefined,
  at: { path: Path; source: LoadedSource; fields?: readonly string[] },
): FieldError[] {
  const path = [
    ...at.path,
    ...issue.path.map((part) => (typeof part === 'number' ? part : String(part))),
  ];
  if (issue.code === 'unrecognized_keys') {
    // The names of known fields are only at hand for the object that the schema describes itself.
    const fields = issue.path.length === 0 ? (at.fields ?? []) : fieldsOf(issue, at.fields);
    return issue.keys.map((key) => unknownField([...path, key], fields, at.source));
  }
  const found = valueAt(value, issue.path);
  const problem: FieldError = { pointer: toPointer(path), message: issueText(issue, found) };
  if (issue.code === 'invalid_value' && typeof found === 'string') {
    const near = suggest(found, issue.values.map(String));
    if (near !== null) problem.suggestion = near;
  }
  return [{ ...problem, ...at.source.locate(path) }];
}

/** Known fields of nested objects that recipes have, by the name of the field that holds them. */
const NESTED_FIELDS: Record<string, readonly string[]> = {
  retry: ['max_attempts', 'delay_ms', 'factor', 'delay_ms_max'],
  execution: [
    'max_retries',
    'retry_delay_ms',
    'timeout_per_step_ms',
    'total_timeout_ms',
    'parallel_limit',
  ],
};

function fieldsOf(issue: Issue, fallback: readonly string[] | undefined): readonly string[] {
  return NESTED_FIELDS[String(issue.path.at(-1))] ?? fallback ?? [];
}

/** Problem for a field nobody knows, with the one that was probably meant. */
export function unknownField(
  path: Path,
  fields: readonly string[],
  source: LoadedSource,
): FieldError {
  const name = String(path.at(-1));
  const near = suggest(name, fields);
  const later = LATER_FIELDS.has(name);
  const message = later
    ? `"${name}" is not available in this version; leave it out`
    : `unknown field "${name}"${near === null ? '' : `; did you mean "${near}"?`}`;
  return {
    pointer: toPointer(path),
    message,
    ...source.locate(path, { key: true }),
    ...(near === null || later ? {} : { suggestion: near }),
  };
}

function issueText(issue: Issue, found: unknown): string {
  if (found === undefined && issue.code !== 'custom') return 'is required';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}, not ${describe(found)}`;
    case 'too_small':
      return `must be at least ${String(issue.minimum)}${unit(issue.origin)}`;
    case 'too_big':
      return `must be at most ${String(issue.maximum)}${unit(issue.origin)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      return `must not be ${describe(found)}`;
    case 'invalid_key':
      return `has a name that is not allowed: ${issue.issues[0]?.message ?? issue.message}`;
    default:
      return issue.message;
  }
}

function unit(origin: string): string {
  if (origin === 'string') return ' characters long';
  return origin === 'array' ? ' items long' : '';
}

function article(noun: string): string {
  if (noun === 'record') return 'an object';
  if (noun === 'int') return 'a whole number';
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return article(typeof value);
}
