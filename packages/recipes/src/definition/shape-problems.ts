import type { FieldError, JsonValue } from '@automatos/kernel';
import { isJsonObject } from '@automatos/kernel';
import type { z } from 'zod';
import type { LoadedSource } from './source.ts';
import { toPointer } from './pointer.ts';
import type { Path } from './pointer.ts';
import { fieldNames, schemaAt } from './schema-fields.ts';
import { suggest } from './suggest.ts';
import { meantIssues, valueAt } from './union-issues.ts';
import { article, kindOf } from './value-kinds.ts';

export { fieldNames } from './schema-fields.ts';

type Issue = z.core.$ZodIssue;

interface ShapeSite {
  path: Path;
  source: LoadedSource;
  problems: FieldError[];
  /** What to say of an unknown field of the object itself, instead of the plain message; null for the plain one. */
  unknownField?: (name: string) => string | null;
}

/** Parses `value` at `path`; unknown fields are reported, then left out, so that the rest can still be checked. */
export function parseShape<Schema extends z.ZodType>(
  schema: Schema,
  value: JsonValue | undefined,
  at: ShapeSite,
): z.output<Schema> | null {
  const first = schema.safeParse(value);
  if (first.success) return first.data;
  const issues = first.error.issues.flatMap((issue) => meantIssues(issue, value));
  for (const issue of issues) at.problems.push(...toProblems(issue, { schema, value, at }));
  const unknown = issues.filter((issue) => issue.code === 'unrecognized_keys');
  if (unknown.length !== issues.length) return null;
  const stripped = structuredClone(value);
  for (const issue of unknown) {
    const owner = valueAt(stripped, issue.path);
    if (isJsonObject(owner)) for (const key of issue.keys) delete owner[key];
  }
  const second = schema.safeParse(stripped);
  return second.success ? second.data : null;
}

function toProblems(
  issue: Issue,
  { schema, value, at }: { schema: z.ZodType; value: JsonValue | undefined; at: ShapeSite },
): FieldError[] {
  const path = [
    ...at.path,
    ...issue.path.map((part) => (typeof part === 'number' ? part : String(part))),
  ];
  if (issue.code === 'unrecognized_keys') {
    const owner = schemaAt(schema, issue.path, value);
    const fields = owner === null ? [] : fieldNames(owner);
    return issue.keys.map((key) => {
      const better = issue.path.length === 0 ? at.unknownField?.(key) : null;
      return unknownField([...path, key], { fields, source: at.source, better: better ?? null });
    });
  }
  const found = valueAt(value, issue.path);
  const problem: FieldError = { pointer: toPointer(path), message: issueText(issue, found) };
  if (issue.code === 'invalid_value' && typeof found === 'string') {
    const near = suggest(found, issue.values.map(String));
    if (near !== null) problem.suggestion = near;
  }
  return [{ ...problem, ...at.source.locate(path) }];
}

/** Problem for a field nobody knows, with the one that was probably meant. */
function unknownField(
  path: Path,
  {
    fields,
    source,
    better,
  }: { fields: readonly string[]; source: LoadedSource; better: string | null },
): FieldError {
  const name = String(path.at(-1));
  const near = better === null ? suggest(name, fields) : null;
  return {
    pointer: toPointer(path),
    message: better ?? `unknown field "${name}"${near === null ? '' : `; did you mean "${near}"?`}`,
    ...source.locate(path, { key: true }),
    ...(near === null ? {} : { suggestion: near }),
  };
}

function issueText(issue: Issue, found: unknown): string {
  if (found === undefined && issue.code !== 'custom') return 'is required';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}, not ${kindOf(found)}`;
    case 'too_small':
      return bound('at least', issue.minimum, issue.origin);
    case 'too_big':
      return bound('at most', issue.maximum, issue.origin);
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      return `must not be ${kindOf(found)}`;
    case 'invalid_key':
      return `has a name that is not allowed: ${issue.issues[0]?.message ?? issue.message}`;
    default:
      return issue.message;
  }
}

function bound(which: string, count: number | bigint, origin: string): string {
  if (origin === 'string') {
    return count === 1 ? 'must not be empty' : `must be ${which} ${count} characters long`;
  }
  if (origin !== 'array') return `must be ${which} ${count}`;
  return `must hold ${which} ${count} ${count === 1 ? 'item' : 'items'}`;
}
