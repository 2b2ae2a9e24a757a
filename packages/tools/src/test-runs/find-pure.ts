import { ts } from 'ts-morph';
import { keyOf } from './read-project.ts';
import { resolveExport } from './read-module.ts';
import type { Declaration, Origin, ScriptModule } from './read-module.ts';

/** Names by which code reaches the world, with what they do. */
const IMPURE: Readonly<Record<string, string>> = {
  process: 'reads the process',
  fetch: 'uses the network',
  console: 'prints',
  globalThis: 'reads globals',
  window: 'needs a browser',
  document: 'needs a browser',
  localStorage: 'needs a browser',
  setTimeout: 'waits',
  setInterval: 'waits',
  setImmediate: 'waits',
  queueMicrotask: 'waits',
  performance: 'reads the clock',
  crypto: 'is random',
  require: 'loads modules',
  __dirname: 'depends on its place',
};
const PURE_BUILTINS = new Set([
  'node:path',
  'node:util',
  'node:url',
  'node:assert',
  'path',
  'util',
  'url',
]);

/** Why a node itself may give another result next time, or changes something; undefined when nothing shows it. */
function impurityIn(node: ts.Node, module: ScriptModule): string | undefined {
  let found: string | undefined;
  const visit = (each: ts.Node): void => {
    found ??= impurityOf(each, module);
    if (found === undefined) ts.forEachChild(each, visit);
  };
  visit(node);
  return found;
}

function impurityOf(node: ts.Node, module: ScriptModule): string | undefined {
  if (ts.isAwaitExpression(node)) return 'waits';
  if (ts.isYieldExpression(node)) return 'is a generator';
  if (node.kind === ts.SyntaxKind.ThisKeyword) return 'depends on its object';
  if (
    ts.isNewExpression(node) &&
    ts.isIdentifier(node.expression) &&
    node.expression.text === 'Date'
  )
    return (node.arguments?.length ?? 0) === 0 ? 'reads the clock' : undefined;
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
    const member = `${node.expression.text}.${node.name.text}`;
    if (member === 'Math.random') return 'is random';
    if (member === 'Date.now') return 'reads the clock';
    if (member.startsWith('Intl.') || node.name.text.startsWith('toLocale'))
      return 'depends on the locale';
  }
  if (!ts.isIdentifier(node) || isNameOnly(node)) return undefined;
  const specifier = module.packages.get(node.text);
  if (specifier !== undefined && !PURE_BUILTINS.has(specifier)) return `uses ${specifier}`;
  return Object.hasOwn(IMPURE, node.text) && !module.declarations.has(node.text)
    ? IMPURE[node.text]
    : undefined;
}

/** `x` in `a.x`, `{ x: 1 }` and parameter lists names something else. */
function isNameOnly(node: ts.Identifier): boolean {
  const { parent } = node;
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    (ts.isPropertyAssignment(parent) && parent.name === node) ||
    (ts.isPropertySignature(parent) && parent.name === node) ||
    ts.isParameter(parent) ||
    ts.isTypeReferenceNode(parent)
  );
}

/** True for variables at the top of a module that something assigns to again. */
function isReassigned(declaration: Declaration, module: ScriptModule): boolean {
  if (declaration.kind !== 'value' || !ts.isVariableDeclaration(declaration.node)) return false;
  const list = declaration.node.parent;
  return (
    ts.isVariableDeclarationList(list) &&
    (list.flags & ts.NodeFlags.Const) === 0 &&
    module.text.includes(declaration.name)
  );
}

/** Why a declaration, or something that it uses in the project, is not a function of its arguments alone. */
export function impurityOfDeclaration(
  modules: ReadonlyMap<string, ScriptModule>,
  start: Origin,
): string | undefined {
  const seen = new Set<string>();
  const pending: Origin[] = [start];
  for (let origin = pending.pop(); origin !== undefined; origin = pending.pop()) {
    if (seen.has(keyOf(origin))) continue;
    seen.add(keyOf(origin));
    const module = modules.get(origin.from);
    const declaration = module?.declarations.get(origin.name);
    if (module === undefined || declaration === undefined) continue;
    const reason = impurityIn(declaration.node, module);
    const where = origin.name === start.name ? '' : ` (by ${origin.name})`;
    if (reason !== undefined) return `${reason}${where}`;
    if (isReassigned(declaration, module)) return `depends on the state ${origin.name}`;
    for (const name of declaration.uses) {
      if (module.declarations.has(name)) pending.push({ from: origin.from, name });
      const imported = module.imports.get(name);
      const target = imported === undefined ? undefined : resolveExport(modules, imported);
      if (target !== undefined) pending.push(target);
    }
  }
  return undefined;
}

/** The function behind a declaration, or undefined. */
export function functionOf(declaration: Declaration): ts.FunctionLikeDeclaration | undefined {
  const { node } = declaration;
  if (ts.isFunctionDeclaration(node)) return node;
  const value = ts.isVariableDeclaration(node) ? node.initializer : undefined;
  return value !== undefined && (ts.isArrowFunction(value) || ts.isFunctionExpression(value))
    ? value
    : undefined;
}

/** True for functions that answer with a promise or an iterator. */
export function isLater(node: ts.FunctionLikeDeclaration): boolean {
  const isAsync = (ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : []).some(
    (modifier) => modifier.kind === ts.SyntaxKind.AsyncKeyword,
  );
  return (
    isAsync || node.asteriskToken !== undefined || /^Promise\b/.test(node.type?.getText() ?? '')
  );
}
