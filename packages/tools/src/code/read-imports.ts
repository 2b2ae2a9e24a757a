import { posix } from 'node:path';
import { ts } from 'ts-morph';
import { lineOf, parseScript } from './measure-script.ts';

/** One relative import of a file. */
export interface RelativeImport {
  specifier: string;
  line: number;
  /** True when it vanishes at run time. */
  typeOnly: boolean;
}

function isTypeOnlyImport(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const bindings = clause.namedBindings;
  return (
    clause.name === undefined &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.length > 0 &&
    bindings.elements.every((element) => element.isTypeOnly)
  );
}

/** Reads import, export-from, require and import() with a relative path. */
export function readImports(path: string, text: string): RelativeImport[] {
  const source = parseScript(path, text);
  const found: RelativeImport[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean) => {
    if (
      specifier === undefined ||
      !ts.isStringLiteralLike(specifier) ||
      !specifier.text.startsWith('.')
    )
      return;
    found.push({ specifier: specifier.text, line: lineOf(source, specifier), typeOnly });
  };
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement))
      add(statement.moduleSpecifier, isTypeOnlyImport(statement.importClause));
    else if (ts.isExportDeclaration(statement))
      add(statement.moduleSpecifier, statement.isTypeOnly);
  }
  if (/\brequire\s*\(/.test(text)) {
    const visit = (node: ts.Node): void => {
      if (
        ts.isCallExpression(node) &&
        ts.isIdentifier(node.expression) &&
        node.expression.text === 'require'
      )
        add(node.arguments[0], false);
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
}

const ENDINGS = [
  '',
  '.ts',
  '.tsx',
  '.mts',
  '.cts',
  '.js',
  '.jsx',
  '.mjs',
  '.cjs',
  '/index.ts',
  '/index.tsx',
  '/index.js',
  '/index.mjs',
];

/** The file that a relative import means, among the known ones; `.js` may stand for a `.ts` source. */
export function resolveImport(
  from: string,
  specifier: string,
  known: ReadonlySet<string>,
): string | undefined {
  const base = posix.normalize(posix.join(posix.dirname(from), specifier));
  const stem = base.replace(/\.([cm]?)jsx?$/, '');
  const candidates = [
    ...ENDINGS.map((ending) => base + ending),
    ...(stem === base ? [] : ENDINGS.slice(1, 5).map((ending) => stem + ending)),
  ];
  return candidates.find((candidate) => known.has(candidate));
}
