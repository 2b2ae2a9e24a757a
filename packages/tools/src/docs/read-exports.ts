import { ts } from 'ts-morph';
import { lineOf, parseScript } from '../code/measure-script.ts';

/** An exported thing and whether it is documented. */
export interface ExportedSymbol {
  name: string;
  kind: string;
  line: number;
  documented: boolean;
}

function isExported(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)
  );
}

/** True when a comment of the form /** … *\/ stands before the node. */
function hasDoc(node: ts.Node, source: ts.SourceFile): boolean {
  const ranges = ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? [];
  return ranges.some(
    (range) => source.text.startsWith('/**', range.pos) && range.end - range.pos > 8,
  );
}

function kindOf(node: ts.Statement): string | undefined {
  if (ts.isFunctionDeclaration(node)) return 'function';
  if (ts.isClassDeclaration(node)) return 'class';
  if (ts.isInterfaceDeclaration(node)) return 'interface';
  if (ts.isTypeAliasDeclaration(node)) return 'type';
  if (ts.isEnumDeclaration(node)) return 'enum';
  return undefined;
}

/** Names that an `export { a, b }` list without a source makes public. */
function listedExports(source: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  for (const statement of source.statements) {
    if (
      !ts.isExportDeclaration(statement) ||
      statement.moduleSpecifier !== undefined ||
      statement.exportClause === undefined
    )
      continue;
    if (ts.isNamedExports(statement.exportClause))
      for (const element of statement.exportClause.elements)
        names.add((element.propertyName ?? element.name).text);
  }
  return names;
}

/** Lists exported declarations of a JavaScript or TypeScript file with their documentation state. */
export function readScriptExports(path: string, text: string): ExportedSymbol[] {
  const source = parseScript(path, text);
  const listed = listedExports(source);
  const found: ExportedSymbol[] = [];
  for (const statement of source.statements) {
    const exported = isExported(statement);
    const documented = hasDoc(statement, source);
    if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations) {
        const name = declaration.name.getText(source);
        if (exported || listed.has(name))
          found.push({
            name: name.slice(0, 100),
            kind: 'constant',
            line: lineOf(source, declaration),
            documented,
          });
      }
      continue;
    }
    const kind = kindOf(statement);
    if (kind === undefined) continue;
    const named = (statement as ts.DeclarationStatement).name;
    const name = named === undefined ? 'default' : named.getText(source);
    if (exported || listed.has(name))
      found.push({ name, kind, line: lineOf(source, statement), documented });
  }
  return found;
}

const PYTHON_DEFINITION = /^(?:async\s+)?(def|class)\s+([A-Za-z]\w*)/;

/** Lists public top-level functions and classes of a Python file with their docstring state. */
export function readPythonExports(text: string): ExportedSymbol[] {
  const lines = text.split('\n');
  const found: ExportedSymbol[] = [];
  for (const [index, line] of lines.entries()) {
    const match = PYTHON_DEFINITION.exec(line);
    if (match === null) continue;
    let end = index;
    while (end < lines.length && !/:\s*(?:#.*)?$/.test(lines[end] ?? '') && end - index < 30)
      end += 1;
    const next = lines.slice(end + 1).find((candidate) => candidate.trim() !== '') ?? '';
    found.push({
      name: match[2] ?? '',
      kind: match[1] === 'class' ? 'class' : 'function',
      line: index + 1,
      documented: /^\s+[rRuU]{0,2}(?:"""|'''|"|')/.test(next),
    });
  }
  return found;
}
