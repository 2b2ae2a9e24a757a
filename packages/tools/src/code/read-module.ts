import { ts } from 'ts-morph';
import { lineOf, parseScript } from './measure-script.ts';

export interface ModuleExport {
  name: string;
  line: number;
  evidence: string;
  /** Whether its file names it beside the export itself. */
  usedInside: boolean;
}

/** What a module takes from another: names, or everything. */
export interface ModuleImport {
  specifier: string;
  names: string[] | 'all';
}

export interface ScriptModule {
  path: string;
  exports: ModuleExport[];
  imports: ModuleImport[];
}

function isExported(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}

function isDefault(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
  );
}

/** Names that a pattern or a plain name binds. */
function boundNames(name: ts.BindingName): ts.Identifier[] {
  if (ts.isIdentifier(name)) return [name];
  return name.elements.flatMap((element) =>
    ts.isOmittedExpression(element) ? [] : boundNames(element.name),
  );
}

function declared(statement: ts.Statement): { name: string; node: ts.Node }[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) =>
      boundNames(name).map((node) => ({ name: node.text, node })),
    );
  const { name } = statement as { name?: ts.Node };
  if (isDefault(statement)) return [{ name: 'default', node: statement }];
  return name !== undefined && ts.isIdentifier(name) ? [{ name: name.text, node: name }] : [];
}

function importOf(statement: ts.Statement): ModuleImport | undefined {
  if (ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined) {
    const { exportClause, moduleSpecifier } = statement;
    const names =
      exportClause !== undefined && ts.isNamedExports(exportClause)
        ? exportClause.elements.map(({ propertyName, name }) => (propertyName ?? name).text)
        : ('all' as const);
    return { specifier: (moduleSpecifier as ts.StringLiteral).text, names };
  }
  if (!ts.isImportDeclaration(statement)) return undefined;
  const specifier = (statement.moduleSpecifier as ts.StringLiteral).text;
  const clause = statement.importClause;
  if (clause === undefined) return { specifier, names: [] };
  const { namedBindings } = clause;
  if (namedBindings !== undefined && ts.isNamespaceImport(namedBindings))
    return { specifier, names: 'all' };
  const named = (namedBindings?.elements ?? []).map(
    ({ propertyName, name }) => (propertyName ?? name).text,
  );
  return { specifier, names: clause.name === undefined ? named : ['default', ...named] };
}

/** Modules that are loaded while running (`import()`, `require`) or named in a type: whatever they export may be used. */
function dynamicImports(source: ts.SourceFile): ModuleImport[] {
  const found: ModuleImport[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const [argument] = node.arguments;
      const loads =
        node.expression.kind === ts.SyntaxKind.ImportKeyword ||
        /^(?:require|require\.resolve|vi\.mock|jest\.mock)$/.test(
          node.expression.getText(source),
        ) ||
        (ts.isIdentifier(node.expression) && node.expression.text === 'URL');
      if (loads && argument !== undefined && ts.isStringLiteralLike(argument))
        found.push({ specifier: argument.text, names: 'all' });
    }
    if (ts.isNewExpression(node) && node.expression.getText(source) === 'URL') {
      const argument = node.arguments?.[0];
      if (argument !== undefined && ts.isStringLiteralLike(argument))
        found.push({ specifier: argument.text, names: 'all' });
    }
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      const { literal } = node.argument;
      if (ts.isStringLiteral(literal)) found.push({ specifier: literal.text, names: 'all' });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function countIdentifiers(source: ts.SourceFile): Map<string, number> {
  const counts = new Map<string, number>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) counts.set(node.text, (counts.get(node.text) ?? 0) + 1);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return counts;
}

/** Reads what a file exports and imports, by syntax only. */
export function readModule(path: string, text: string): ScriptModule {
  const source = parseScript(path, text);
  const counts = countIdentifiers(source);
  const lines = text.split('\n');
  const exports = new Map<string, ModuleExport>();
  const add = (name: string, node: ts.Node, usedInside: boolean) => {
    const line = lineOf(source, node);
    const evidence = (lines[line - 1] ?? '').trim().slice(0, 200);
    if (!exports.has(name)) exports.set(name, { name, line, evidence, usedInside });
  };
  const imports = dynamicImports(source);
  for (const statement of source.statements) {
    const taken = importOf(statement);
    if (taken !== undefined) imports.push(taken);
    if (ts.isExportAssignment(statement)) add('default', statement, false);
    else if (ts.isExportDeclaration(statement)) {
      const { exportClause } = statement;
      if (exportClause !== undefined && ts.isNamedExports(exportClause))
        for (const element of exportClause.elements)
          // Declared, named in the list, and once more: used.
          add(
            element.name.text,
            element,
            (counts.get((element.propertyName ?? element.name).text) ?? 0) > 2,
          );
    } else if (isExported(statement))
      for (const { name, node } of declared(statement))
        add(name, node, (counts.get(name) ?? 0) > 1);
  }
  return { path, exports: [...exports.values()], imports };
}
