import type { JsonValue } from '@automatos/kernel';
import {
  countBy,
  flattened,
  leastOf,
  rounded,
  sliceOf,
  sorted,
  sumOf,
  uniqueItems,
  whereField,
} from './list-values.ts';
import {
  bulletList,
  collectFindings,
  dateText,
  fieldOf,
  findingsTable,
  severityCounts,
  shiftHeadings,
  svgImage,
  toText,
  valueTable,
} from './value-text.ts';
import { FilterRefusal } from './filter-refusal.ts';

export { FilterRefusal } from './filter-refusal.ts';

export type ValueType = 'string' | 'number' | 'boolean' | 'null' | 'array' | 'object';
export type Argument = string | number | boolean | null;

/** One filter of references; the table of the README is made from these. */
export interface Filter {
  /** Types that it takes; undefined = every type. */
  takes?: readonly ValueType[];
  /** Type of what it gives; undefined = depends on the value. */
  gives?: ValueType;
  /** Least and greatest number of arguments, and their type where it is fixed. */
  args: { min: number; max: number; type?: 'string' | 'number' };
  /** An empty list gives nothing, which a `default` after it can replace. */
  emptyIsMissing?: true;
  doc: string;
  /** `value` has one of the types in `takes`. Throws {@link FilterRefusal} when it cannot be used all the same. */
  apply(value: JsonValue, args: readonly Argument[]): JsonValue;
}

const NO_ARGUMENTS = { min: 0, max: 0 } as const;
/** One field of each object, by name. */
const FIELD = { min: 0, max: 1, type: 'string' } as const;
const FINDINGS: readonly ValueType[] = ['array', 'object'];
const FINDING_ROWS = 1000;

