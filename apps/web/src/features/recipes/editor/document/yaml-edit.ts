import { isCollection, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, Node, ParsedNode, Scalar } from 'yaml';
import {
  afterRemoval,
  applyToValue,
  editsBetween,
  sameJson,
  valueAt,
  type Edit,
  type Json,
  type Path,
  type PathPart,
} from './json-edit.ts';
import { rankedPlace } from './key-order.ts';
import {
  blocksOf,
  indexOfKey,
  isBlock,
  keyOf,
  withBlocks,
  withEntry,
  withoutEntry,
  type Block,
} from './yaml-blocks.ts';
import { entryText, inlineText, nodeText, WRITE, writeYaml } from './yaml-write.ts';

/** Edits of a YAML text that leave everything as it is written but what they change: comments, order, quotes, blank lines. */

export interface SyntaxProblem {
  message: string;
  line: number;
  column: number;
}

export type Parsed = { value: Json } | { problems: SyntaxProblem[] };

type Doc = Document.Parsed<ParsedNode>;

function parse(text: string): Doc {
  return parseDocument(text, { keepSourceTokens: true, logLevel: 'silent' });
}

/** The value of a YAML text, or what is wrong with it as YAML, with 1-based places. */
export function parseYaml(text: string): Parsed {
  const document = parse(text);
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map(({ message, linePos }) => ({
        message: (message.split('\n')[0] ?? message).replace(/ at line \d+, column \d+:?$/, ''),
        line: linePos?.[0].line ?? 1,
        column: linePos?.[0].col ?? 1,
      })),
    };
  }
  try {
    return { value: (document.toJS({ maxAliasCount: 100 }) ?? null) as Json };
  } catch (error) {
    const message = error instanceof Error ? error.message : 'this cannot be read';
    return { problems: [{ message, line: 1, column: 1 }] };
  }
}

/**
 * `text` after `edit`. The result always reads as the edited value: where a piece cannot be cut out of the text, the
 * whole document is written anew, with its comments if its form allows. A text that is no YAML stays as it is.
 */
export function editYaml(text: string, edit: Edit): string {
  const parsed = parseYaml(text);
  if ('problems' in parsed) return text;
  const edits =
    edit.kind === 'set'
      ? editsBetween(valueAt(parsed.value, edit.path), edit.value, edit.path)
      : [edit];
  return edits.reduce(editOnce, text);
}

function editOnce(text: string, edit: Edit): string {
  const document = parse(text);
  const value = (document.toJS() ?? null) as Json;
  const wanted = applyToValue(value, edit);
  const attempts = [() => inText({ text, document, wanted }, edit), () => inDocument(text, edit)];
  for (const attempt of attempts) {
    const next = attempt();
    const after = next === null ? null : parseYaml(next);
    if (next !== null && after !== null && 'value' in after && sameJson(after.value, wanted)) {
      return next;
    }
  }
  return writeYaml(wanted);
}

interface Source {
  text: string;
  document: Doc;
  /** Value after the edit. */
  wanted: Json;
}

/** Cuts and pastes lines; null when the place is not written as lines. */
function inText(source: Source, edit: Edit): string | null {
  switch (edit.kind) {
    case 'set':
      return setInText(source, edit.path);
    case 'remove':
      return removeInText(source, edit.path)?.text ?? null;
    case 'insert':
      return insertInText(source, edit.path, { index: edit.index, value: edit.value });
    case 'move':
      return moveInText(source, edit);
    case 'rename': {
      const map = nodeAt(source.document, edit.path.slice(0, -1));
      const index = isMap(map) ? indexOfKey(map, String(edit.path.at(-1))) : -1;
      const key = isMap(map) ? (map.items[index]?.key as Scalar | undefined) : undefined;
      if (key?.range === undefined || key.range === null) return null;
      const written = entryText(0, edit.key).slice(2);
      return source.text.slice(0, key.range[0]) + written + source.text.slice(key.range[1]);
    }
  }
}

function nodeAt(document: Doc, path: Path): unknown {
  return path.length === 0 ? document.contents : document.getIn(path, true);
}

