import { ts } from 'ts-morph';
import type { ScriptModule } from './read-module.ts';

/** Values of one parameter as JavaScript expressions, a typical one first. */
export type Candidates = readonly string[];

const PER_PARAMETER_MAX = 12;
const PER_OBJECT_MAX = 30;
const DEPTH_MAX = 4;

interface Literals {
  numbers: number[];
  strings: string[];
}

/** What the body compares with and cuts by: the values around which behaviour changes. */
function literalsOf(node: ts.Node): Literals {
  const compared = new Set<number>();
  const others = new Set<number>();
  const strings = new Set<string>();
  const visit = (each: ts.Node): void => {
    if (ts.isNumericLiteral(each)) (isCompared(each) ? compared : others).add(Number(each.text));
    else if (ts.isStringLiteralLike(each) && each.text.length <= 40) strings.add(each.text);
    ts.forEachChild(each, visit);
  };
  visit(node);
  return {
    numbers: [...new Set([...compared, ...others])].slice(0, 8),
    strings: [...strings].slice(0, 8),
  };
}

function isCompared(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isPrefixUnaryExpression(parent)) return isCompared(parent);
  return (
    ts.isCaseClause(parent) ||
    (ts.isBinaryExpression(parent) &&
      /^[<>=!]/.test(parent.operatorToken.getText()) &&
      parent.operatorToken.getText() !== '=')
  );
}

const quote = (text: string): string => JSON.stringify(text);
const unique = (values: readonly string[]): string[] => [...new Set(values)];

function numbersFor({ numbers }: Literals): string[] {
  const around = numbers.flatMap((value) => [value, value - 1, value + 1]);
  return unique([2, 0, ...around, 1, -1, 0.5].map(String)).slice(0, PER_PARAMETER_MAX);
}

function stringsFor({ strings }: Literals): string[] {
  const cut = strings
    .filter((text) => text.length > 0 && text.length <= 2)
    .flatMap((text) => [`a${text}b`, `${text}a`]);
  return unique(['Hello World', '', ...strings, ...cut, 'a'].map(quote)).slice(
    0,
    PER_PARAMETER_MAX,
  );
}

interface Choosing {
  module: ScriptModule;
  modules: ReadonlyMap<string, ScriptModule>;
  literals: Literals;
  depth: number;
}

const deeper = (choosing: Choosing): Choosing => ({ ...choosing, depth: choosing.depth + 1 });

/** Values of a type; undefined when it cannot be told what fits. */
function valuesOf(type: ts.TypeNode, choosing: Choosing): string[] | undefined {
  if (choosing.depth > DEPTH_MAX) return undefined;
  switch (type.kind) {
    case ts.SyntaxKind.NumberKeyword:
      return numbersFor(choosing.literals);
    case ts.SyntaxKind.StringKeyword:
      return stringsFor(choosing.literals);
    case ts.SyntaxKind.BooleanKeyword:
      return ['true', 'false'];
    case ts.SyntaxKind.BigIntKeyword:
      return ['2n', '0n', '-1n'];
    case ts.SyntaxKind.UndefinedKeyword:
      return ['undefined'];
    case ts.SyntaxKind.UnknownKeyword:
    case ts.SyntaxKind.AnyKeyword:
      return ['"a"', '1', 'null', 'undefined', '[]', '{}', 'true'];
    default:
  }
  if (ts.isParenthesizedTypeNode(type)) return valuesOf(type.type, choosing);
  if (ts.isTypeOperatorNode(type)) return valuesOf(type.type, choosing);
  if (ts.isLiteralTypeNode(type)) return [type.literal.getText()];
  if (ts.isArrayTypeNode(type)) return arraysOf(type.elementType, choosing);
  if (ts.isTupleTypeNode(type)) return tupleOf(type, choosing);
  if (ts.isUnionTypeNode(type)) return unionOf(type, choosing);
  if (ts.isTypeLiteralNode(type)) return objectsOf(type.members, choosing);
  return ts.isTypeReferenceNode(type) ? referenceOf(type, choosing) : undefined;
}