/** Every filter by name; `default` also takes what is missing. */
export const FILTERS: Readonly<Record<string, Filter>> = {
  default: {
    args: { min: 1, max: 1 },
    doc: 'the value, or the argument when it is missing or null',
    apply: (value, [fallback]) => value ?? fallback ?? null,
  },
  json: {
    gives: 'string',
    args: { min: 0, max: 1, type: 'number' },
    doc: 'JSON text; the argument is the indentation',
    apply: (value, [indent]) => JSON.stringify(value, null, Math.min(8, Number(indent ?? 0))),
  },
  length: {
    takes: ['string', 'array', 'object'],
    gives: 'number',
    args: NO_ARGUMENTS,
    doc: 'number of characters, items or fields',
    apply: (value) =>
      typeof value === 'string' ? Array.from(value).length : Object.keys(value ?? {}).length,
  },
  upper: {
    takes: ['string'],
    gives: 'string',
    args: NO_ARGUMENTS,
    doc: 'upper case',
    apply: (value) => textOf(value).toUpperCase(),
  },
  lower: {
    takes: ['string'],
    gives: 'string',
    args: NO_ARGUMENTS,
    doc: 'lower case',
    apply: (value) => textOf(value).toLowerCase(),
  },
  join: {
    takes: ['array'],
    gives: 'string',
    args: { min: 0, max: 1, type: 'string' },
    doc: 'items joined by the argument, default `, `',
    apply: (value, [separator]) =>
      (value as JsonValue[]).map(toText).join(String(separator ?? ', ')),
  },
  first: {
    takes: ['array'],
    args: NO_ARGUMENTS,
    emptyIsMissing: true,
    doc: 'first item; an empty list needs `default` after it',
    apply: (value) => (value as JsonValue[])[0] ?? null,
  },
  last: {
    takes: ['array'],
    args: NO_ARGUMENTS,
    emptyIsMissing: true,
    doc: 'last item; an empty list needs `default` after it',
    apply: (value) => (value as JsonValue[]).at(-1) ?? null,
  },
  truncate: {
    takes: ['string'],
    gives: 'string',
    args: { min: 0, max: 1, type: 'number' },
    doc: 'at most so many characters, default 200, cut ones shown by `…`',
    apply: (value, [length]) => truncate(textOf(value), Number(length ?? 200)),
  },
  findings_table: {
    takes: FINDINGS,
    gives: 'string',
    args: { min: 0, max: 1, type: 'number' },
    doc: 'Markdown table of findings, worst first; takes a list, a step or a group; the argument bounds the rows (1000)',
    apply: (value, [rows]) => findingsTable(collectFindings(value), Number(rows ?? FINDING_ROWS)),
  },
  severity_counts: {
    takes: FINDINGS,
    gives: 'string',
    args: NO_ARGUMENTS,
    doc: 'e.g. `1 critical, 3 high`; takes a list, a step or a group',
    apply: (value) => severityCounts(collectFindings(value)),
  },
  bullet_list: {
    takes: ['array'],
    gives: 'string',
    args: NO_ARGUMENTS,
    doc: 'Markdown list',
    apply: (value) => bulletList(value as JsonValue[]),
  },
  table: {
    takes: FINDINGS,
    gives: 'string',
    args: { min: 0, max: 12, type: 'string' },
    doc: 'Markdown table of objects; the arguments are the columns, `name` is the key of an object of objects',
    apply: (value, columns) => valueTable(value, columns.map(String)),
  },
  map: {
    takes: ['array'],
    gives: 'array',
    args: { min: 1, max: 1, type: 'string' },
    doc: 'one field of each object of a list; null where it is missing',
    apply: (value, [field]) =>
      (value as JsonValue[]).map((item) => fieldOf(item, String(field)) ?? null),
  },
  sum: {
    takes: ['array'],
    gives: 'number',
    args: FIELD,
    doc: 'sum of numbers, or of one field of each object',
    apply: (value, [field]) => sumOf(listOf(value), field),
  },
  min: {
    takes: ['array'],
    args: FIELD,
    emptyIsMissing: true,
    doc: 'least of numbers or texts, or of one field of each object; an empty list needs `default` after it',
    apply: (value, [field]) => leastOf(listOf(value), field, 1),
  },
  max: {
    takes: ['array'],
    args: FIELD,
    emptyIsMissing: true,
    doc: 'greatest of numbers or texts, or of one field; an empty list needs `default` after it',
    apply: (value, [field]) => leastOf(listOf(value), field, -1),
  },
  round: {
    takes: ['number'],
    gives: 'number',
    args: { min: 0, max: 1, type: 'number' },
    doc: 'rounded to so many digits after the point, default 0',
    apply: (value, [digits]) => rounded(Number(value), Number(digits ?? 0)),
  },
  count_by: {
    takes: ['array'],
    gives: 'object',
    args: { min: 1, max: 1, type: 'string' },
    doc: 'number of objects by what a field holds, most frequent first',
    apply: (value, [field]) => countBy(listOf(value), String(field)),
  },
  where: {
    takes: ['array'],
    gives: 'array',
    args: { min: 2, max: 2 },
    doc: 'objects of which a field has this value',
    apply: (value, [field, wanted]) => whereField(listOf(value), String(field), wanted ?? null),
  },
  sort: {
    takes: ['array'],
    gives: 'array',
    args: { min: 0, max: 2, type: 'string' },
    doc: "in order: numbers, then texts, then the rest; by a field when one is named; `'desc'` as second argument turns it round",
    apply: (value, [field, order]) => sorted(listOf(value), field, order === 'desc' ? -1 : 1),
  },
  unique: {
    takes: ['array'],
    gives: 'array',
    args: FIELD,
    doc: 'each value once, or the first object for each value of a field',
    apply: (value, [field]) => uniqueItems(listOf(value), field),
  },
  flatten: {
    takes: ['array'],
    gives: 'array',
    args: NO_ARGUMENTS,
    doc: 'lists inside the list opened, one level',
    apply: (value) => flattened(listOf(value)),
  },
  slice: {
    takes: ['array', 'string'],
    args: { min: 1, max: 2, type: 'number' },
    doc: 'from the first index (0-based) up to before the second; negative ones count from the end',
    apply: (value, [start, end]) => sliceOf(value, Number(start), end ?? null),
  },
  split: {
    takes: ['string'],
    gives: 'array',
    args: { min: 1, max: 1, type: 'string' },
    doc: 'parts of a text between a separator, blanks around them removed, empty ones left out',
    apply: (value, [separator]) =>
      textOf(value)
        .split(String(separator))
        .map((part) => part.trim())
        .filter((part) => part !== ''),
  },
  replace: {
    takes: ['string'],
    gives: 'string',
    args: { min: 2, max: 2, type: 'string' },
    doc: 'every occurrence of the first text replaced by the second',
    apply: (value, [wanted, other]) =>
      textOf(value).replaceAll(String(wanted), () => String(other)),
  },
  keys: {
    takes: ['object'],
    gives: 'array',
    args: NO_ARGUMENTS,
    doc: 'names of the fields',
    apply: (value) => Object.keys(value ?? {}),
  },
  values: {
    takes: ['object'],
    gives: 'array',
    args: NO_ARGUMENTS,
    doc: 'values of the fields',
    apply: (value) => Object.values(value ?? {}) as JsonValue[],
  },
  svg_image: {
    takes: ['string'],
    gives: 'string',
    args: { min: 1, max: 1, type: 'string' },
    doc: 'Markdown image with an SVG text inside it; the argument describes it',
    apply: (value, [description]) => svgImage(textOf(value), String(description)),
  },
  headings: {
    takes: ['string'],
    gives: 'string',
    args: { min: 1, max: 1, type: 'number' },
    doc: 'Markdown whose highest headings have this level, so that it fits under a heading of its own',
    apply: (value, [level]) => shiftHeadings(textOf(value), Number(level)),
  },
  choose: {
    takes: ['boolean'],
    gives: 'string',
    args: { min: 2, max: 2, type: 'string' },
    doc: 'first text when true, second when false',
    apply: (value, [yes, no]) => String(value === true ? yes : no),
  },
  date: {
    takes: ['string', 'number'],
    gives: 'string',
    args: { min: 0, max: 1, type: 'string' },
    doc: 'time in UTC, default `YYYY-MM-DD HH:mm UTC`; takes RFC 3339 text or milliseconds',
    apply(value, [pattern]) {
      const text = dateText(value, String(pattern ?? 'YYYY-MM-DD HH:mm UTC'));
      if (text === null) throw new FilterRefusal(`"${toText(value)}" is no time`);
      return text;
    },
  },
};

/** Filters that take lists only get lists; the type does not know. */
function listOf(value: JsonValue): JsonValue[] {
  return Array.isArray(value) ? value : [];
}

/** Filters that take texts only get texts; the type does not know. */
function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : '';
}

function truncate(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, length).join('')}…`;
}

export function filterNamed(name: string): Filter | undefined {
  return Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined;
}

/** Type of a JSON value, as filters and messages name it. */
export function typeOf(value: JsonValue): ValueType {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : (typeof value as ValueType);
}
