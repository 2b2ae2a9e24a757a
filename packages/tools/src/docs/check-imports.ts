import { ts } from 'ts-morph';
import { parseScript } from '../code/measure-script.ts';
import { resolveExport } from '../test-runs/read-module.ts';
import { namesOfPackage, type ProjectApi } from './read-api.ts';
import type { Example, ExampleProblem } from './read-examples.ts';
import type { PackageFacts } from './read-packages.ts';

interface Imported {
  local: string;
  name: string;
  node: ts.Node;
  from: PackageFacts;
}

function lineOffset(source: ts.SourceFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line;
}

function importedFrom(clause: ts.ImportClause | undefined, from: PackageFacts): Imported[] {
  const bindings = clause?.namedBindings;
  if (bindings === undefined || !ts.isNamedImports(bindings)) return [];
  return bindings.elements.map((element) => ({
    local: element.name.text,
    name: (element.propertyName ?? element.name).text,
    node: element,
    from,
  }));
}

/** Keys that the first object parameter of a function may have; undefined when they cannot be listed. */
function optionKeys(api: ProjectApi, { from, name }: Imported): ReadonlyMap<number, Set<string>> {
  const found = new Map<number, Set<string>>();
  if (from.entry === null) return found;
  const origin = resolveExport(api.modules, { from: from.entry, name });
  const module = origin === undefined ? undefined : api.modules.get(origin.from);
  const declaration = origin === undefined ? undefined : module?.declarations.get(origin.name);
  if (module === undefined || declaration === undefined) return found;
  for (const [index, parameter] of (parametersOf(declaration.node) ?? []).entries()) {
    const keys =
      parameter.type === undefined
        ? patternKeys(parameter)
        : keysOfType({ api, path: module.path, depth: 0 }, parameter.type);
    if (keys !== undefined) found.set(index, keys);
  }
  return found;
}

function parametersOf(node: ts.Node): readonly ts.ParameterDeclaration[] | undefined {
  if (ts.isFunctionDeclaration(node)) return node.parameters;
  if (ts.isClassDeclaration(node))
    return node.members.find(ts.isConstructorDeclaration)?.parameters;
  const value = ts.isVariableDeclaration(node) ? node.initializer : undefined;
  return value !== undefined && (ts.isArrowFunction(value) || ts.isFunctionExpression(value))
    ? value.parameters
    : undefined;
}

/** `function f({ a, b = 1 })` in JavaScript; with a rest element anything goes. */
function patternKeys({ name }: ts.ParameterDeclaration): Set<string> | undefined {
  if (
    !ts.isObjectBindingPattern(name) ||
    name.elements.some((one) => one.dotDotDotToken !== undefined)
  )
    return undefined;
  return new Set(name.elements.map((one) => (one.propertyName ?? one.name).getText()));
}

interface Place {
  api: ProjectApi;
  path: string;
  depth: number;
}

function keysOfType(place: Place, type: ts.TypeNode): Set<string> | undefined {
  if (place.depth > 5) return undefined;
  if (ts.isTypeLiteralNode(type)) return keysOfMembers(type.members);
  if (!ts.isTypeReferenceNode(type)) return undefined;
  const name = type.typeName.getText();
  const [argument] = type.typeArguments ?? [];
  if (['Partial', 'Readonly', 'Required'].includes(name) && argument !== undefined)
    return keysOfType({ ...place, depth: place.depth + 1 }, argument);
  return keysOfName(place, name);
}

function keysOfName({ api, path, depth }: Place, name: string): Set<string> | undefined {
  const module = api.modules.get(path);
  if (depth > 5 || module === undefined) return undefined;
  for (const statement of module.source.statements) {
    if (ts.isInterfaceDeclaration(statement) && statement.name.text === name)
      return statement.heritageClauses === undefined ? keysOfMembers(statement.members) : undefined;
    if (ts.isTypeAliasDeclaration(statement) && statement.name.text === name)
      return keysOfType({ api, path, depth: depth + 1 }, statement.type);
  }
  const imported = module.imports.get(name);
  return imported === undefined
    ? undefined
    : keysOfName({ api, path: imported.from, depth: depth + 1 }, imported.name);
}

function keysOfMembers(members: readonly ts.TypeElement[]): Set<string> | undefined {
  if (members.some((one) => ts.isIndexSignatureDeclaration(one))) return undefined;
  return new Set(members.flatMap((one) => (one.name === undefined ? [] : one.name.getText())));
}

