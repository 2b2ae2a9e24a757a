import { ts } from 'ts-morph';
import type { ScriptRule } from './lint-rule.ts';

const NONE: readonly ts.Node[] = [];

const COMPARISONS = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
  ts.SyntaxKind.LessThanToken,
  ts.SyntaxKind.GreaterThanToken,
  ts.SyntaxKind.LessThanEqualsToken,
  ts.SyntaxKind.GreaterThanEqualsToken,
]);
const LOOSE = new Set([ts.SyntaxKind.EqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsToken]);
const TYPES = new Set('undefined object boolean number string function symbol bigint'.split(' '));
/** Methods whose callback must give something back. */
const NEEDS_RESULT = new Set(
  'map filter find findIndex findLast some every flatMap sort toSorted reduce'.split(' '),
);

function isNothing(node: ts.Node): boolean {
  return (
    node.kind === ts.SyntaxKind.NullKeyword || (ts.isIdentifier(node) && node.text === 'undefined')
  );
}

function comparison(node: ts.Node): ts.BinaryExpression | undefined {
  return ts.isBinaryExpression(node) && COMPARISONS.has(node.operatorToken.kind) ? node : undefined;
}

/** True for expressions that give the same each time they are read. */
function isPlain(node: ts.Expression): boolean {
  if (ts.isIdentifier(node) || node.kind === ts.SyntaxKind.ThisKeyword) return true;
  return ts.isPropertyAccessExpression(node) && isPlain(node.expression);
}

function sameText(a: ts.Node, b: ts.Node, source: ts.SourceFile): boolean {
  return a.getText(source) === b.getText(source);
}

function methodOf(node: ts.Node): string | undefined {
  return ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)
    ? node.expression.name.text
    : undefined;
}

function callbackOf(node: ts.Node): ts.ArrowFunction | ts.FunctionExpression | undefined {
  const [first] = ts.isCallExpression(node) ? node.arguments : [];
  return first !== undefined && (ts.isArrowFunction(first) || ts.isFunctionExpression(first))
    ? first
    : undefined;
}

function isAsync(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword)
  );
}

/** Whether a block gives a value back or leaves by an error, without looking into functions inside. */
function givesBack(block: ts.Node): boolean {
  let found = false;
  const visit = (node: ts.Node): void => {
    if (found || ts.isFunctionLike(node)) return;
    if ((ts.isReturnStatement(node) && node.expression !== undefined) || ts.isThrowStatement(node))
      found = true;
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(block, visit);
  return found;
}

function keyOf(property: ts.ObjectLiteralElementLike): string | undefined {
  // A getter and a setter share their name.
  if (
    !ts.isPropertyAssignment(property) &&
    !ts.isShorthandPropertyAssignment(property) &&
    !ts.isMethodDeclaration(property)
  )
    return undefined;
  const { name } = property;
  return ts.isIdentifier(name) || ts.isStringLiteral(name) || ts.isNumericLiteral(name)
    ? name.text
    : undefined;
}

/** Rules about expressions. */
export const EXPRESSION_RULES: readonly ScriptRule[] = [
  {
    id: 'self_comparison',
    severity: 'high',
    message: 'Something is compared with itself.',
    fix: 'Compare with what was meant; for NaN use Number.isNaN.',
    find(node, source) {
      const found = comparison(node);
      return found !== undefined && isPlain(found.left) && sameText(found.left, found.right, source)
        ? [node]
        : NONE;
    },
  },
  {
    id: 'self_assignment',
    severity: 'medium',
    message: 'Something is assigned to itself.',
    fix: 'Assign what was meant, or remove it.',
    find: (node, source) =>
      ts.isBinaryExpression(node) &&
      node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
      isPlain(node.left) &&
      sameText(node.left, node.right, source)
        ? [node]
        : NONE,
  },
  {
    id: 'loose_equality',
    severity: 'low',
    message: 'The comparison converts types: "0" equals 0, and "" too.',
    fix: 'Use "===" or "!==".',
    find(node) {
      const found = comparison(node);
      // With null it is the known way to ask for both null and undefined.
      if (found === undefined || !LOOSE.has(found.operatorToken.kind)) return NONE;
      return isNothing(found.left) || isNothing(found.right) || ts.isTypeOfExpression(found.left)
        ? NONE
        : [node];
    },
  },
  {
    id: 'nan_comparison',
    severity: 'high',
    message: 'Nothing equals NaN, not even NaN.',
    fix: 'Use Number.isNaN.',
    find(node, source) {
      const found = comparison(node);
      const isNan = (side: ts.Node) => /^(?:Number\.)?NaN$/.test(side.getText(source));
      return found !== undefined && (isNan(found.left) || isNan(found.right)) ? [node] : NONE;
    },
  },
  {
    id: 'unknown_typeof',
    severity: 'high',
    message: 'typeof never gives this word.',
    fix: 'Correct the word.',
    find(node) {
      const found = comparison(node);
      return found !== undefined &&
        ts.isTypeOfExpression(found.left) &&
        ts.isStringLiteral(found.right) &&
        !TYPES.has(found.right.text)
        ? [node]
        : NONE;
    },
  },
  {
    id: 'negated_left',
    severity: 'high',
    message: 'Only the left side is negated, before the comparison.',
    fix: 'Write "!(a in b)" or "!(a instanceof B)".',
    find: (node) =>
      ts.isBinaryExpression(node) &&
      (node.operatorToken.kind === ts.SyntaxKind.InKeyword ||
        node.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword) &&
      ts.isPrefixUnaryExpression(node.left) &&
      node.left.operator === ts.SyntaxKind.ExclamationToken
        ? [node]
        : NONE,
  },
  {
    id: 'repeated_key',
    severity: 'high',
    message: 'The key stands twice in the object: the first value is lost.',
    fix: 'Remove one.',
    find(node) {
      if (!ts.isObjectLiteralExpression(node)) return NONE;
      const seen = new Set<string>();
      return node.properties.filter((property) => {
        // What a spread brings in between may be overwritten on purpose.
        if (ts.isSpreadAssignment(property)) seen.clear();
        const key = keyOf(property);
        if (key === undefined) return false;
        const isRepeated = seen.has(key);
        seen.add(key);
        return isRepeated;
      });
    },
  },
  {
    id: 'callback_without_result',
    severity: 'high',
    message: 'The callback gives nothing back, so the result is made of undefined.',
    fix: 'Return a value, or use a loop.',
    find(node) {
      const callback = NEEDS_RESULT.has(methodOf(node) ?? '') ? callbackOf(node) : undefined;
      return callback !== undefined && ts.isBlock(callback.body) && !givesBack(callback.body)
        ? [node]
        : NONE;
    },
  },
  {
    id: 'async_for_each',
    severity: 'high',
    message: 'forEach does not wait for the promises of its callback, and loses their errors.',
    fix: 'Use "for … of" with await, or Promise.all with map.',
    find(node) {
      const callback = methodOf(node) === 'forEach' ? callbackOf(node) : undefined;
      return callback !== undefined && isAsync(callback) ? [node] : NONE;
    },
  },
  {
    id: 'async_executor',
    severity: 'medium',
    message: 'Errors in an asynchronous executor are lost: the promise stays open for ever.',
    fix: 'Await before, and make the executor plain.',
    find(node) {
      if (!ts.isNewExpression(node) || !ts.isIdentifier(node.expression)) return NONE;
      const [executor] = node.arguments ?? [];
      return node.expression.text === 'Promise' && executor !== undefined && isAsync(executor)
        ? [node]
        : NONE;
    },
  },
];
