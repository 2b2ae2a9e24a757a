import { ts } from 'ts-morph';
import { measureScript, lineOf, parseScript } from '../code/measure-script.ts';
import type { FunctionMetrics } from '../code/function-metrics.ts';
import { resolveImport } from '../code/read-imports.ts';

/** Where an imported or re-exported name comes from; `name` is `*` for a whole module. */
export interface Origin {
  from: string;
  name: string;
}

/** A top-level declaration of a module. */
export interface Declaration {
  name: string;
  kind: 'function' | 'class' | 'value';
  line: number;
  endLine: number;
  complexity: number;
  /** Identifiers that its text names. */
  uses: ReadonlySet<string>;
  node: ts.Node;
}

/** What one JavaScript or TypeScript file declares, imports and exports; by syntax only. */
export interface ScriptModule {
  path: string;
  text: string;
  source: ts.SourceFile;
  declarations: Map<string, Declaration>;
  /** Local name → where it comes from, for relative imports. */
  imports: Map<string, Origin>;
  /** Local name → bare specifier such as `node:fs` or `zod`. */
  packages: Map<string, string>;
  /** Exported name → local name, or its origin in another file. */
  exports: Map<string, string | Origin>;
  /** Files of `export * from`. */
  stars: string[];
  /** It also offers what cannot be listed: `export *` from a file that was not read or from a package. */
  opaque: boolean;
  /** Identifiers outside of declarations, e.g. in calls at the top. */
  topUses: Set<string>;
}

function usesOf(node: ts.Node): Set<string> {
  const names = new Set<string>();
  const visit = (each: ts.Node): void => {
    if (ts.isIdentifier(each)) names.add(each.text);
    ts.forEachChild(each, visit);
  };
  visit(node);
  return names;
}

function isFunctionValue(node: ts.Expression | undefined): boolean {
  return node !== undefined && (ts.isArrowFunction(node) || ts.isFunctionExpression(node));
}

function modifiersOf(node: ts.Node): Set<ts.SyntaxKind> {
  return new Set(
    ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []).map((modifier) => modifier.kind) : [],
  );
}

/** Files that imports may mean. */
export interface KnownFiles {
  paths: ReadonlySet<string>;
  /** Name of a package of the folder → its entry. */
  packages: ReadonlyMap<string, string>;
}

/** Reads one module; imports are resolved among the known files. */
export function readModule(path: string, text: string, known: KnownFiles): ScriptModule {
  const source = parseScript(path, text);
  const module: ScriptModule = {
    path,
    text,
    source,
    declarations: new Map(),
    imports: new Map(),
    packages: new Map(),
    exports: new Map(),
    stars: [],
    opaque: false,
    topUses: new Set(),
  };
  let metrics: FunctionMetrics[] | undefined;
  const complexityAt = (line: number, endLine: number): number =>
    Math.max(
      1,
      ...(metrics ??= measureScript(path, text))
        .filter((one) => one.line >= line && one.end_line <= endLine)
        .map((one) => one.complexity),
    );
  const declare = (name: string, kind: Declaration['kind'], node: ts.Node): void => {
    const line = lineOf(source, node);
    const endLine = source.getLineAndCharacterOfPosition(node.end).line + 1;
    module.declarations.set(name, {
      name,
      kind,
      line,
      endLine,
      // Measured when somebody asks: most readers of modules do not.
      get complexity() {
        return complexityAt(line, endLine);
      },
      uses: usesOf(node),
      node,
    });
  };
  for (const statement of source.statements) readStatement(statement, { module, known, declare });
  return module;
}

function isTypeDeclaration(
  node: ts.Statement,
): node is ts.InterfaceDeclaration | ts.TypeAliasDeclaration | ts.EnumDeclaration {
  return (
    ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isEnumDeclaration(node)
  );
}

interface Reading {
  module: ScriptModule;
  known: KnownFiles;
  declare: (name: string, kind: Declaration['kind'], node: ts.Node) => void;
}

function readStatement(statement: ts.Statement, reading: Reading): void {
  const { module, declare } = reading;
  if (ts.isImportDeclaration(statement)) return readImport(statement, reading);
  if (ts.isExportDeclaration(statement)) return readExportList(statement, reading);
  const modifiers = modifiersOf(statement);
  const exported = modifiers.has(ts.SyntaxKind.ExportKeyword);
  const asDefault = modifiers.has(ts.SyntaxKind.DefaultKeyword);
  const add = (name: string, kind: Declaration['kind'], node: ts.Node): void => {
    declare(name, kind, node);
    if (exported) module.exports.set(asDefault ? 'default' : name, name);
  };
  if (ts.isFunctionDeclaration(statement)) {
    if (statement.body !== undefined) add(statement.name?.text ?? 'default', 'function', statement);
  } else if (ts.isClassDeclaration(statement)) {
    add(statement.name?.text ?? 'default', 'class', statement);
  } else if (ts.isVariableStatement(statement)) {
    for (const each of statement.declarationList.declarations)
      if (ts.isIdentifier(each.name))
        add(each.name.text, isFunctionValue(each.initializer) ? 'function' : 'value', each);
  } else if (ts.isExportAssignment(statement)) {
    if (ts.isIdentifier(statement.expression))
      module.exports.set('default', statement.expression.text);
    else {
      declare('default', 'value', statement.expression);
      module.exports.set('default', 'default');
    }
  } else if (isTypeDeclaration(statement)) {
    if (exported)
      module.exports.set(asDefault ? 'default' : statement.name.text, statement.name.text);
  } else for (const name of usesOf(statement)) module.topUses.add(name);
}

