import { isCollection, isPair, isScalar, isSeq } from 'yaml';
import type { Node, YAMLMap, YAMLSeq } from 'yaml';

/**
 * A block collection of a YAML text as pieces that can be moved, replaced and left out while everything else stays as it
 * was written, byte for byte.
 */
export interface Blocks {
  /** Spaces before each entry. */
  indent: number;
  /** The first entry begins with its line; otherwise it follows something on it: `- step_id: a`. */
  wholeLines: boolean;
  /** Entries without their indentation and last line end, each with the comment lines directly above it. */
  entries: string[];
  /** What stands between two entries: line ends, blank lines and comments that belong to neither. */
  gaps: string[];
  /** The part of the text that entries and gaps make up. */
  from: number;
  to: number;
}

export type Block = YAMLMap | YAMLSeq;

/** A map or list with entries that is written as lines, not in brackets. */
export function isBlock(node: unknown): node is Block {
  return isCollection(node) && node.flow !== true && node.items.length > 0;
}

interface Span {
  /** Start of the entry itself: its key or its dash. */
  start: number;
  end: number;
}

const lineStart = (text: string, at: number) => text.lastIndexOf('\n', at - 1) + 1;

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

function contentEnd(text: string, start: number, node: Node | null): number {
  const range = node?.range;
  if (range === undefined || range === null) return start;
  // Comments below the last entry of a collection still belong to it; those of a block text are part of it.
  const end = isCollection(node) && node.flow !== true ? range[2] : range[1];
  return Math.max(start, start + text.slice(start, end).trimEnd().length);
}

/** Where the dash of a list item stands: the last one before the item with only space, comments or line ends between. */
function dashOf(text: string, seq: YAMLSeq, index: number): number | null {
  const token = seq.srcToken;
  if (token === undefined || token.type !== 'block-seq') return null;
  const items = token.items.filter((item) =>
    item.start.some((each) => each.type === 'seq-item-ind'),
  );
  return items[index]?.start.find((each) => each.type === 'seq-item-ind')?.offset ?? null;
}

function spanOf(text: string, block: Block, index: number): Span | null {
  if (isSeq(block)) {
    const dash = dashOf(text, block, index);
    const item = block.items[index] as Node | null;
    return dash === null ? null : { start: dash, end: contentEnd(text, dash + 1, item) };
  }
  const pair = block.items[index];
  if (!isPair(pair) || !isScalar(pair.key) || pair.key.range === undefined) return null;
  const { range } = pair.key;
  if (range === null) return null;
  const colon = text.indexOf(':', range[1]);
  if (colon === -1) return null;
  return { start: range[0], end: contentEnd(text, colon + 1, pair.value as Node | null) };
}

