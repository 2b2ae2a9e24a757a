import type { JsonValue } from '@automatos/kernel';
import { htmlToMarkdown } from './html-to-markdown.ts';
import type { QualityContent } from './types.ts';

/** Characters that are looked at; of a longer text the rest is not scored, and the report says so. */
export const CHARACTERS_MAX = 400_000;
const BLOCK_CHARACTERS_MAX = 20_000;

export interface Block {
  kind: 'heading' | 'paragraph' | 'item' | 'row' | 'code' | 'value';
  /** As written, without the mark of its kind. */
  raw: string;
  /** Without marks of emphasis, links and code spans; what they hold stays. */
  plain: string;
  /** Like `plain`, but what stands in code spans is left out. */
  prose: string;
  /** Of a heading 1–6, else 0. */
  level: number;
  /** Number of the section that it stands in: 0 before the first heading. */
  section: number;
  /** Language of a code block, as it is named. */
  language: string;
}

export interface Table {
  columns: number;
  /** Rows with another number of cells than the head. */
  ragged: number;
  rows: number;
  /** Whether the line between head and rows is there. */
  delimited: boolean;
}

export interface Parts {
  blocks: Block[];
  tables: Table[];
  /** A code block that never ends. */
  openFence: boolean;
  characters: number;
  /** Characters beyond {@link CHARACTERS_MAX}. */
  unread: number;
}

/** Takes a result apart; a structured result without text gives its texts as blocks of kind `value`. */
export function partsOf(content: Pick<QualityContent, 'text' | 'format' | 'object'>): Parts {
  // Pictures inside of a text are no text, however long they are.
  const whole = (content.text ?? '').replaceAll(/\(data:[^)\s]*\)/g, '(data:)');
  const text = content.format === 'html' ? htmlToMarkdown(whole.slice(0, CHARACTERS_MAX)) : whole;
  if (text.trim() === '') {
    const values = textsIn(content.object).map((raw) => block('value', raw, 0));
    const characters = values.reduce((sum, { raw }) => sum + raw.length, 0);
    return { blocks: values, tables: [], openFence: false, characters, unread: 0 };
  }
  return parseMarkdown(text);
}

function parseMarkdown(whole: string): Parts {
  const text = whole.slice(0, CHARACTERS_MAX);
  const parser = new MarkdownParser();
  for (const line of text.split(/\r?\n/)) parser.line(line);
  const openFence = parser.end();
  const { blocks, tables } = parser;
  return {
    blocks,
    tables,
    openFence,
    characters: whole.length,
    unread: whole.length - text.length,
  };
}

/** Reads Markdown line by line; each block ends where the next one begins. */
class MarkdownParser {
  readonly blocks: Block[] = [];
  readonly tables: Table[] = [];
  #section = 0;
  #paragraph: string[] = [];
  #item: string[] | null = null;
  #fence: { mark: string; language: string; lines: string[] } | null = null;
  #table: Table | null = null;

  line(text: string): void {
    if (this.#inFence(text)) return;
    const isRow = text.trim().startsWith('|');
    if (!isRow) this.#table = null;
    const opened = /^\s*(`{3,}|~{3,})\s*([\w+#.-]*)/.exec(text);
    const heading = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/.exec(text);
    if (opened !== null) {
      this.#flush();
      this.#fence = { mark: opened[1] ?? '', language: opened[2] ?? '', lines: [] };
    } else if (heading !== null) {
      this.#flush();
      this.#section += 1;
      const made = block('heading', heading[2] ?? '', this.#section);
      this.blocks.push({ ...made, level: heading[1]?.length ?? 1 });
    } else if (isRow) this.#row(text);
    else if (text.trim() === '' || /^\s*(?:-{3,}|\*{3,}|_{3,})\s*$/.test(text)) this.#flush();
    else this.#text(text);
  }

  /** Whether a code block was still open. */
  end(): boolean {
    this.#flush();
    const open = this.#fence !== null;
    this.#closeFence();
    return open;
  }

  #flush(): void {
    if (this.#paragraph.length > 0) this.#add('paragraph', this.#paragraph.join(' '));
    if (this.#item !== null) this.#add('item', this.#item.join(' '));
    this.#paragraph = [];
    this.#item = null;
  }

  #add(kind: Block['kind'], raw: string): void {
    this.blocks.push(block(kind, raw, this.#section));
  }

  #inFence(line: string): boolean {
    if (this.#fence === null) return false;
    const ends = line.trim().startsWith(this.#fence.mark) && /^[`~]+$/.test(line.trim());
    if (ends) this.#closeFence();
    else this.#fence.lines.push(line);
    return true;
  }

  #closeFence(): void {
    if (this.#fence === null) return;
    const { lines, language } = this.#fence;
    this.blocks.push({ ...block('code', lines.join('\n'), this.#section), language });
    this.#fence = null;
  }

  #row(line: string): void {
    this.#flush();
    const cells = cellsOf(line);
    if (this.#table === null) {
      this.#table = { columns: cells.length, ragged: 0, rows: 0, delimited: false };
      this.tables.push(this.#table);
      this.#add('row', line.trim());
      return;
    }
    if (cells.length !== this.#table.columns) this.#table.ragged += 1;
    if (cells.every((cell) => /^:?-+:?$/.test(cell))) {
      this.#table.delimited = true;
      return;
    }
    this.#table.rows += 1;
    this.#add('row', line.trim());
  }

  #text(line: string): void {
    const entry = /^\s*(?:[-*+]|\d{1,4}[.)])\s+(.*)$/.exec(line);
    if (entry !== null) {
      this.#flush();
      this.#item = [entry[1] ?? ''];
    } else if (this.#item !== null) this.#item.push(line.trim());
    else this.#paragraph.push(line.replace(/^\s*>\s?/, '').trim());
  }
}

/** Cells of a table row; a bar inside a code span or after a backslash is none. */
export function cellsOf(line: string): string[] {
  const hidden = line.trim().replaceAll(/\\\|/g, '\u0000');
  const spans = hidden.replaceAll(/(`+)(?:(?!\1).)*\1/g, (span) => span.replaceAll('|', '\u0000'));
  const inner = spans.replace(/^\|/, '').replace(/\|$/, '');
  return inner.split('|').map((cell) => cell.replaceAll('\u0000', '|').trim());
}

function block(kind: Block['kind'], whole: string, section: number): Block {
  const code = kind === 'code';
  // Marks are looked for in pairs, which takes long in a block without end.
  const raw = code ? whole : whole.slice(0, BLOCK_CHARACTERS_MAX);
  const prose = code ? '' : unmark(raw.replaceAll(/(`+)(?:(?!\1).)*\1/g, ' '));
  const plain = code ? raw : unmark(raw.replaceAll('`', ''));
  return { kind, raw, plain, prose, level: 0, section, language: '' };
}

function unmark(text: string): string {
  return text
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/(\*\*|__)(.+?)\1/g, '$2')
    .replaceAll(/(^|[\s(])[*_](\S(?:.*?\S)?)[*_](?=$|[\s).,;:!?])/g, '$1$2')
    .trim();
}

/** Texts of a JSON value, in order. */
export function textsIn(value: JsonValue, depth = 0): string[] {
  if (typeof value === 'string') return value.trim() === '' ? [] : [value];
  if (value === null || typeof value !== 'object' || depth > 20) return [];
  const inner = Array.isArray(value) ? value : Object.values(value);
  return inner.flatMap((item) => textsIn(item, depth + 1));
}
