import type { JsonValue } from '@automatos/kernel';
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
  const whole = content.text ?? '';
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
  const parser = createParser();
  for (const line of text.split(/\r?\n/)) parser.line(line);
  const { blocks, tables, openFence } = parser.end();
  const unread = whole.length - text.length;
  return { blocks, tables, openFence, characters: whole.length, unread };
}

function createParser() {
  const blocks: Block[] = [];
  const tables: Table[] = [];
  let section = 0;
  let paragraph: string[] = [];
  let item: string[] | null = null;
  let fence: { mark: string; language: string; lines: string[] } | null = null;
  let table: Table | null = null;

  const flush = () => {
    if (paragraph.length > 0) blocks.push(block('paragraph', paragraph.join(' '), section));
    if (item !== null) blocks.push(block('item', item.join(' '), section));
    paragraph = [];
    item = null;
  };
  const closeFence = () => {
    if (fence === null) return;
    const made = block('code', fence.lines.join('\n'), section);
    blocks.push({ ...made, language: fence.language });
    fence = null;
  };
  const row = (line: string) => {
    flush();
    const cells = cellsOf(line);
    if (table === null) {
      table = { columns: cells.length, ragged: 0, rows: 0, delimited: false };
      tables.push(table);
    } else if (cells.every((cell) => /^:?-+:?$/.test(cell))) {
      table.delimited = true;
      if (cells.length !== table.columns) table.ragged += 1;
      return;
    } else {
      table.rows += 1;
      if (cells.length !== table.columns) table.ragged += 1;
    }
    blocks.push(block('row', line.trim(), section));
  };
  const inFence = (line: string): boolean => {
    if (fence === null) return false;
    if (line.trim().startsWith(fence.mark) && /^[`~]+$/.test(line.trim())) closeFence();
    else fence.lines.push(line);
    return true;
  };
  const textLine = (line: string) => {
    const entry = /^\s*(?:[-*+]|\d{1,4}[.)])\s+(.*)$/.exec(line);
    if (entry !== null) {
      flush();
      item = [entry[1] ?? ''];
    } else if (item !== null) item.push(line.trim());
    else paragraph.push(line.replace(/^\s*>\s?/, '').trim());
  };
  const line = (text: string) => {
    if (inFence(text)) return;
    const opened = /^\s*(`{3,}|~{3,})\s*([\w+#.-]*)/.exec(text);
    const heading = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/.exec(text);
    if (!text.trim().startsWith('|')) table = null;
    if (opened !== null) {
      flush();
      fence = { mark: opened[1] ?? '```', language: opened[2] ?? '', lines: [] };
    } else if (heading !== null) {
      flush();
      section += 1;
      const made = block('heading', heading[2] ?? '', section);
      blocks.push({ ...made, level: heading[1]?.length ?? 1 });
    } else if (text.trim().startsWith('|')) row(text);
    else if (text.trim() === '' || /^\s*(?:-{3,}|\*{3,}|_{3,})\s*$/.test(text)) flush();
    else textLine(text);
  };
  const end = () => {
    flush();
    const openFence = fence !== null;
    closeFence();
    return { blocks, tables, openFence };
  };
  return { line, end };
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

/** Text of an HTML document with headings, list items, rows and code as Markdown, for measuring only. */
function htmlToMarkdown(html: string): string {
  const cell = (text: string) => text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').trim();
  return html
    .replaceAll(/<(script|style|head|template)\b[\s\S]*?<\/\1\s*>|<!--[\s\S]*?-->/gi, '')
    .replaceAll(
      /<pre\b[^>]*>\s*(?:<code\b[^>]*>)?([\s\S]*?)(?:<\/code>)?\s*<\/pre>/gi,
      '\n```\n$1\n```\n',
    )
    .replaceAll(/<code\b[^>]*>([\s\S]*?)<\/code>/gi, '`$1`')
    .replaceAll(/<tr\b[^>]*>([\s\S]*?)<\/tr>/gi, (_row, inner: string) => tableRow(inner, cell))
    .replaceAll(
      /<h([1-6])\b[^>]*>([\s\S]*?)<\/h\1>/gi,
      (_all, level: string, inner: string) =>
        `\n\n${'#'.repeat(Number(level))} ${cell(inner.replaceAll(/<[^>]+>/g, ''))}\n\n`,
    )
    .replaceAll(/<li\b[^>]*>/gi, '\n- ')
    .replaceAll(/<\/?(?:p|div|section|ul|ol|table|thead|tbody|blockquote|br|hr)\b[^>]*>/gi, '\n\n')
    .replaceAll(/<[^>]+>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll(/&#0*39;|&apos;/g, "'")
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&amp;', '&');
}

function tableRow(inner: string, cell: (text: string) => string): string {
  const cells = [...inner.matchAll(/<t[hd]\b[^>]*>([\s\S]*?)<\/t[hd]>/gi)].map((match) =>
    cell((match[1] ?? '').replaceAll(/<[^>]+>/g, '')),
  );
  const head = /<th\b/i.test(inner);
  const line = `| ${cells.join(' | ')} |`;
  return head ? `\n${line}\n|${' --- |'.repeat(cells.length)}` : `\n${line}`;
}

/** Texts of a JSON value, in order. */
export function textsIn(value: JsonValue, depth = 0): string[] {
  if (typeof value === 'string') return value.trim() === '' ? [] : [value];
  if (value === null || typeof value !== 'object' || depth > 20) return [];
  const inner = Array.isArray(value) ? value : Object.values(value);
  return inner.flatMap((item) => textsIn(item, depth + 1));
}
