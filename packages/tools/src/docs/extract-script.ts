import { ts } from 'ts-morph';
import { lineOf, parseScript } from '../code/measure-script.ts';
import type { ApiSymbol, ParameterMismatch } from './api-symbol.ts';

const SIGNATURE_MAX = 600;

export interface Extracted {
  symbols: ApiSymbol[];
  mismatches: ParameterMismatch[];
}

interface Reading {
  path: string;
  source: ts.SourceFile;
  listed: ReadonlyMap<string, string>;
  result: Extracted;
}

const flat = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
const cut = (text: string): string =>
  text.length <= SIGNATURE_MAX ? text : `${text.slice(0, SIGNATURE_MAX - 1)}…`;

function textOf(comment: Parameters<typeof ts.getTextOfJSDocComment>[0]): string {
  return (ts.getTextOfJSDocComment(comment) ?? '').trim();
}

/** Text of the last comment before a node. */
function docOf(node: ts.Node): string {
  const comment = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1);
  return comment === undefined ? '' : textOf(comment.comment);
}

function tagText(node: ts.Node, ...names: string[]): string[] {
  return ts
    .getJSDocTags(node)
    .filter((tag) => names.includes(tag.tagName.text))
    .map((tag) => textOf(tag.comment));
}

/** Local names that a list such as `export { a as b }` offers, with the name they are offered under. */
function listedNames(source: ts.SourceFile): Map<string, string> {
  const names = new Map<string, string>();
  for (const statement of source.statements) {
    if (ts.isExportAssignment(statement) && ts.isIdentifier(statement.expression))
      names.set(statement.expression.text, 'default');
    if (
      !ts.isExportDeclaration(statement) ||
      statement.moduleSpecifier !== undefined ||
      statement.exportClause === undefined ||
      !ts.isNamedExports(statement.exportClause)
    )
      continue;
    for (const element of statement.exportClause.elements)
      names.set((element.propertyName ?? element.name).text, element.name.text);
  }
  return names;
}

function nameFor(
  local: string | undefined,
  node: ts.Node,
  { listed }: Reading,
): string | undefined {
  const kinds = ts.canHaveModifiers(node)
    ? (ts.getModifiers(node) ?? []).map(({ kind }) => kind)
    : [];
  if (kinds.includes(ts.SyntaxKind.ExportKeyword))
    return kinds.includes(ts.SyntaxKind.DefaultKeyword) ? 'default' : local;
  return local === undefined ? undefined : listed.get(local);
}

function parametersOf(
  parameters: readonly ts.ParameterDeclaration[],
  { source }: Reading,
): ApiSymbol['parameters'] {
  return parameters.map((parameter) => {
    const tag = ts.getJSDocParameterTags(parameter)[0];
    const type = parameter.type ?? ts.getJSDocType(parameter);
    const optional =
      parameter.questionToken !== undefined ||
      parameter.initializer !== undefined ||
      tag?.isBracketed === true;
    return {
      name: flat(parameter.name.getText(source)).slice(0, 100),
      type: type === undefined ? '' : cut(flat(type.getText(source))),
      optional,
      doc: textOf(tag?.comment).replace(/^-\s*/, ''),
    };
  });
}

function signatureOfFunction(
  name: string,
  node: ts.SignatureDeclaration,
  { source }: Reading,
): string {
  const generics = node.typeParameters?.map((one) => one.getText(source)).join(', ');
  const parameters = node.parameters.map((one) => flat(one.getText(source))).join(', ');
  const returned = node.type ?? ts.getJSDocReturnType(node);
  const type = returned === undefined ? '' : `: ${flat(returned.getText(source))}`;
  return cut(`${name}${generics === undefined ? '' : `<${generics}>`}(${parameters})${type}`);
}

/** Documented names that are no parameters, and parameters without a word where others have one. */
function compareParameters(
  symbol: string,
  host: ts.Node,
  { node, reading }: { node: ts.SignatureDeclaration; reading: Reading },
): void {
  const { path, source, result } = reading;
  const tags = ts.getJSDocTags(host).filter(ts.isJSDocParameterTag);
  const own = new Set(node.parameters.map((one) => one.name.getText(source)));
  // A pattern such as `{ a, b }` may be documented under any name.
  const patterns = node.parameters.some((one) => !ts.isIdentifier(one.name));
  const rootOf = (tag: ts.JSDocParameterTag) => tag.name.getText(source).split('.')[0] ?? '';
  for (const tag of tags) {
    if (own.has(rootOf(tag)) || patterns) continue;
    const line = lineOf(source, tag);
    const evidence = (source.text.split('\n')[line - 1] ?? '').trim().slice(0, 200);
    result.mismatches.push({
      symbol,
      path,
      line,
      parameter: rootOf(tag),
      kind: 'unknown',
      evidence,
    });
  }
  if (tags.length === 0 || patterns) return;
  const documented = new Set(tags.map(rootOf));
  for (const name of own)
    if (!documented.has(name)) {
      const line = lineOf(source, node);
      const evidence = (source.text.split('\n')[line - 1] ?? '').trim().slice(0, 200);
      result.mismatches.push({
        symbol,
        path,
        line,
        parameter: name,
        kind: 'undocumented',
        evidence,
      });
    }
}

interface Parts {
  name: string;
  kind: ApiSymbol['kind'];
  node: ts.Node;
  /** The node that carries the comment. */
  host: ts.Node;
  signature: string;
  call?: ts.SignatureDeclaration | undefined;
  members?: ApiSymbol['members'];
}

