import type { Finding } from '@automatos/contracts';
import { ts } from 'ts-morph';
import { EXPRESSION_RULES } from './lint-expressions.ts';
import { lintFinding, type LintRule, type ScriptRule } from './lint-rule.ts';
import { STATEMENT_RULES } from './lint-statements.ts';
import { lineOf, parseScript } from './measure-script.ts';

const UNUSED_IMPORT: LintRule = {
  id: 'unused_import',
  severity: 'low',
  message: 'Something is imported and never used.',
  fix: 'Remove it from the import.',
};

const RULES: readonly ScriptRule[] = [...STATEMENT_RULES, ...EXPRESSION_RULES];
export const SCRIPT_RULES = [...RULES, UNUSED_IMPORT].map(({ id }) => `lint.${id}`);

/** Names that the imports of a file bind, without those that a compiler setting uses silently. */
function importedNames(source: ts.SourceFile): ts.Identifier[] {
  return source.statements.filter(ts.isImportDeclaration).flatMap(({ importClause }) => {
    const { namedBindings, name } = importClause ?? {};
    const named =
      namedBindings === undefined
        ? []
        : ts.isNamespaceImport(namedBindings)
          ? [namedBindings.name]
          : namedBindings.elements.map((element) => element.name);
    return (name === undefined ? named : [name, ...named]).filter(
      ({ text }) => text !== 'React' && text !== 'h',
    );
  });
}

function unusedImports(source: ts.SourceFile, text: string): ts.Identifier[] {
  return importedNames(source).filter((name) => {
    // A name in a comment for the compiler, a type or JSX is a use too: only what stands nowhere else is unused.
    const uses = text.match(
      new RegExp(`(?<![\\w$])${name.text.replaceAll('$', '\\$')}(?![\\w$])`, 'g'),
    );
    return (uses?.length ?? 0) <= 1;
  });
}

/** Likely mistakes in a JavaScript or TypeScript file, by syntax only. */
export function lintScript(path: string, text: string): Finding[] {
  const source = parseScript(path, text);
  const lines = text.split('\n');
  const found: Finding[] = [];
  const add = (rule: LintRule, node: ts.Node) => {
    const line = lineOf(source, node);
    found.push(lintFinding(rule, path, { line, evidence: lines[line - 1] ?? '' }));
  };
  const visit = (node: ts.Node): void => {
    for (const rule of RULES) for (const fault of rule.find(node, source)) add(rule, fault);
    ts.forEachChild(node, visit);
  };
  visit(source);
  for (const name of unusedImports(source, text)) add(UNUSED_IMPORT, name);
  return found;
}