/** Start of the comment lines that stand directly above a line at its indentation. */
function withLeadingComments(text: string, start: number, floor: number): number {
  let from = lineStart(text, start);
  const indent = start - from;
  while (from > floor) {
    const before = lineStart(text, from - 1);
    const line = text.slice(before, from - 1);
    if (before < floor || !/^ *#/.test(line) || line.search(/\S/) !== indent) break;
    from = before;
  }
  return from;
}

/** Takes `indent` spaces off each line but those that have fewer. */
export function dedent(text: string, indent: number): string {
  return text
    .split('\n')
    .map((line) => line.slice(Math.min(indent, line.search(/[^ ]|$/))))
    .join('\n');
}

export function indented(text: string, indent: number): string {
  const spaces = ' '.repeat(indent);
  return text
    .split('\n')
    .map((line) => (line === '' ? line : spaces + line))
    .join('\n');
}

/** Null when the collection is written in a way that pieces cannot be cut from. */
export function blocksOf(text: string, block: Block): Blocks | null {
  const spans: Span[] = [];
  for (let index = 0; index < block.items.length; index += 1) {
    const span = spanOf(text, block, index);
    if (span === null) return null;
    spans.push(span);
  }
  const [first] = spans;
  if (first === undefined) return null;
  const indent = first.start - lineStart(text, first.start);
  const inline = /\S/.test(text.slice(lineStart(text, first.start), first.start));
  if (spans.some(({ start }) => start - lineStart(text, start) !== indent)) return null;
  const edges: { from: number; to: number }[] = [];
  for (const [index, { start, end }] of spans.entries()) {
    const floor = edges.at(-1)?.to ?? 0;
    // A comment above the first key of a map speaks for the whole map; above a list's first item for the item.
    const own = index > 0 || (isSeq(block) && !inline);
    const from = own ? withLeadingComments(text, start, floor) : start;
    edges.push({ from, to: lineEnd(text, end) });
  }
  const wholeLines = edges[0]?.from !== first.start || indent === 0;
  const entries = edges.map(({ from, to }, index) => {
    const raw = text.slice(from, to);
    return index === 0 && !wholeLines ? dedentRest(raw, indent) : dedent(raw, indent);
  });
  const gaps = edges.slice(1).map(({ from }, index) => text.slice(edges[index]?.to ?? from, from));
  const to = edges.at(-1)?.to ?? first.start;
  return { indent, wholeLines, entries, gaps, from: edges[0]?.from ?? first.start, to };
}

function dedentRest(text: string, indent: number): string {
  const end = text.indexOf('\n');
  return end === -1 ? text : text.slice(0, end + 1) + dedent(text.slice(end + 1), indent);
}

const isBlank = (gap: string) => gap.trim() === '';

/** Without the entry at `index`; comments that stood apart between entries are kept. */
export function withoutEntry(blocks: Blocks, index: number): Blocks {
  const entries = blocks.entries.toSpliced(index, 1);
  const [above, below] = [blocks.gaps[index - 1], blocks.gaps[index]];
  const gaps = blocks.gaps.toSpliced(
    index === 0 ? 0 : index - 1,
    index > 0 && below !== undefined ? 2 : 1,
  );
  if (above !== undefined && below !== undefined) {
    const both = isBlank(above) ? below : isBlank(below) ? above : above + below.trimStart();
    return { ...blocks, entries, gaps: gaps.toSpliced(index - 1, 0, both) };
  }
  const lost = above ?? below ?? '';
  if (isBlank(lost)) return { ...blocks, entries, gaps };
  const comment = dedent(lost.replace(/^\n+/, '').trimEnd(), blocks.indent);
  const last = entries.length - 1;
  const kept =
    above === undefined
      ? entries.with(0, `${comment}\n${entries[0] ?? ''}`)
      : entries.with(last, `${entries[last] ?? ''}\n${comment}`);
  return { ...blocks, entries: kept, gaps };
}

export function withEntry(blocks: Blocks, index: number, entry: string): Blocks {
  const usual = blocks.gaps.at(-1) ?? '\n';
  const gap = isBlank(usual) ? usual : '\n';
  const at = Math.min(index, blocks.entries.length);
  return {
    ...blocks,
    entries: blocks.entries.toSpliced(at, 0, entry),
    gaps: blocks.gaps.toSpliced(Math.max(0, at - 1), 0, gap),
  };
}

/** The text with these entries and gaps in place of those the collection had. */
export function withBlocks(text: string, { indent, wholeLines, ...blocks }: Blocks): string {
  const written = blocks.entries
    .map((entry, index) => {
      const placed = indented(entry, indent);
      if (index > 0) return (blocks.gaps[index - 1] ?? '\n') + placed;
      return wholeLines ? placed : placed.slice(indent);
    })
    .join('');
  return text.slice(0, blocks.from) + written + text.slice(blocks.to);
}

export function keyOf(pair: unknown): string | null {
  return isPair(pair) && isScalar(pair.key) ? String(pair.key.value) : null;
}

/** Place of a key in a map; -1 when it is not there. */
export function indexOfKey(map: YAMLMap, key: string): number {
  return map.items.findIndex((pair) => keyOf(pair) === key);
}
