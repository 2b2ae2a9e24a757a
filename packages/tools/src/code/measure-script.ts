import { ts } from 'ts-morph';
import type { FunctionMetrics } from './function-metrics.ts';

/** Parses without types; broken code gives the tree that could be read. */
export function parseScript(path: string, text: string): ts.SourceFile {
  const kind = /\.[jt]sx$/.test(path)
    ? ts.ScriptKind.TSX
    : /\.[cm]?js$/.test(path)
      ? ts.ScriptKind.JSX
      : ts.ScriptKind.TS;
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, kind);
}

/** 1-based line of a node, without the comments before it. */
export function lineOf(source: ts.SourceFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

function isFunction(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isArrowFunction(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isConstructorDeclaration(node) ||
    ts.isGetAccessor(node) ||
    ts.isSetAccessor(node)
  );
}

function isBranch(node: ts.Node): boolean {
  switch (node.kind) {
    case ts.SyntaxKind.IfStatement:
    case ts.SyntaxKind.ForStatement:
    case ts.SyntaxKind.ForInStatement:
    case ts.SyntaxKind.ForOfStatement:
    case ts.SyntaxKind.WhileStatement:
    case ts.SyntaxKind.DoStatement:
    case ts.SyntaxKind.CatchClause:
    case ts.SyntaxKind.ConditionalExpression:
    case ts.SyntaxKind.CaseClause:
      return true;
    default:
      return false;
  }
}

function isLogical(node: ts.Node): boolean {
  if (!ts.isBinaryExpression(node)) return false;
  const kind = node.operatorToken.kind;
  return (
    kind === ts.SyntaxKind.AmpersandAmpersandToken ||
    kind === ts.SyntaxKind.BarBarToken ||
    kind === ts.SyntaxKind.QuestionQuestionToken
  );
}

/** Statements that add a level; "else if" stays on its level, as people read it. */
function addsLevel(node: ts.Node): boolean {
  if (ts.isIfStatement(node))
    return !(ts.isIfStatement(node.parent) && node.parent.elseStatement === node);
  return (
    ts.isIterationStatement(node, false) || ts.isSwitchStatement(node) || ts.isTryStatement(node)
  );
}

function nameOf(node: ts.FunctionLikeDeclaration, source: ts.SourceFile): string {
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  if (node.name !== undefined) return node.name.getText(source).slice(0, 100);
  const parent = node.parent;
  if (
    (ts.isVariableDeclaration(parent) ||
      ts.isPropertyAssignment(parent) ||
      ts.isPropertyDeclaration(parent)) &&
    parent.name !== undefined
  )
    return parent.name.getText(source).slice(0, 100);
  if (ts.isCallExpression(parent))
    return `(callback of ${parent.expression.getText(source).slice(0, 60)})`;
  return '(anonymous)';
}

function measureBody(body: ts.Node): { complexity: number; nesting: number } {
  let complexity = 1;
  let nesting = 0;
  const visit = (node: ts.Node, level: number): void => {
    if (isFunction(node)) return; // measured on its own
    if (isBranch(node) || isLogical(node)) complexity += 1;
    const inner = addsLevel(node) ? level + 1 : level;
    nesting = Math.max(nesting, inner);
    ts.forEachChild(node, (child) => visit(child, inner));
  };
  if (ts.isBlock(body)) ts.forEachChild(body, (child) => visit(child, 0));
  else visit(body, 0);
  return { complexity, nesting };
}

/** Measures each function of a JavaScript or TypeScript file, by syntax only. */
export function measureScript(path: string, text: string): FunctionMetrics[] {
  const source = parseScript(path, text);
  const found: FunctionMetrics[] = [];
  const visit = (node: ts.Node, outer: FunctionMetrics | undefined): void => {
    let owner = outer;
    if (isFunction(node) && node.body !== undefined) {
      owner = toMetrics(node, node.body, source);
      found.push(owner);
      // A closure on one line of its parent does not make the parent shorter.
      if (outer !== undefined && owner.lines > 1) outer.own_lines -= owner.lines - 1;
    }
    ts.forEachChild(node, (child) => visit(child, owner));
  };
  visit(source, undefined);
  return found;
}

function toMetrics(
  node: ts.FunctionLikeDeclaration,
  body: ts.Node,
  source: ts.SourceFile,
): FunctionMetrics {
  const line = lineOf(source, node);
  const endLine = source.getLineAndCharacterOfPosition(node.end).line + 1;
  const lines = endLine - line + 1;
  return {
    name: nameOf(node, source),
    path: source.fileName,
    line,
    end_line: endLine,
    lines,
    own_lines: lines,
    ...measureBody(body),
    parameters: node.parameters.length,
  };
}