function unionOf(type: ts.UnionTypeNode, choosing: Choosing): string[] | undefined {
  const parts = type.types.map((each) => valuesOf(each, choosing));
  // The first of each member before the second of any.
  const known = parts.filter((each) => each !== undefined);
  if (known.length < parts.length) return undefined;
  return unique([...known.flatMap((each) => each.slice(0, 2)), ...known.flat()]).slice(
    0,
    PER_PARAMETER_MAX,
  );
}

function tupleOf(type: ts.TupleTypeNode, choosing: Choosing): string[] | undefined {
  const parts = type.elements.map((each) =>
    valuesOf(ts.isNamedTupleMember(each) ? each.type : each, deeper(choosing)),
  );
  if (parts.some((each) => each === undefined)) return undefined;
  return [0, 1, 2].map(
    (index) => `[${parts.map((each) => each?.[index] ?? each?.[0]).join(', ')}]`,
  );
}

function arraysOf(element: ts.TypeNode, choosing: Choosing): string[] | undefined {
  const values = valuesOf(element, deeper(choosing));
  if (values === undefined) return undefined;
  const [first = '0'] = values;
  const lists = [
    values.slice(0, 3),
    [],
    [first],
    values.slice(0, 3).toReversed(),
    [first, first],
    values.slice(2, 6),
  ];
  return unique(lists.map((list) => `[${list.join(', ')}]`));
}

function objectsOf(members: readonly ts.TypeElement[], choosing: Choosing): string[] | undefined {
  const parts: { name: string; values: string[]; optional: boolean }[] = [];
  for (const member of members) {
    if (ts.isMethodSignature(member)) return undefined;
    if (!ts.isPropertySignature(member) || member.type === undefined) continue;
    const values = valuesOf(member.type, deeper(choosing));
    const optional = member.questionToken !== undefined;
    if (values === undefined && !optional) return undefined;
    if (values !== undefined) parts.push({ name: member.name.getText(), values, optional });
  }
  const render = (chosen: readonly { name: string; value: string }[]) =>
    `{ ${chosen.map(({ name, value }) => `${name}: ${value}`).join(', ')} }`;
  const base = parts.map(({ name, values }) => ({ name, value: values[0] ?? 'undefined' }));
  const varied = parts.flatMap(({ name, values, optional }) => [
    ...values
      .slice(1, 8)
      .map((value) => render(base.map((one) => (one.name === name ? { name, value } : one)))),
    ...(optional ? [render(base.filter((one) => one.name !== name))] : []),
  ]);
  return unique([render(base), ...varied]).slice(0, PER_OBJECT_MAX);
}

function referenceOf(type: ts.TypeReferenceNode, choosing: Choosing): string[] | undefined {
  const name = type.typeName.getText();
  const [first, second] = type.typeArguments ?? [];
  if ((name === 'Array' || name === 'ReadonlyArray') && first !== undefined)
    return arraysOf(first, choosing);
  if ((name === 'Readonly' || name === 'Required' || name === 'NonNullable') && first !== undefined)
    return valuesOf(first, choosing);
  if (name === 'Partial' && first !== undefined)
    return unique([...(valuesOf(first, choosing) ?? []), '{}']);
  if (name === 'Date') return ['new Date(0)', 'new Date(1e12)', 'new Date(NaN)'];
  if (name === 'Record' && second !== undefined) {
    const values = valuesOf(second, deeper(choosing));
    return values === undefined
      ? undefined
      : [`{ a: ${values[0]}, b: ${values[1] ?? values[0]} }`, '{}'];
  }
  return declaredOf(name, choosing);
}

/** Interfaces, aliases, enums and type parameters of the module, or of the one that it is imported from. */
function declaredOf(name: string, choosing: Choosing): string[] | undefined {
  const { module, modules } = choosing;
  for (const statement of module.source.statements) {
    if (ts.isInterfaceDeclaration(statement) && statement.name.text === name)
      return statement.heritageClauses === undefined
        ? objectsOf(statement.members, deeper(choosing))
        : undefined;
    if (ts.isTypeAliasDeclaration(statement) && statement.name.text === name)
      return valuesOf(statement.type, deeper(choosing));
  }
  const imported = module.imports.get(name);
  const other = imported === undefined ? undefined : modules.get(imported.from);
  if (imported === undefined || other === undefined || choosing.depth > DEPTH_MAX) return undefined;
  return declaredOf(imported.name, { ...deeper(choosing), module: other });
}

