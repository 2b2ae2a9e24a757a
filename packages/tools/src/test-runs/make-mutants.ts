import { ts } from 'ts-morph';
import { lineOf } from '../code/measure-script.ts';
import type { Declaration, ScriptModule } from './read-module.ts';

export type MutantKind = 'boundary' | 'condition' | 'arithmetic' | 'constant' | 'removed_call';

/** A small change that a good test notices. */
export interface Mutant {
  path: string;
  line: number;
  kind: MutantKind;
  function: string;
  from: string;
  to: string;
  start: number;
  end: number;
}

const OPERATORS: Readonly<Record<string, [string, MutantKind]>> = {
  '<': ['<=', 'boundary'],
  '<=': ['<', 'boundary'],
  '>': ['>=', 'boundary'],
  '>=': ['>', 'boundary'],
  '===': ['!==', 'condition'],
  '!==': ['===', 'condition'],
  '==': ['!=', 'condition'],
  '!=': ['==', 'condition'],
  '&&': ['||', 'condition'],
  '||': ['&&', 'condition'],
  '+': ['-', 'arithmetic'],
  '-': ['+', 'arithmetic'],
  '*': ['/', 'arithmetic'],
  '/': ['*', 'arithmetic'],
};

const isText = (node: ts.Expression): boolean =>
  ts.isStringLiteralLike(node) ||
  ts.isTemplateExpression(node) ||
  (ts.isBinaryExpression(node) && (isText(node.left) || isText(node.right)));

interface Edit {
  node: ts.Node;
  to: string;
  kind: MutantKind;
}

function editsAt(node: ts.Node, source: ts.SourceFile): Edit[] {
  if (ts.isBinaryExpression(node)) {
    const operator = node.operatorToken.getText(source);
    const swap = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
    // Texts are joined by "+" and cannot be subtracted: such a mutant says nothing.
    if (swap === undefined || (operator === '+' && (isText(node.left) || isText(node.right))))
      return [];
    const to = `${node.left.getText(source)} ${swap[0]} ${node.right.getText(source)}`;
    return [{ node, to, kind: swap[1] }];
  }
  if (ts.isIfStatement(node) && !ts.isBinaryExpression(node.expression))
    return [
      { node: node.expression, to: `!(${node.expression.getText(source)})`, kind: 'condition' },
    ];
  if (node.kind === ts.SyntaxKind.TrueKeyword && !ts.isLiteralTypeNode(node.parent))
    return [{ node, to: 'false', kind: 'constant' }];
  if (node.kind === ts.SyntaxKind.FalseKeyword && !ts.isLiteralTypeNode(node.parent))
    return [{ node, to: 'true', kind: 'constant' }];
  if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression))
    return [{ node, to: ';', kind: 'removed_call' }];
  return [];
}

/** All mutants of one declaration. */
export function mutantsOf(module: ScriptModule, declaration: Declaration): Mutant[] {
  const found: Mutant[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node)) return;
    for (const { node: target, to, kind } of editsAt(node, module.source))
      found.push({
        path: module.path,
        line: lineOf(module.source, target),
        kind,
        function: declaration.name,
        from: target.getText(module.source),
        to,
        start: target.getStart(module.source),
        end: target.end,
      });
    ts.forEachChild(node, visit);
  };
  visit(declaration.node);
  return found;
}

/** An even spread over all of them, in their order: the same sample each time. */
export function sample<T>(all: readonly T[], count: number): T[] {
  if (all.length <= count) return [...all];
  return Array.from(
    { length: count },
    (_, index) => all[Math.floor((index * all.length) / count)],
  ).filter((one) => one !== undefined);
}

export function applyMutant(text: string, mutant: Pick<Mutant, 'start' | 'end' | 'to'>): string {
  return text.slice(0, mutant.start) + mutant.to + text.slice(mutant.end);
}