function readImport(statement: ts.ImportDeclaration, { module, known }: Reading): void {
  if (!ts.isStringLiteral(statement.moduleSpecifier)) return;
  const specifier = statement.moduleSpecifier.text;
  const clause = statement.importClause;
  const from = resolveSpecifier(module.path, specifier, known);
  if (from === undefined) {
    if (!specifier.startsWith('.'))
      for (const name of localNames(clause)) module.packages.set(name, specifier);
    return;
  }
  if (clause === undefined) return;
  if (clause.name !== undefined) module.imports.set(clause.name.text, { from, name: 'default' });
  const bindings = clause.namedBindings;
  if (bindings === undefined) return;
  if (ts.isNamespaceImport(bindings)) module.imports.set(bindings.name.text, { from, name: '*' });
  else
    for (const element of bindings.elements)
      module.imports.set(element.name.text, {
        from,
        name: (element.propertyName ?? element.name).text,
      });
}

function resolveSpecifier(
  path: string,
  specifier: string,
  { paths, packages }: KnownFiles,
): string | undefined {
  return specifier.startsWith('.')
    ? resolveImport(path, specifier, paths)
    : packages.get(specifier);
}

function localNames(clause: ts.ImportClause | undefined): string[] {
  const bindings = clause?.namedBindings;
  return [
    ...(clause?.name === undefined ? [] : [clause.name.text]),
    ...(bindings === undefined
      ? []
      : ts.isNamespaceImport(bindings)
        ? [bindings.name.text]
        : bindings.elements.map((element) => element.name.text)),
  ];
}

function readExportList(statement: ts.ExportDeclaration, { module, known }: Reading): void {
  const specifier =
    statement.moduleSpecifier !== undefined && ts.isStringLiteral(statement.moduleSpecifier)
      ? statement.moduleSpecifier.text
      : undefined;
  const from =
    specifier === undefined ? undefined : resolveSpecifier(module.path, specifier, known);
  if (statement.exportClause === undefined) {
    if (from === undefined) module.opaque = true;
    else module.stars.push(from);
    return;
  }
  if (!ts.isNamedExports(statement.exportClause)) return;
  for (const element of statement.exportClause.elements) {
    const name = (element.propertyName ?? element.name).text;
    if (specifier === undefined) module.exports.set(element.name.text, name);
    else module.exports.set(element.name.text, { from: from ?? specifier, name });
  }
}

/** Every name that a module offers, with those of `export *`. */
export function exportedNames(
  modules: ReadonlyMap<string, ScriptModule>,
  path: string,
  seen: ReadonlySet<string> = new Set(),
): Set<string> {
  const module = modules.get(path);
  if (module === undefined || seen.has(path)) return new Set();
  const inner = new Set([...seen, path]);
  const below = module.stars.flatMap((star) => [...exportedNames(modules, star, inner)]);
  return new Set([...module.exports.keys(), ...below.filter((name) => name !== 'default')]);
}

/** Whether `exportedNames` lists everything that a module offers. */
export function isListed(
  modules: ReadonlyMap<string, ScriptModule>,
  path: string,
  depth = 0,
): boolean {
  const module = modules.get(path);
  if (module === undefined || module.opaque || depth > 20) return false;
  return module.stars.every((star) => isListed(modules, star, depth + 1));
}

/** The file and local name behind an exported name, through re-exports; undefined when nothing is exported so. */
export function resolveExport(
  modules: ReadonlyMap<string, ScriptModule>,
  { from, name }: Origin,
  depth = 0,
): Origin | undefined {
  const module = modules.get(from);
  if (module === undefined || depth > 20) return undefined;
  const target = module.exports.get(name);
  if (typeof target === 'string') {
    const imported = module.imports.get(target);
    return imported === undefined
      ? { from, name: target }
      : resolveExport(modules, imported, depth + 1);
  }
  if (target !== undefined) return resolveExport(modules, target, depth + 1);
  for (const star of module.stars) {
    const found = resolveExport(modules, { from: star, name }, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