function checkOptions(
  api: ProjectApi,
  source: ts.SourceFile,
  imported: readonly Imported[],
): ExampleProblem[] {
  const problems: ExampleProblem[] = [];
  const visit = (node: ts.Node): void => {
    if (
      (ts.isCallExpression(node) || ts.isNewExpression(node)) &&
      ts.isIdentifier(node.expression)
    ) {
      const callee = node.expression.text;
      const used = imported.find((one) => one.local === callee);
      if (used !== undefined) {
        const keys = optionKeys(api, used);
        for (const [index, argument] of (node.arguments ?? []).entries())
          problems.push(...unknownKeys({ callee, argument, known: keys.get(index) }, source));
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return problems;
}

function unknownKeys(
  {
    callee,
    argument,
    known,
  }: { callee: string; argument: ts.Expression; known: Set<string> | undefined },
  source: ts.SourceFile,
): ExampleProblem[] {
  if (known === undefined || !ts.isObjectLiteralExpression(argument)) return [];
  return argument.properties.flatMap((property) => {
    const name = property.name;
    if (name === undefined || ts.isComputedPropertyName(name)) return [];
    const key = ts.isStringLiteralLike(name) ? name.text : name.getText(source);
    if (known.has(key)) return [];
    return [
      {
        rule: 'docs.stale_option',
        message: `${callee} has no option ${key}; it takes ${[...known].join(', ')}.`,
        offset: lineOffset(source, property),
        fix: 'Name an option that there is, or delete the line.',
      },
    ];
  });
}

function checkSubpath(specifier: string, from: PackageFacts): boolean {
  if (specifier === from.name || from.subpaths === null) return true;
  const sub = `.${specifier.slice(from.name.length)}`;
  return [...from.subpaths].some(
    (key) => key === sub || (key.includes('*') && sub.startsWith(key.slice(0, key.indexOf('*')))),
  );
}

/** What a TypeScript or JavaScript example takes from packages of this folder, against what they offer. */
export function checkScriptNames(example: Example, api: ProjectApi): ExampleProblem[] {
  const source = parseScript('example.tsx', example.text);
  const problems: ExampleProblem[] = [];
  const imported: Imported[] = [];
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier))
      continue;
    const specifier = statement.moduleSpecifier.text;
    const from = api.packages.find(
      ({ name }) => name !== '' && (specifier === name || specifier.startsWith(`${name}/`)),
    );
    if (from === undefined) continue;
    if (!checkSubpath(specifier, from))
      problems.push({
        rule: 'docs.stale_export',
        message: `${from.name} offers no ${specifier}; there are ${[...(from.subpaths ?? [])].join(', ')}.`,
        offset: lineOffset(source, statement),
        fix: 'Import from a path that the package offers.',
      });
    else if (specifier === from.name) imported.push(...importedFrom(statement.importClause, from));
  }
  for (const { name, node, from } of imported) {
    const names = namesOfPackage(from, api.modules);
    if (names !== undefined && !names.has(name))
      problems.push({
        rule: 'docs.stale_export',
        message: `${from.name} exports no ${name}.`,
        offset: lineOffset(source, node),
        fix: `Use what it exports now${nearest(name, names)}.`,
      });
  }
  return [...problems, ...checkOptions(api, source, imported)];
}

function nearest(name: string, names: ReadonlySet<string>): string {
  const head = name.slice(0, 4).toLowerCase();
  const near = [...names].filter((one) => one.toLowerCase().startsWith(head)).slice(0, 3);
  return near.length === 0 ? '' : `, such as ${near.join(', ')}`;
}

/** `from package.module import name` in Python examples, against modules of this folder. */
export function checkPythonNames(example: Example, api: ProjectApi): ExampleProblem[] {
  return example.text.split('\n').flatMap((line, offset): ExampleProblem[] => {
    const [, dotted, list] =
      /^\s*from\s+([A-Za-z_][\w.]*)\s+import\s+\(?([\w\s,]+?)\)?\s*(?:#.*)?$/.exec(line) ?? [];
    if (dotted === undefined || list === undefined) return [];
    const stem = dotted.replaceAll('.', '/');
    const path = [`${stem}.py`, `src/${stem}.py`].find((each) => api.paths.has(each));
    if (path === undefined) return [];
    const known = new Set(
      api.symbols.filter((symbol) => symbol.path === path).map(({ name }) => name),
    );
    const names = list.split(',').map((one) => one.trim().split(/\s+as\s+/)[0] ?? '');
    return names
      .filter((name) => /^[a-zA-Z]\w*$/.test(name) && !known.has(name) && !/^[A-Z_]+$/.test(name))
      .map((name) => ({
        rule: 'docs.stale_export',
        message: `${dotted} has no ${name}.`,
        offset,
        fix: 'Import something that the module defines.',
      }));
  });
}
