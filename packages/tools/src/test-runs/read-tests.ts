import { ts } from 'ts-morph';
import { lineOf, parseScript } from '../code/measure-script.ts';

/** One test case; lines are 1-based. */
export interface TestCase {
  title: string;
  path: string;
  line: number;
  endLine: number;
  state: 'runs' | 'skipped' | 'todo' | 'only';
  /** Its body has no statement. */
  empty: boolean;
  /** Something in it can fail it: an assertion, or a helper that may hold one. */
  asserts: boolean;
}

export interface TestFile {
  path: string;
  framework: string;
  cases: TestCase[];
}

/** Files that test runners take for tests by their names; helpers and fixtures beside them are no tests. */
export function isTestFile(path: string): boolean {
  return /\.(?:test|spec)\.[cm]?[jt]sx?$|(?:^|\/)__tests__\/[^/]+\.[cm]?[jt]sx?$|(?:^|\/)tests?\/(?:[^/]+\/)*(?:test[-_.][^/]*|[^/]+[-_.]test)\.[cm]?[jt]sx?$|(?:^|\/)test_[^/]+\.py$|_test\.py$/.test(
    path,
  );
}

const FRAMEWORKS: readonly [string, RegExp][] = [
  ['node:test', /['"]node:test['"]/],
  ['vitest', /['"]vitest['"]/],
  ['jest', /['"]@jest\/globals['"]|\bjest\./],
  ['playwright', /['"]@playwright\/test['"]/],
  ['ava', /from ['"]ava['"]/],
  ['tap', /from ['"]tap['"]/],
  ['mocha', /['"](?:mocha|chai)['"]/],
];
const RUNNERS = new Set(['test', 'it', 'specify']);
const GROUPS = new Set(['describe', 'suite', 'context']);
const X_NAMES: Readonly<Record<string, string>> = { xit: 'it', xtest: 'test', fit: 'it' };
const X_GROUPS: Readonly<Record<string, TestCase['state']>> = {
  xdescribe: 'skipped',
  fdescribe: 'only',
};

/** Name and modifiers of a call such as `test.skip(…)`, `it.each(…)(…)` or `xit(…)`. */
function calleeOf(call: ts.CallExpression): { name: string; marks: string[] } | undefined {
  let callee: ts.Expression = call.expression;
  const marks: string[] = [];
  while (true) {
    if (ts.isCallExpression(callee) || ts.isTaggedTemplateExpression(callee))
      callee = ts.isCallExpression(callee) ? callee.expression : callee.tag;
    else if (ts.isPropertyAccessExpression(callee)) {
      marks.push(callee.name.text);
      callee = callee.expression;
    } else break;
  }
  return ts.isIdentifier(callee) ? { name: callee.text, marks } : undefined;
}

function stateOf(marks: readonly string[], name: string): TestCase['state'] {
  if (marks.includes('only') || /^f(?:it|describe)$/.test(name)) return 'only';
  if (marks.includes('skip') || name.startsWith('x')) return 'skipped';
  return marks.includes('todo') ? 'todo' : 'runs';
}

/** `{ skip: true }` as options of node:test; a condition is no skipped test. */
function stateOfOptions(call: ts.CallExpression): TestCase['state'] {
  for (const argument of call.arguments) {
    if (!ts.isObjectLiteralExpression(argument)) continue;
    for (const property of argument.properties) {
      if (!ts.isPropertyAssignment(property) || !ts.isIdentifier(property.name)) continue;
      const { initializer } = property;
      const set =
        initializer.kind === ts.SyntaxKind.TrueKeyword || ts.isStringLiteralLike(initializer);
      if (!set) continue;
      if (property.name.text === 'skip') return 'skipped';
      if (property.name.text === 'todo') return 'todo';
      if (property.name.text === 'only') return 'only';
    }
  }
  return 'runs';
}

const ASSERTION =
  /^(?:assert\w*|expect\w*|should|ok|equal|deepEqual|strictEqual|notEqual|throws|rejects|doesNotThrow|doesNotReject|match|fail|verify\w*|check\w*|plan|toMatchSnapshot|snapshot)$/i;

/** Whether a body can fail: it asserts, throws, or calls a function of the same file that does. */
function canFail(body: ts.Node, helpers: ReadonlyMap<string, ts.Node>, seen: Set<string>): boolean {
  let found = false;
  const visit = (node: ts.Node): void => {
    if (found) return;
    if (ts.isThrowStatement(node)) found = true;
    else if (ts.isCallExpression(node)) {
      const callee = node.expression;
      const name = ts.isPropertyAccessExpression(callee)
        ? callee.name.text
        : ts.isIdentifier(callee)
          ? callee.text
          : '';
      const root = calleeOf(node)?.name ?? '';
      if (ASSERTION.test(name) || ASSERTION.test(root)) found = true;
      const helper = helpers.get(name);
      if (!found && helper !== undefined && !seen.has(name))
        found = canFail(helper, helpers, seen.add(name));
    }
    ts.forEachChild(node, visit);
  };
  visit(body);
  return found;
}

function helpersOf(source: ts.SourceFile): Map<string, ts.Node> {
  const helpers = new Map<string, ts.Node>();
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionDeclaration(node) && node.name !== undefined)
      helpers.set(node.name.text, node);
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer)
      helpers.set(node.name.text, node.initializer);
    // A helper from another file may assert: nobody can tell by this file alone.
    ts.forEachChild(node, visit);
  };
  visit(source);
  return helpers;
}

function importedHelpers(source: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier))
      continue;
    if (!/fixture|helper|support|util|suite|harness/i.test(statement.moduleSpecifier.text))
      continue;
    const bindings = statement.importClause?.namedBindings;
    if (bindings !== undefined && ts.isNamedImports(bindings))
      for (const element of bindings.elements) names.add(element.name.text);
  }
  return names;
}

function titleOf(node: ts.Expression | undefined, source: ts.SourceFile): string {
  if (node === undefined) return '(no title)';
  return (ts.isStringLiteralLike(node) ? node.text : node.getText(source)).slice(0, 200);
}

/** Reads the test cases of a JavaScript or TypeScript file. */
export function readScriptTests(path: string, text: string): TestFile {
  const source = parseScript(path, text);
  const helpers = helpersOf(source);
  const foreign = importedHelpers(source);
  const cases: TestCase[] = [];
  const visit = (node: ts.Node, state: TestCase['state']): void => {
    const callee = ts.isCallExpression(node) ? calleeOf(node) : undefined;
    if (!ts.isCallExpression(node) || callee === undefined || !takesTitle(node))
      return ts.forEachChild(node, (child) => visit(child, state));
    const name = X_NAMES[callee.name] ?? callee.name;
    const marked = stateOf(callee.marks, callee.name);
    const own = marked === 'runs' ? stateOfOptions(node) : marked;
    if (GROUPS.has(name) || callee.name in X_GROUPS || callee.marks.includes('describe')) {
      const group = X_GROUPS[callee.name] ?? own;
      return ts.forEachChild(node, (child) => visit(child, group === 'runs' ? state : group));
    }
    if (!RUNNERS.has(name)) return ts.forEachChild(node, (child) => visit(child, state));
    cases.push(
      toCase(node, { source, path, helpers, foreign, state: own === 'runs' ? state : own }),
    );
  };
  visit(source, 'runs');
  const framework = FRAMEWORKS.find(([, pattern]) => pattern.test(text))?.[0] ?? 'unknown';
  return { path, framework, cases };
}

/** `test('title', …)`: a call whose first argument is a text; `test.each(rows)` alone is none. */
function takesTitle(call: ts.CallExpression): boolean {
  const first = call.arguments[0];
  return (
    first !== undefined &&
    (ts.isStringLiteralLike(first) ||
      ts.isTemplateExpression(first) ||
      ts.isBinaryExpression(first))
  );
}

interface CaseContext {
  source: ts.SourceFile;
  path: string;
  helpers: ReadonlyMap<string, ts.Node>;
  foreign: ReadonlySet<string>;
  state: TestCase['state'];
}

function toCase(call: ts.CallExpression, context: CaseContext): TestCase {
  const { source, path, helpers, foreign, state } = context;
  const body = call.arguments.find(
    (one): one is ts.ArrowFunction | ts.FunctionExpression =>
      ts.isArrowFunction(one) || ts.isFunctionExpression(one),
  );
  const named = call.arguments.slice(1).some(ts.isIdentifier);
  const block = body?.body;
  const empty = block !== undefined && ts.isBlock(block) && block.statements.length === 0;
  const usesForeign =
    body !== undefined && [...foreign].some((name) => body.getText(source).includes(name));
  return {
    title: titleOf(call.arguments[0], source),
    path,
    line: lineOf(source, call),
    endLine: source.getLineAndCharacterOfPosition(call.end).line + 1,
    state: body === undefined && !named && state === 'runs' ? 'todo' : state,
    empty,
    asserts: named || usesForeign || (body !== undefined && canFail(body, helpers, new Set())),
  };
}

const PYTHON_TEST = /^(\s*)(?:async\s+)?def\s+(test_?\w*)\s*\(/;

/** Reads the test functions of a Python file (pytest, unittest). */
export function readPythonTests(path: string, text: string): TestFile {
  const lines = text.split('\n');
  const cases: TestCase[] = [];
  for (const [index, line] of lines.entries()) {
    const match = PYTHON_TEST.exec(line);
    if (match === null) continue;
    const indent = match[1]?.length ?? 0;
    let end = index + 1;
    while (
      end < lines.length &&
      ((lines[end] ?? '').trim() === '' || /^\s*/.exec(lines[end] ?? '')![0].length > indent)
    )
      end += 1;
    const body = lines.slice(index + 1, end).filter((each) => !/^\s*(?:#|$)/.test(each));
    const skipped = decoratorsAbove(lines, index).some((each) => /\bskip\b/.test(each));
    const code = body.join('\n');
    cases.push({
      title: match[2] ?? '',
      path,
      line: index + 1,
      endLine: index + 1 + body.length,
      state: skipped ? 'skipped' : 'runs',
      empty: body.every((each) => /^\s*(?:pass|\.\.\.|"""[^"]*"""|'[^']*')\s*$/.test(each)),
      asserts:
        /\bassert|\braises\b|\.fail\(|\bcheck\w*\(|\bverify\w*\(|\bexpect\w*\(|\braise\b/.test(
          code,
        ),
    });
  }
  const framework = /\bunittest\b/.test(text) ? 'unittest' : 'pytest';
  return { path, framework, cases };
}

function decoratorsAbove(lines: readonly string[], index: number): string[] {
  const found: string[] = [];
  for (let at = index - 1; at >= 0 && /^\s*@/.test(lines[at] ?? ''); at -= 1)
    found.push(lines[at] ?? '');
  return found;
}
