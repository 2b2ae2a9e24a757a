import { Document, isMap, isPair, isScalar, isSeq, stringify } from 'yaml';
import type { Node, Scalar } from 'yaml';
import type { Json, PathPart } from './json-edit.ts';

/** Pieces of YAML as this editor writes them. */

export const WRITE = { lineWidth: 0, singleQuote: true, blockQuote: 'literal' } as const;
const FLOW_MAX = 80;

/** A value as a whole YAML document. */
export function writeYaml(value: Json): string {
  const document = new Document(value);
  flowLists(document.contents);
  return document.toString({ ...WRITE, flowCollectionPadding: false });
}

/** Short lists of plain words stand on one line: `[a, b]`. */
function flowLists(node: unknown): void {
  if (isSeq(node)) {
    const short = node.items.every((item) => isScalar(item) && !String(item.value).includes('\n'));
    const length = stringify(node.toJSON(), { lineWidth: 0 }).length;
    if (short && node.items.length > 0 && length <= FLOW_MAX) node.flow = true;
    else for (const item of node.items) flowLists(item);
  }
  if (isMap(node)) for (const { value } of node.items) flowLists(value);
}

function wrap(part: PathPart, value: unknown): Document {
  return new Document(typeof part === 'number' ? [value] : { [part]: value });
}

/** One entry of a list or map without its indentation and last line end; quotes and folding as `like` has them. */
export function entryText(part: PathPart, value: Json, like?: unknown): string {
  const document = wrap(part, value);
  const node = valueOf(document);
  let folded = false;
  if (isScalar(like) && isScalar(node) && typeof value === 'string' && like.type !== undefined) {
    folded = like.type === 'BLOCK_FOLDED';
    if (like.type !== 'PLAIN' && !value.includes('\n') === !like.type.startsWith('BLOCK'))
      node.type = like.type;
    if (folded) node.type = like.type;
  }
  if (typeof part === 'number' && isSeq(document.contents)) flowLists(document.contents.items[0]);
  else flowLists(document.contents);
  return document
    .toString({
      ...WRITE,
      flowCollectionPadding: false,
      ...(folded ? { lineWidth: 118, blockQuote: true } : {}),
    })
    .replace(/\n$/, '');
}

function valueOf(document: Document): unknown {
  const { contents } = document;
  if (isSeq(contents)) return contents.items[0];
  const [pair] = isMap(contents) ? contents.items : [];
  return isPair(pair) ? pair.value : undefined;
}

/** The same for a node that was changed in its document: its comments and its brackets stay. */
export function nodeText(part: PathPart, node: Node, padded: boolean): string {
  const document = wrap(part, null);
  const { contents } = document;
  if (isSeq(contents)) contents.items[0] = node;
  const [pair] = isMap(contents) ? contents.items : [];
  if (isPair(pair)) pair.value = node;
  return document.toString({ ...WRITE, flowCollectionPadding: padded }).replace(/\n$/, '');
}

/** A value on one line as it stands behind its key; null when it needs several. */
export function inlineText(value: Json, like: Scalar): string | null {
  if (typeof value === 'object' && value !== null) return null;
  const text = entryText('k', value, like).slice('k:'.length).trimStart();
  return text.includes('\n') || text === '' ? null : text;
}
