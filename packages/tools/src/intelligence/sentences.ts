import type { SourceDocument, Span } from './source-document.ts';

/** A sentence with the lines it stands on and the heading above it. */
export interface Sentence {
  text: string;
  line: number;
  endLine: number;
  heading: string | null;
  source: SourceDocument;
}

const QUOTE_CHARS_MAX = 600;
/** Lines in which documents say who wrote them and when. */
const HEAD_LINES = 30;
const FIELD = /^(?:title|author|by|date|published|updated|from|to|cc|subject|sent):\s/i;
const ABBREVIATION =
  /(?:^|[\s(])(?:Dr|Mr|Mrs|Ms|Prof|Inc|Ltd|Co|Corp|St|vs|approx|ca|No|Fig|e\.g|i\.e|[A-Z])\.\s*$/;
const segmenter = () => new Intl.Segmenter('en', { granularity: 'sentence' });

/** Text without Markdown marks, blanks joined: what a reader sees. */
export function plainText(text: string): string {
  return text
    .replaceAll(/!?\[([^\]\n]{0,500})\]\([^()\s]{0,2000}(?:\s+"[^"\n]{0,200}")?\)/g, '$1')
    .replaceAll(/\\([\\`*_{}[\]()#+\-.!>~|])/g, '$1')
    .replaceAll(/(?<!\w)[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?!\w)|`|~~/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

interface Block {
  parts: { text: string; line: number }[];
  heading: string | null;
}

/** Paragraphs, list items and rows; code and headings are left out, the latter kept as the heading of what follows. */
export function blocksOf(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  let heading: string | null = null;
  let open: Block | undefined;
  let fence: string | undefined;
  const start = (text: string, line: number): void => {
    open = { parts: [{ text, line }], heading };
    blocks.push(open);
  };
  for (const [index, raw] of lines.entries()) {
    const text = raw.trim();
    const mark = /^(?:```+|~~~+)/.exec(text)?.[0].slice(0, 3);
    if (mark !== undefined && (fence === undefined || fence === mark)) {
      fence = fence === undefined ? mark : undefined;
      open = undefined;
    } else if (fence !== undefined || text === '' || /^(?:[-=*_]{3,}|[|:\s-]+)$/.test(text)) {
      open = undefined;
    } else if (/^#{1,6}\s/.test(text)) {
      heading = plainText(text.replace(/^#+\s+|\s+#+$/g, ''));
      open = undefined;
    } else if (/^(?:[-*+•]|\d{1,3}[.)])\s+/.test(text))
      start(text.replace(/^(?:[-*+•]|\d{1,3}[.)])\s+/, ''), index + 1);
    else if (/^\|.*\|$/.test(text) || (index < HEAD_LINES && FIELD.test(text))) {
      start(text, index + 1);
      open = undefined;
    } else if (open === undefined) start(text.replace(/^>+\s*/, ''), index + 1);
    else open.parts.push({ text: text.replace(/^>+\s*/, ''), line: index + 1 });
  }
  return blocks;
}

/** True while a quotation mark is still open, so that a quotation of several sentences stays whole. */
function isOpen(text: string): boolean {
  return text.split('"').length % 2 === 0 || text.lastIndexOf('“') > text.lastIndexOf('”');
}

/** Citations behind the full stop of a sentence: `[a.md:3]`, `(a.md:3)`, `[a](b)`. */
const TRAILING =
  /^(?:(?:\[[^\]\n]{1,500}\](?:\([^()\s]{1,2000}\))?|\([^\s()]+:\d[\d–-]*\))[\s,;.]*)+/;

/** The rules of the language do not end a sentence before `[petrel.md:3]`, so an end with a citation behind it is looked for here. */
const CITED_END =
  /[.!?][”"»)]?\s+(?:\[[^\]\n]{1,500}\](?:\([^()\s]{1,2000}\))?[\s,;]*)+(?=[A-Z“"])/g;

function* segmentsOf(text: string): Generator<{ segment: string; index: number }> {
  for (const { segment, index } of segmenter().segment(text)) {
    let from = 0;
    for (const match of segment.matchAll(CITED_END)) {
      const to = match.index + match[0].length;
      yield { segment: segment.slice(from, to), index: index + from };
      from = to;
    }
    yield { segment: segment.slice(from), index: index + from };
  }
}

function cutSentences(text: string): { text: string; start: number }[] {
  const found: { text: string; start: number }[] = [];
  for (const { segment, index } of segmentsOf(text)) {
    const last = found.at(-1);
    const trailing = last === undefined ? '' : (TRAILING.exec(segment)?.[0] ?? '');
    const goesOn =
      last !== undefined &&
      (ABBREVIATION.test(last.text) ||
        /^[a-z]/.test(segment) ||
        (last.text.length < 2000 && isOpen(last.text)));
    if (goesOn) last.text += segment;
    else {
      // A citation behind the full stop belongs to what it is behind.
      if (last !== undefined) last.text += trailing;
      const rest = segment.slice(trailing.length);
      if (rest.trim() !== '') found.push({ text: rest, start: index + trailing.length });
    }
  }
  return found;
}

/** A sentence as it is written, marks and links included. */
export interface RawSentence {
  raw: string;
  line: number;
  endLine: number;
  heading: string | null;
}

/** Sentences of a text with its Markdown marks. */
export function rawSentencesOf(lines: readonly string[]): RawSentence[] {
  return blocksOf(lines).flatMap(({ parts, heading }) => {
    let joined = '';
    const starts = parts.map(({ text, line }) => {
      const at = joined.length;
      joined += `${text} `;
      return { at, line };
    });
    const lineAt = (offset: number): number =>
      starts.findLast(({ at }) => at <= offset)?.line ?? starts[0]?.line ?? 1;
    return cutSentences(joined).map(({ text, start }) => {
      const end = start + text.trimEnd().length - 1;
      return { raw: text.trim(), line: lineAt(start), endLine: lineAt(end), heading };
    });
  });
}

/** All sentences of a source in order. */
export function sentencesOf(source: SourceDocument): Sentence[] {
  return rawSentencesOf(source.lines).flatMap(({ raw, ...place }) => {
    const text = plainText(raw);
    return text.length < 3 ? [] : [{ text, ...place, source }];
  });
}

/** The sentence as a span that can be looked up again. */
export function spanOf({ text, line, endLine, source }: Sentence): Span {
  return {
    source: source.id,
    origin: source.origin,
    line,
    end_line: endLine,
    quote: text.slice(0, QUOTE_CHARS_MAX),
  };
}