function add(parts: Parts, reading: Reading): void {
  const { name, kind, node, host, signature, call, members } = parts;
  if (call !== undefined) compareParameters(name, host, { node: call, reading });
  reading.result.symbols.push({
    name,
    kind,
    path: reading.path,
    line: lineOf(reading.source, node),
    signature,
    doc: docOf(host),
    parameters: call === undefined ? [] : parametersOf(call.parameters, reading),
    returns: tagText(host, 'returns', 'return')[0] ?? '',
    deprecated: tagText(host, 'deprecated')[0] ?? null,
    examples: tagText(host, 'example'),
    members: members ?? [],
    public: null,
  });
}

function isHidden(node: ts.Node): boolean {
  const kinds = ts.canHaveModifiers(node)
    ? (ts.getModifiers(node) ?? []).map(({ kind }) => kind)
    : [];
  const named =
    ts.isClassElement(node) && node.name !== undefined && ts.isPrivateIdentifier(node.name);
  return (
    named ||
    kinds.includes(ts.SyntaxKind.PrivateKeyword) ||
    kinds.includes(ts.SyntaxKind.ProtectedKeyword)
  );
}

function membersOf(
  node: ts.ClassDeclaration | ts.InterfaceDeclaration,
  reading: Reading,
): ApiSymbol['members'] {
  return [...node.members].flatMap((member) => {
    if (isHidden(member)) return [];
    const doc = docOf(member);
    if (ts.isConstructorDeclaration(member))
      return [
        {
          name: 'constructor',
          signature: signatureOfFunction('constructor', member, reading),
          doc,
        },
      ];
    if (member.name === undefined) return [];
    const name = member.name.getText(reading.source);
    if (ts.isMethodDeclaration(member) || ts.isMethodSignature(member))
      return [{ name, signature: signatureOfFunction(name, member, reading), doc }];
    if (ts.isPropertyDeclaration(member) || ts.isPropertySignature(member)) {
      const mark = member.questionToken === undefined ? '' : '?';
      const type =
        member.type === undefined ? '' : `: ${flat(member.type.getText(reading.source))}`;
      return [{ name, signature: cut(`${name}${mark}${type}`), doc }];
    }
    return ts.isGetAccessor(member)
      ? [{ name, signature: signatureOfFunction(`get ${name}`, member, reading), doc }]
      : [];
  });
}

function headOf(node: ts.ClassDeclaration | ts.InterfaceDeclaration, { source }: Reading): string {
  const brace = source.text.indexOf('{', (node.heritageClauses?.at(-1) ?? node.name ?? node).end);
  const text = source.text.slice(node.getStart(source), brace === -1 ? node.end : brace);
  return cut(flat(text.replace(/^(?:export\s+|default\s+|declare\s+)+/, '')));
}

function readVariables(statement: ts.VariableStatement, reading: Reading): void {
  for (const each of statement.declarationList.declarations) {
    if (!ts.isIdentifier(each.name)) continue;
    const name = nameFor(each.name.text, statement, reading);
    if (name === undefined) continue;
    const value = each.initializer;
    const call =
      value !== undefined && (ts.isArrowFunction(value) || ts.isFunctionExpression(value))
        ? value
        : undefined;
    const type = each.type === undefined ? '' : `: ${flat(each.type.getText(reading.source))}`;
    const literal =
      value !== undefined &&
      each.type === undefined &&
      (ts.isLiteralExpression(value) || ts.isPrefixUnaryExpression(value))
        ? ` = ${flat(value.getText(reading.source))}`
        : '';
    add(
      {
        name,
        kind: call === undefined ? 'constant' : 'function',
        node: each,
        host: statement,
        signature:
          call === undefined
            ? cut(`const ${name}${type}${literal}`)
            : signatureOfFunction(name, call, reading),
        call,
      },
      reading,
    );
  }
}

function readStatement(statement: ts.Statement, reading: Reading): void {
  if (ts.isVariableStatement(statement)) return readVariables(statement, reading);
  const declares =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement);
  if (!declares) return;
  const name = nameFor(statement.name?.text, statement, reading);
  if (name === undefined) return;
  const common = { name, node: statement, host: statement };
  const { source } = reading;
  if (ts.isFunctionDeclaration(statement))
    add(
      {
        ...common,
        kind: 'function',
        signature: signatureOfFunction(name, statement, reading),
        call: statement,
      },
      reading,
    );
  else if (ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement))
    add(
      {
        ...common,
        kind: ts.isClassDeclaration(statement) ? 'class' : 'interface',
        signature: headOf(statement, reading),
        members: membersOf(statement, reading),
      },
      reading,
    );
  else if (ts.isTypeAliasDeclaration(statement))
    add(
      {
        ...common,
        kind: 'type',
        signature: cut(`type ${name} = ${flat(statement.type.getText(source))}`),
      },
      reading,
    );
  else {
    const members = statement.members.map((one) => ({
      name: one.name.getText(source),
      signature: flat(one.getText(source)),
      doc: docOf(one),
    }));
    add({ ...common, kind: 'enum', signature: `enum ${name}`, members }, reading);
  }
}

/** Reads what a JavaScript or TypeScript file exports, with signatures as written. */
export function extractScript(path: string, text: string): Extracted {
  const source = parseScript(path, text);
  const result: Extracted = { symbols: [], mismatches: [] };
  const reading: Reading = { path, source, listed: listedNames(source), result };
  for (const statement of source.statements) readStatement(statement, reading);
  return result;
}
