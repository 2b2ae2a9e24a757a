import type { JsonValue } from '@automatos/kernel';
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

export type ValueType = 'string' | 'number' | 'boolean' | 'null' | 'array' | 'object';
type Argument = string | number | boolean | null;

/** One filter of references; the table of the README is made from these. */
export interface Filter {
  /** Types that it takes; undefined = every type. */
  takes?: readonly ValueType[];
  /** Type of what it gives; undefined = depends on the value. */
  gives?: ValueType;
  /** Least and greatest number of arguments, and their type where it is fixed. */
  args: { min: number; max: number; type?: 'string' | 'number' };
  doc: string;
  /** `value` has one of the types in `takes`. Throws {@link FilterRefusal} when it cannot be used all the same. */
  apply(value: JsonValue, args: readonly Argument[]): JsonValue;
}

/** Why a filter cannot work on a value. */
export class FilterRefusal extends Error {}

const NO_ARGUMENTS = { min: 0, max: 0 } as const;
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
    doc: 'first item; an empty list needs `default` after it',
    apply: (value) => (value as JsonValue[])[0] ?? null,
  },
  last: {
    takes: ['array'],
    args: NO_ARGUMENTS,
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
