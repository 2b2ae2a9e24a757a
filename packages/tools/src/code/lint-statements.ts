import { ts } from 'ts-morph';
import type { ScriptRule } from './lint-rule.ts';

const NONE: readonly ts.Node[] = [];

function endsFlow(statement: ts.Statement | undefined): boolean {
  if (statement === undefined) return false;
  if (ts.isBlock(statement)) return endsFlow(statement.statements.at(-1));
  if (ts.isIfStatement(statement))
    return endsFlow(statement.thenStatement) && endsFlow(statement.elseStatement);
  return (
    ts.isReturnStatement(statement) ||
    ts.isThrowStatement(statement) ||
    ts.isBreakStatement(statement) ||
    ts.isContinueStatement(statement)
  );
}

/** Declarations that work from above, so that code after a return is no mistake. */
function isHoisted(statement: ts.Statement): boolean {
  return (
    ts.isFunctionDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEmptyStatement(statement)
  );
}

function hasComment(node: ts.Node, source: ts.SourceFile): boolean {
  return /\/\/|\/\*/.test(source.text.slice(node.getFullStart(), node.end));
}

function repeated<T extends ts.Node>(nodes: readonly T[], textOf: (node: T) => string): T[] {
  const seen = new Set<string>();
  return nodes.filter((node) => {
    const text = textOf(node);
    const isRepeated = seen.has(text);
    seen.add(text);
    return isRepeated;
  });
}

/** Conditions of an if and of all its else-ifs; empty for an else-if itself, which its first one covers. */
function conditionsOf(node: ts.IfStatement): ts.Expression[] {
  if (ts.isIfStatement(node.parent) && node.parent.elseStatement === node) return [];
  const found: ts.Expression[] = [];
  for (
    let next: ts.Statement | undefined = node;
    next !== undefined && ts.isIfStatement(next);
    next = next.elseStatement
  )
    found.push(next.expression);
  return found;
}

function statementsOf(node: ts.Node): readonly ts.Statement[] {
  return ts.isBlock(node) || ts.isSourceFile(node) || ts.isCaseOrDefaultClause(node)
    ? node.statements
    : [];
}

function conditionOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isIfStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node))
    return node.expression;
  return undefined;
}

function isFallThrough(clause: ts.CaseOrDefaultClause, source: ts.SourceFile): boolean {
  const { clauses } = clause.parent;
  const index = clauses.indexOf(clause);
  if (index === clauses.length - 1 || clause.statements.length === 0) return false;
  if (endsFlow(clause.statements.at(-1))) return false;
  const next = clauses[index + 1];
  return (
    next !== undefined &&
    !/falls?[ -]?through/i.test(
      source.text.slice(Math.max(0, clause.end - 80), next.getStart(source)),
    )
  );
}

function insideFunctionWithin(node: ts.Node, limit: ts.Node): boolean {
  for (let at = node.parent; at !== limit; at = at.parent) if (ts.isFunctionLike(at)) return true;
  return false;
}

function returnsIn(block: ts.Block): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    if (
      (ts.isReturnStatement(node) || ts.isThrowStatement(node)) &&
      !insideFunctionWithin(node, block)
    )
      found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(block);
  return found;
}

/** Rules about statements. */
export const STATEMENT_RULES: readonly ScriptRule[] = [
  {
    id: 'empty_catch',
    severity: 'medium',
    message: 'An error is swallowed: nobody will know that it happened.',
    fix: 'Handle it, pass it on, or say in a comment why it does not matter.',
    find: (node, source) =>
      ts.isCatchClause(node) &&
      node.block.statements.length === 0 &&
      !hasComment(node.block, source)
        ? [node]
        : NONE,
  },
  {
    id: 'unreachable',
    severity: 'medium',
    message: 'This is never reached.',
    fix: 'Remove it, or correct the way before it.',
    find(node) {
      const statements = statementsOf(node);
      const end = statements.findIndex((one) => endsFlow(one));
      const dead =
        end === -1 ? undefined : statements.slice(end + 1).find((one) => !isHoisted(one));
      return dead === undefined || ts.isCaseOrDefaultClause(node) ? NONE : [dead];
    },
  },
  {
    id: 'assignment_in_condition',
    severity: 'high',
    message: 'The condition assigns instead of comparing.',
    fix: 'Write "===", or put the assignment before the condition.',
    find(node) {
      const condition = conditionOf(node);
      // A loop over matches is a known idiom.
      if (condition === undefined || !ts.isIfStatement(node)) return NONE;
      return ts.isBinaryExpression(condition) &&
        condition.operatorToken.kind === ts.SyntaxKind.EqualsToken
        ? [condition]
        : NONE;
    },
  },
  {
    id: 'constant_condition',
    severity: 'medium',
    message: 'The condition is always the same.',
    fix: 'Remove the condition, or correct it.',
    find(node) {
      const condition = conditionOf(node);
      if (condition === undefined || !ts.isIfStatement(node)) return NONE;
      const isConstant =
        condition.kind === ts.SyntaxKind.TrueKeyword ||
        condition.kind === ts.SyntaxKind.FalseKeyword ||
        ts.isNumericLiteral(condition) ||
        ts.isStringLiteralLike(condition) ||
        ts.isArrayLiteralExpression(condition) ||
        ts.isObjectLiteralExpression(condition);
      return isConstant ? [condition] : NONE;
    },
  },
  {
    id: 'repeated_condition',
    severity: 'high',
    message: 'The same condition stood above: this branch is never taken.',
    fix: 'Correct the condition, or remove the branch.',
    find: (node, source) =>
      ts.isIfStatement(node) ? repeated(conditionsOf(node), (one) => one.getText(source)) : NONE,
  },
  {
    id: 'repeated_case',
    severity: 'high',
    message: 'The same case stood above: this one is never taken.',
    fix: 'Correct the value, or remove the case.',
    find: (node, source) =>
      ts.isSwitchStatement(node)
        ? repeated(node.caseBlock.clauses.filter(ts.isCaseClause), (one) =>
            one.expression.getText(source),
          )
        : NONE,
  },
  {
    id: 'fall_through',
    severity: 'medium',
    message: 'The case runs on into the next one.',
    fix: 'Add "break", or say "falls through" in a comment.',
    find: (node, source) => (ts.isCaseClause(node) && isFallThrough(node, source) ? [node] : NONE),
  },
  {
    id: 'return_in_finally',
    severity: 'high',
    message: 'This throws away the error or the result of what came before.',
    fix: 'Return after the try statement.',
    find: (node) =>
      ts.isTryStatement(node) && node.finallyBlock !== undefined
        ? returnsIn(node.finallyBlock)
        : NONE,
  },
  {
    id: 'throw_literal',
    severity: 'low',
    message: 'What is thrown is no error: it has no stack, and readers of "message" find nothing.',
    fix: 'Throw an Error.',
    find: (node) =>
      ts.isThrowStatement(node) &&
      (ts.isStringLiteralLike(node.expression) ||
        ts.isTemplateExpression(node.expression) ||
        ts.isNumericLiteral(node.expression) ||
        ts.isObjectLiteralExpression(node.expression))
        ? [node]
        : NONE,
  },
  {
    id: 'debugger',
    severity: 'medium',
    message: 'A stop for debugging was left behind.',
    fix: 'Remove it.',
    find: (node) => (ts.isDebuggerStatement(node) ? [node] : NONE),
  },
];