const STRING_MEMBERS =
  /^(?:toUpperCase|toLowerCase|trim|split|charAt|charCodeAt|padStart|padEnd|startsWith|endsWith|replace|replaceAll|substring|match)$/;
const ARRAY_MEMBERS =
  /^(?:map|filter|reduce|forEach|some|every|push|sort|find|flatMap|join|toSorted)$/;

/** What an untyped parameter is used as, by the first use that tells. */
function guessByUse(name: string, body: ts.Node, literals: Literals): string[] | undefined {
  let found: string[] | undefined;
  const visit = (node: ts.Node): void => {
    if (found !== undefined) return;
    if (ts.isIdentifier(node) && node.text === name) found = guessAt(node, literals);
    ts.forEachChild(node, visit);
  };
  visit(body);
  return found;
}

function guessAt(node: ts.Identifier, literals: Literals): string[] | undefined {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.expression === node) {
    if (STRING_MEMBERS.test(parent.name.text)) return stringsFor(literals);
    if (ARRAY_MEMBERS.test(parent.name.text)) return ['[2, 0, 1]', '[]', '[-1]'];
  }
  if (ts.isForOfStatement(parent) && parent.expression === node) return ['[2, 0, 1]', '[]', '[-1]'];
  if (!ts.isBinaryExpression(parent)) return undefined;
  const other = parent.left === node ? parent.right : parent.left;
  if (ts.isStringLiteralLike(other)) return stringsFor(literals);
  const operator = parent.operatorToken.getText();
  return ['-', '*', '/', '%', '<', '>', '<=', '>=', '**'].includes(operator) ||
    ts.isNumericLiteral(other)
    ? numbersFor(literals)
    : undefined;
}

/** Candidates for each parameter, or why there are none. */
export function chooseCandidates(
  node: ts.FunctionLikeDeclaration,
  module: ScriptModule,
  modules: ReadonlyMap<string, ScriptModule>,
): { parameters: Candidates[] } | { reason: string } {
  const literals = literalsOf(node.body ?? node);
  const choosing: Choosing = { module, modules, literals, depth: 0 };
  const parameters: Candidates[] = [];
  for (const parameter of node.parameters) {
    if (parameter.dotDotDotToken !== undefined) return { reason: 'takes any number of arguments' };
    const name = parameter.name.getText();
    const type = parameter.type ?? ts.getJSDocType(parameter);
    const values =
      type !== undefined
        ? valuesOf(type, choosing)
        : parameter.initializer !== undefined
          ? byInitializer(parameter.initializer, literals)
          : guessByUse(name, node.body ?? node, literals);
    if (values === undefined || values.length === 0)
      return { reason: `nothing tells which values the parameter ${name} takes` };
    const optional = parameter.questionToken !== undefined || parameter.initializer !== undefined;
    parameters.push(unique([...values, ...(optional ? ['undefined'] : [])]));
  }
  return { parameters };
}

function byInitializer(node: ts.Expression, literals: Literals): string[] | undefined {
  if (ts.isNumericLiteral(node)) return unique([node.text, ...numbersFor(literals)]);
  if (ts.isStringLiteralLike(node)) return unique([quote(node.text), ...stringsFor(literals)]);
  if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword)
    return ['true', 'false'];
  return undefined;
}

/** Argument lists: a typical one, each parameter varied alone, then all together. */
export function chooseCases(parameters: readonly Candidates[], casesMax: number): string[][] {
  const typical = parameters.map((values) => values[0] ?? 'undefined');
  const longest = Math.max(0, ...parameters.map((values) => values.length));
  const cases: string[][] = [typical];
  for (let index = 1; index < longest; index += 1)
    for (const [at, values] of parameters.entries()) {
      const value = values[index];
      if (value !== undefined)
        cases.push(typical.map((one, place) => (place === at ? value : one)));
    }
  for (let index = 1; index < longest; index += 1)
    cases.push(parameters.map((values, at) => values[(index + at) % values.length] ?? 'undefined'));
  return [...new Map(cases.map((one) => [one.join(', '), one])).values()].slice(0, casesMax);
}
