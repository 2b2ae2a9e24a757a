import { isJsonObject } from '@automatos/kernel';
import type { JsonValue } from '@automatos/kernel';
import { toolError } from '../tool-error.ts';

/** A value with the place it was found at, as RFC 6901 pointer. */
export interface Match {
  pointer: string;
  value: JsonValue;
}

type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'exists' | 'contains';
interface Filter {
  path: string[];
  operator: Operator;
  operand: JsonValue;
}
type Step =
  | { kind: 'name'; name: string }
  | { kind: 'index'; index: number }
  | { kind: 'slice'; from: number; to: number }
  | { kind: 'all' }
  | { kind: 'deep' }
  | { kind: 'filter'; filter: Filter };

const VISITS_MAX = 1_000_000;

function unreadable(path: string, at: number) {
  return toolError(
    'tools.query.invalid',
    'invalid-input',
    `The path cannot be read at ${at + 1} ("${path.slice(at, at + 20)}"). Forms: a.b, ["a b"], [0], [-1], [1:3], [*], ..name, [?(@.price < 10)], [?(@.name contains "x")].`,
  );
}

const PARTS: readonly [RegExp, (found: string[]) => Step[]][] = [
  [/\.\.(?=[\w*$[-])/y, () => [{ kind: 'deep' }]],
  [/\.?\*/y, () => [{ kind: 'all' }]],
  [/\[\s*\*\s*\]/y, () => [{ kind: 'all' }]],
  [/\[\s*(-?\d{1,9})\s*\]/y, ([index]) => [{ kind: 'index', index: Number(index) }]],
  [
    /\[\s*(-?\d{1,9})?\s*:\s*(-?\d{1,9})?\s*\]/y,
    ([from, to]) => [
      { kind: 'slice', from: Number(from ?? 0), to: to === undefined ? Infinity : Number(to) },
    ],
  ],
  [
    /\[\s*("(?:[^"\\]|\\.)*")\s*\]/y,
    ([text]) => [{ kind: 'name', name: JSON.parse(text ?? '""') as string }],
  ],
  [/\[\s*'([^']*)'\s*\]/y, ([name]) => [{ kind: 'name', name: name ?? '' }]],
  [
    /\[\s*\?\s*\(?\s*@((?:\.[\w-]+)*)\s*(?:(==|!=|<=|>=|<|>|contains)\s*("(?:[^"\\]|\\.)*"|'[^']*'|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|true|false|null))?\s*\)?\s*\]/y,
    ([path, operator, operand]) => [{ kind: 'filter', filter: filterOf(path, operator, operand) }],
  ],
  [/\.?([\w$-]+)/y, ([name]) => [{ kind: 'name', name: name ?? '' }]],
];

function filterOf(path = '', operator?: string, operand?: string): Filter {
  const names = path.split('.').filter((name) => name !== '');
  if (operator === undefined) return { path: names, operator: 'exists', operand: null };
  const value =
    operand?.startsWith("'") === true
      ? operand.slice(1, -1)
      : (JSON.parse(operand ?? 'null') as JsonValue);
  return { path: names, operator: operator as Operator, operand: value };
}

function parsePath(path: string): Step[] {
  const steps: Step[] = [];
  let at = path.startsWith('$') ? 1 : 0;
  while (at < path.length) {
    const found = PARTS.map(([pattern, make]) => {
      pattern.lastIndex = at;
      const match = pattern.exec(path);
      return match === null ? null : { steps: make(match.slice(1)), length: match[0].length };
    }).find((one) => one !== null);
    if (found === undefined || found === null) throw unreadable(path, at);
    steps.push(...found.steps);
    at += found.length;
  }
  return steps;
}

function childrenOf({ pointer, value }: Match): Match[] {
  if (Array.isArray(value))
    return value.map((item, index) => ({ pointer: `${pointer}/${index}`, value: item }));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).map(([key, item]) => ({
    pointer: `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    value: item,
  }));
}

function memberOf(value: JsonValue, name: string): JsonValue | undefined {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function compares(left: JsonValue, operator: Operator, right: JsonValue): boolean {
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  if (operator === 'contains') {
    if (typeof left === 'string') return typeof right === 'string' && left.includes(right);
    return Array.isArray(left) && left.includes(right);
  }
  const ordered =
    (typeof left === 'number' && typeof right === 'number') ||
    (typeof left === 'string' && typeof right === 'string');
  if (!ordered) return false;
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  return operator === '>' ? left > right : left >= right;
}

function passes(value: JsonValue, { path, operator, operand }: Filter): boolean {
  let inner: JsonValue | undefined = value;
  for (const name of path) inner = inner === undefined ? undefined : memberOf(inner, name);
  if (operator === 'exists') return inner !== undefined;
  return inner !== undefined && compares(inner, operator, operand);
}

/**
 * Values at a path, in document order, each once. Subset of JSONPath: names, indices, slices, `*`, `..` and filters with one
 * comparison. Throws `tools.query.invalid`.
 */
export function queryJson(root: JsonValue, path: string): Match[] {
  let visits = 0;
  const visit = <T>(items: T[]): T[] => {
    visits += items.length;
    if (visits > VISITS_MAX)
      throw toolError(
        'tools.query.invalid',
        'limit-reached',
        `The path leads through more than ${VISITS_MAX} values; make it narrower.`,
      );
    return items;
  };
  const deepOf = (match: Match): Match[] => [match, ...visit(childrenOf(match)).flatMap(deepOf)];
  const follow = (match: Match, step: Step): Match[] => {
    if (step.kind === 'deep') return deepOf(match);
    const children = visit(childrenOf(match));
    if (step.kind === 'all') return children;
    if (step.kind === 'filter') return children.filter((child) => passes(child.value, step.filter));
    if (step.kind === 'name') {
      const value = memberOf(match.value, step.name);
      if (value === undefined) return [];
      return [
        {
          pointer: `${match.pointer}/${step.name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
          value,
        },
      ];
    }
    if (!Array.isArray(match.value)) return [];
    if (step.kind === 'slice')
      return children.slice(step.from, step.to === Infinity ? undefined : step.to);
    const one = children.at(step.index);
    return one === undefined ? [] : [one];
  };
  let matches: Match[] = [{ pointer: '', value: root }];
  for (const step of parsePath(path.trim())) {
    const seen = new Set<string>();
    matches = matches
      .flatMap((match) => follow(match, step))
      .filter(({ pointer }) => !seen.has(pointer) && seen.add(pointer) !== undefined);
  }
  return matches;
}