function placeIn(block: Block, part: PathPart | undefined): number {
  if (isMap(block)) return indexOfKey(block, String(part));
  return typeof part === 'number' && part < block.items.length ? part : -1;
}

/** Rewrites the entry of the deepest collection written as lines that holds `path`. */
function setInText(source: Source, path: Path): string | null {
  const { text, document, wanted } = source;
  let depth = 0;
  while (depth + 1 < path.length && isBlock(nodeAt(document, path.slice(0, depth + 1)))) depth += 1;
  const block = nodeAt(document, path.slice(0, depth));
  const part = path[depth];
  const blocks = isBlock(block) ? blocksOf(text, block) : null;
  if (!isBlock(block) || blocks === null || part === undefined) return null;
  const own = path.slice(0, depth + 1);
  const value = valueAt(wanted, own) ?? null;
  const index = placeIn(block, part);
  if (index < 0) {
    if (!isMap(block)) return null;
    const keys = block.items.map((pair) => keyOf(pair) ?? '');
    const at = rankedPlace(keys, String(part), depth);
    return withBlocks(text, withEntry(blocks, at, entryText(part, value)));
  }
  const old = nodeAt(document, own);
  if (isScalar(old) && old.range !== undefined && old.range !== null && isOneLine(text, old)) {
    const inline = inlineText(value, old);
    if (inline !== null) return text.slice(0, old.range[0]) + inline + text.slice(old.range[1]);
  }
  const entry = blocks.entries[index] ?? '';
  const fresh =
    depth + 1 < path.length && isCollection(old)
      ? patchedFlow(source, path, own)
      : entryText(part, value, old);
  if (fresh === null) return null;
  const [leading, comment] = [/^(?: *#.*\n)*/.exec(entry)?.[0] ?? '', commentBehind(text, old)];
  const lines = fresh.split('\n');
  const written = [`${lines[0] ?? ''}${comment}`, ...lines.slice(1)].join('\n');
  return withBlocks(text, { ...blocks, entries: blocks.entries.with(index, leading + written) });
}

function isOneLine(text: string, scalar: Scalar): boolean {
  const [from, to] = scalar.range ?? [0, 0];
  return to > from && !text.slice(from, to).includes('\n');
}

/** The comment on the line where a value begins, with the space before it. */
function commentBehind(text: string, node: unknown): string {
  const inBrackets = isCollection(node) && node.flow === true;
  if (!isScalar(node) && !inBrackets) return '';
  if (node.range === undefined || node.range === null) return '';
  const block = isScalar(node) && (node.type === 'BLOCK_FOLDED' || node.type === 'BLOCK_LITERAL');
  const from = block ? node.range[0] : node.range[1];
  const line = text.slice(
    from,
    text.indexOf('\n', from) === -1 ? undefined : text.indexOf('\n', from),
  );
  const comment = block ? /^[|>][-+\d]*( +#.*)$/.exec(line)?.[1] : /^( +#.*)$/.exec(line)?.[1];
  return comment ?? '';
}

/** A collection in brackets with one value in it changed, its comments and its form kept. */
function patchedFlow({ text, wanted }: Source, path: Path, own: Path): string | null {
  const document = parse(text);
  const node = nodeAt(document, own);
  if (!isCollection(node) || node.range === undefined || node.range === null) return null;
  const value = valueAt(wanted, path);
  if (value === undefined) document.deleteIn(path);
  else document.setIn(path, document.createNode(value));
  return nodeText(own.at(-1) ?? '', node as Node, text[node.range[0] + 1] === ' ');
}

/** The text without the entry at `path`, and that entry. */
function removeInText(source: Source, path: Path): { text: string; entry: string } | null {
  const { text, document } = source;
  const parent = path.slice(0, -1);
  const block = nodeAt(document, parent);
  const blocks = isBlock(block) ? blocksOf(text, block) : null;
  if (!isBlock(block) || blocks === null) {
    const written = setInText(source, path);
    return written === null ? null : { text: written, entry: '' };
  }
  const index = placeIn(block, path.at(-1));
  const entry = blocks.entries[index];
  if (entry === undefined) return null;
  if (blocks.entries.length > 1)
    return { text: withBlocks(text, withoutEntry(blocks, index)), entry };
  // An empty list or object cannot be written as lines.
  const written = parent.length === 0 ? null : setInText(source, parent);
  return written === null ? null : { text: written, entry };
}

function insertInText(
  source: Source,
  path: Path,
  { index, value, entry }: { index: number; value: Json; entry?: string },
): string | null {
  const { text, document } = source;
  const list = nodeAt(document, path);
  const blocks = isBlock(list) && isSeq(list) ? blocksOf(text, list) : null;
  if (blocks !== null)
    return withBlocks(text, withEntry(blocks, index, entry ?? entryText(0, value)));
  const written = setInText(source, path);
  if (written === null || entry === undefined) return written;
  // The list has only this item now: its text replaces what was written for it, so that its comments stay.
  const after = nodeAt(parse(written), path);
  const fresh = isBlock(after) ? blocksOf(written, after) : null;
  return fresh?.entries.length === 1
    ? withBlocks(written, { ...fresh, entries: [entry] })
    : written;
}

function moveInText(
  source: Source,
  { from, to, index }: Extract<Edit, { kind: 'move' }>,
): string | null {
  const value = valueAt((source.document.toJS() ?? null) as Json, from);
  if (value === undefined) return null;
  const without = applyToValue(source.document.toJS() as Json, { kind: 'remove', path: from });
  const cut = removeInText({ ...source, wanted: without }, from);
  if (cut === null) return null;
  const document = parse(cut.text);
  if (document.errors.length > 0) return null;
  const rest = { text: cut.text, document, wanted: source.wanted };
  const entry = cut.entry === '' ? {} : { entry: cut.entry };
  return insertInText(rest, afterRemoval(to, from), { index, value, ...entry });
}

/** The same edit on the parsed document, which is then written anew; null when its form does not allow it. */
function inDocument(text: string, edit: Edit): string | null {
  const document = parse(text);
  try {
    applyToDocument(document, edit);
    return document.toString(WRITE);
  } catch {
    // Aliases and odd keys are refused by the library: the value itself is written then.
    return null;
  }
}

function applyToDocument(document: Doc, edit: Edit): void {
  switch (edit.kind) {
    case 'set':
      if (edit.path.length === 0) throw new Error('the whole document is written anew');
      return document.setIn(edit.path, document.createNode(edit.value));
    case 'remove':
      return void document.deleteIn(edit.path);
    case 'insert':
      return insertInDocument(document, edit.path, {
        index: edit.index,
        node: document.createNode(edit.value),
      });
    case 'move': {
      const node = document.getIn(edit.from, true);
      document.deleteIn(edit.from);
      return insertInDocument(document, afterRemoval(edit.to, edit.from), {
        index: edit.index,
        node,
      });
    }
    case 'rename': {
      const map = nodeAt(document, edit.path.slice(0, -1));
      const pair = isMap(map) ? map.items[indexOfKey(map, String(edit.path.at(-1)))] : undefined;
      if (pair === undefined) throw new Error('there is no such key');
      pair.key = document.createNode(edit.key);
    }
  }
}

function insertInDocument(
  document: Doc,
  path: Path,
  { index, node }: { index: number; node: unknown },
): void {
  const list = nodeAt(document, path);
  if (isSeq(list)) list.items.splice(index, 0, node);
  else document.setIn(path, document.createNode([node]));
}

/** 1-based place of what a path leads to; the nearest thing above it that exists otherwise. Null for an unreadable text. */
export function locate(
  text: string,
  pointer: readonly string[],
): { line: number; column: number } | null {
  const document = parse(text);
  let node: unknown = document.contents;
  let offset = 0;
  for (const part of pointer) {
    if (isMap(node)) {
      const pair = node.items[indexOfKey(node, part)];
      const key = pair?.key as Scalar | undefined;
      if (pair === undefined || key?.range === undefined || key.range === null) break;
      offset = key.range[0];
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(part)] as Node | undefined;
      if (item?.range === undefined || item.range === null) break;
      offset = item.range[0];
      node = item;
    } else break;
  }
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}
