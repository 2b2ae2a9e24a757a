import { canonicalJson, PlatformError } from '@automatos/kernel';
import type { JsonValue } from '@automatos/kernel';
import { parseCondition } from './condition.ts';
import type { Comparison, Condition } from './condition.ts';
import { typeOf } from './filters.ts';
import { evaluate } from './render.ts';
import type { Scope } from './render.ts';

/**
 * Value of a condition. `and` and `or` look at their right side only when they must. `==` and `!=` compare by JSON value;
 * `< <= > >=` two numbers or two texts (by UTF-16 unit); `a in b` and `b contains a` look into a list (by JSON value) or a
 * text.
 *
 * Throws `recipes.reference.missing` for what is not there and has no default, and `recipes.condition.invalid` for sides
 * that cannot be compared and for values that are no boolean where one is needed.
 */
export function evaluateCondition(source: string, scope: Scope): boolean {
  const { condition, problem } = parseCondition(source);
  if (condition === null) throw invalid(source, problem?.message ?? 'cannot be read');
  return truth(condition, { source, scope });
}

interface At {
  source: string;
  scope: Scope;
}

function truth(condition: Condition, at: At): boolean {
  switch (condition.kind) {
    case 'or':
      return truth(condition.left, at) || truth(condition.right, at);
    case 'and':
      return truth(condition.left, at) && truth(condition.right, at);
    case 'not':
      return !truth(condition.inner, at);
    case 'compare':
      return compare(condition.operator, {
        left: valueOf(condition.left, at),
        right: valueOf(condition.right, at),
        shown: at.source.slice(condition.start, condition.end),
      });
    default: {
      const value = valueOf(condition, at);
      if (typeof value === 'boolean') return value;
      const shown = at.source.slice(condition.start, condition.end);
      throw invalid(
        shown,
        `is ${typeOf(value)}, not true or false; compare it, e.g. ${shown} != null`,
      );
    }
  }
}

function valueOf(condition: Condition, at: At): JsonValue {
  if (condition.kind === 'literal') return condition.value;
  if (condition.kind === 'reference') return evaluate(condition.reference, at.scope);
  return truth(condition, at);
}

function compare(
  operator: Comparison,
  { left, right, shown }: { left: JsonValue; right: JsonValue; shown: string },
): boolean {
  switch (operator) {
    case '==':
      return isSame(left, right);
    case '!=':
      return !isSame(left, right);
    case 'in':
      return holds(right, left, shown);
    case 'contains':
      return holds(left, right, shown);
    default:
      return ordered(operator, order(left, right, shown));
  }
}

function isSame(left: JsonValue, right: JsonValue): boolean {
  return canonicalJson(left) === canonicalJson(right);
}

function holds(holder: JsonValue, item: JsonValue, shown: string): boolean {
  if (Array.isArray(holder)) return holder.some((own) => isSame(own, item));
  if (typeof holder === 'string' && typeof item === 'string') return holder.includes(item);
  throw invalid(
    shown,
    `looks for ${typeOf(item)} in ${typeOf(holder)}; it takes a list, or a text in a text`,
  );
}

function order(left: JsonValue, right: JsonValue, shown: string): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') return compareTexts(left, right);
  throw invalid(
    shown,
    `compares ${typeOf(left)} with ${typeOf(right)}; it takes two numbers or two texts`,
  );
}

/** Order by UTF-16 unit, the same everywhere. */
export function compareTexts(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function ordered(operator: '<' | '<=' | '>' | '>=', difference: number): boolean {
  if (operator === '<') return difference < 0;
  if (operator === '<=') return difference <= 0;
  return operator === '>' ? difference > 0 : difference >= 0;
}

function invalid(shown: string, reason: string): PlatformError {
  return new PlatformError({
    code: 'recipes.condition.invalid',
    kind: 'invalid-input',
    message: `The condition ${shown}: ${reason}.`,
  });
}
