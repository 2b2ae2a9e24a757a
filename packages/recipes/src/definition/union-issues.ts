import type { JsonObject, JsonValue } from '@automatos/kernel';
import { isJsonObject } from '@automatos/kernel';
import type { z } from 'zod';
import { article, kindOf } from './value-kinds.ts';

type Issue = z.core.$ZodIssue;
type Keys = readonly PropertyKey[];

/** Fields of which exactly one says when a schedule fires; in the order of the variants. */
const WHEN_FIELDS = ['cron', 'every_ms', 'at'];

/**
 * The issues of the variant that was meant, in place of "fits no variant": the one of the same kind of value (text, list,
 * object) that has least to say. Paths are those of the whole value.
 */
export function meantIssues(issue: Issue, whole: JsonValue | undefined): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const value = valueAt(whole, issue.path);
  const wrong = (message: string, path: Keys = []): Issue[] => [
    { code: 'custom', message, input: value, path: [...issue.path, ...path] },
  ];
  // A union told apart by one field, which names no variant.
  if (issue.errors.length === 0) {
    const names = 'options' in issue && Array.isArray(issue.options) ? issue.options : [];
    return wrong(value === undefined ? 'is required' : `must be one of ${names.join(', ')}`);
  }
  const variants = issue.errors.map((issues) =>
    issues.flatMap((inner) => meantIssues(within(inner, issue.path), whole)),
  );
  if (isJsonObject(value) && isSchedule(variants, issue.path)) {
    return scheduleIssues(value, variants, wrong);
  }
  const fitting = variants.filter((issues) =>
    issues.every((one) => wantedKinds(one, issue.path).length === 0),
  );
  const [best] = fitting.toSorted((a, b) => a.length - b.length);
  if (best !== undefined) return best;
  const wanted = variants.flatMap((issues) =>
    issues.flatMap((one) => wantedKinds(one, issue.path)),
  );
  const message = `must be ${[...new Set(wanted)].join(' or ')}, not ${kindOf(value)}`;
  return [{ code: 'custom', message, input: value, path: issue.path, params: { wanted } }];
}

/** The kinds of value that would do, when the issue is that the value at this path is of another kind. */
function wantedKinds(issue: Issue, path: Keys): string[] {
  if (issue.path.length !== path.length) return [];
  if (issue.code === 'invalid_type') return [article(issue.expected)];
  const wanted: unknown = issue.code === 'custom' ? issue.params?.['wanted'] : undefined;
  return Array.isArray(wanted) ? wanted.map(String) : [];
}

/** Exactly one of three fields decides what the others mean. */
function scheduleIssues(
  value: JsonObject,
  variants: Issue[][],
  wrong: (message: string, path?: Keys) => Issue[],
): Issue[] {
  const present = WHEN_FIELDS.filter((field) => value[field] !== undefined);
  const [first, second] = present;
  if (first === undefined) return wrong('needs exactly one of cron, every_ms and at');
  if (second !== undefined) {
    return wrong(`stands beside "${first}"; a schedule has exactly one of cron, every_ms and at`, [
      second,
    ]);
  }
  return variants[WHEN_FIELDS.indexOf(first)] ?? [];
}

function isSchedule(variants: Issue[][], path: Keys): boolean {
  return variants.some((issues) =>
    issues.some((one) => isInside(one.path, path) && WHEN_FIELDS.includes(String(one.path.at(-1)))),
  );
}

function isInside(path: Keys, owner: Keys): boolean {
  return path.length === owner.length + 1 && owner.every((part, index) => part === path[index]);
}

function within(issue: Issue, path: Keys): Issue {
  return { ...issue, path: [...path, ...issue.path] };
}

/** The part of a value at a path. */
export function valueAt(value: JsonValue | undefined, path: Keys): JsonValue | undefined {
  let current: JsonValue | undefined = value;
  for (const segment of path) {
    const own: boolean =
      typeof current === 'object' && current !== null && Object.hasOwn(current, segment);
    current = own ? (current as JsonObject)[String(segment)] : undefined;
  }
  return current;
}
