import type { JsonValue } from '@automatos/kernel';
import { suggest } from '../definition/suggest.ts';
import { parseCondition } from '../references/condition.ts';
import type { Condition } from '../references/condition.ts';
import { typeOf } from '../references/filters.ts';
import type { ValueType } from '../references/filters.ts';
import type { Reference, Span } from '../references/template.ts';
import { report } from './reference-site.ts';
import type { ReferenceSite } from './reference-site.ts';
import { typesOf, valuesOf } from './schema-walk.ts';
import type { Shape } from './schema-walk.ts';

type CheckReference = (at: ReferenceSite, reference: Reference) => Shape | null;
type Types = ReadonlySet<ValueType>;

/** What is known of one operand; null = unknown. */
interface Operand {
  types: Types | null;
  /** All values that it may have. */
  values: readonly JsonValue[] | null;
  literal: boolean;
  span: Span;
  text: string;
}
type Compare = Extract<Condition, { kind: 'compare' }>;

/** Checks the form of a condition, its references, and that what it compares can be compared. */
export function checkCondition(at: ReferenceSite, checkReference: CheckReference): void {
  const { condition, problem } = parseCondition(at.site.text);
  if (problem !== null) report(at, problem, problem.message);
  if (condition !== null) checkTruth({ at, checkReference }, condition);
}

interface Walk {
  at: ReferenceSite;
  checkReference: CheckReference;
}

function checkTruth(walk: Walk, condition: Condition): void {
  switch (condition.kind) {
    case 'and':
    case 'or':
      checkTruth(walk, condition.left);
      checkTruth(walk, condition.right);
      return;
    case 'not':
      checkTruth(walk, condition.inner);
      return;
    case 'compare':
      checkCompare(walk, condition);
      return;
    default: {
      const { types, text } = operandOf(walk, condition);
      if (types === null || types.has('boolean')) return;
      const message = `${text} is ${named(types)}, not true or false; compare it, e.g. ${example(text, types)}`;
      report(walk.at, condition, message);
    }
  }
}

function operandOf(walk: Walk, condition: Condition): Operand {
  const { start, end } = condition;
  const base = { span: { start, end }, text: walk.at.site.text.slice(start, end) };
  if (condition.kind === 'literal') {
    const { value } = condition;
    return { ...base, types: new Set([typeOf(value)]), values: [value], literal: true };
  }
  if (condition.kind === 'reference') {
    const shape = walk.checkReference(walk.at, condition.reference);
    const types = shape === null ? null : typesOf(shape);
    return { ...base, types, values: shape === null ? null : valuesOf(shape), literal: false };
  }
  checkTruth(walk, condition);
  return { ...base, types: new Set(['boolean']), values: null, literal: false };
}

function checkCompare(walk: Walk, condition: Compare): void {
  const left = operandOf(walk, condition.left);
  const right = operandOf(walk, condition.right);
  const wrong = (message: string) => report(walk.at, condition, message);
  switch (condition.operator) {
    case '==':
    case '!=':
      return checkEqual(walk, { left, right, wrong });
    case 'in':
      return checkHolds(walk, { holder: right, item: left, wrong });
    case 'contains':
      return checkHolds(walk, { holder: left, item: right, wrong });
    default:
      return checkOrder(left, right, wrong);
  }
}

function checkEqual(
  walk: Walk,
  { left, right, wrong }: { left: Operand; right: Operand; wrong: (message: string) => void },
): void {
  const { types: a } = left;
  const { types: b } = right;
  // What is null in the end is not always said to be so.
  const withNull = a?.has('null') === true || b?.has('null') === true;
  if (a !== null && b !== null && !withNull && !meet(a, b)) {
    wrong(`${left.text} is ${named(a)} and ${right.text} is ${named(b)}, so they are never equal`);
    return;
  }
  if (right.literal && !left.literal) checkKnownValue(walk, left, right);
  if (left.literal && !right.literal) checkKnownValue(walk, right, left);
}

/** A literal that is none of the values that the other side may have. */
function checkKnownValue(walk: Walk, side: Operand, literal: Operand): void {
  const wanted = literal.values?.[0];
  if (side.values === null || wanted === undefined || wanted === null) return;
  if (side.values.some((value) => JSON.stringify(value) === JSON.stringify(wanted))) return;
  const known = side.values.filter((value) => value !== null).map(shown);
  const near = typeof wanted === 'string' ? suggest(wanted, side.values.filter(isText)) : null;
  report(walk.at, literal.span, {
    message: `${side.text} is never ${shown(wanted)}; it is ${known.slice(0, 20).join(', ')}`,
    suggestion: near,
  });
}

function checkOrder(left: Operand, right: Operand, wrong: (message: string) => void): void {
  for (const { types, text } of [left, right]) {
    if (types === null || types.has('number') || types.has('string')) continue;
    wrong(`${text} is ${named(types)}; only numbers and texts have an order`);
    return;
  }
  const { types: a } = left;
  const { types: b } = right;
  if (a === null || b === null) return;
  if (!(['number', 'string'] as const).some((type) => a.has(type) && b.has(type))) {
    wrong(`${left.text} is ${named(a)} and ${right.text} is ${named(b)}; compare two of one kind`);
  }
}

function checkHolds(
  walk: Walk,
  { holder, item, wrong }: { holder: Operand; item: Operand; wrong: (message: string) => void },
): void {
  const { types } = holder;
  if (types === null) return;
  if (!types.has('array') && !types.has('string')) {
    wrong(`${holder.text} is ${named(types)}; only lists and texts hold something`);
    return;
  }
  if (!types.has('array') && item.types !== null && !item.types.has('string')) {
    wrong(`${holder.text} is a text, so it holds texts, not ${named(item.types)}`);
    return;
  }
  const list = holder.literal ? holder.values?.[0] : undefined;
  if (!Array.isArray(list) || item.literal) return;
  for (const value of list) {
    checkKnownValue(walk, item, { ...holder, values: [value] });
  }
}

function meet(a: Types, b: Types): boolean {
  return [...a].some((type) => b.has(type));
}

function named(types: Types): string {
  return [...types].join(' or ');
}

function example(text: string, types: Types): string {
  if (types.has('number')) return `${text} > 0`;
  if (!types.has('array') && !types.has('object')) return `${text} == 'yes'`;
  return text.endsWith('}}') ? `${text.slice(0, -2)} | length}} > 0` : `${text} | length > 0`;
}

function shown(value: JsonValue): string {
  return JSON.stringify(value);
}

function isText(value: JsonValue): value is string {
  return typeof value === 'string';
}
