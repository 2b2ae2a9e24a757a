import { rawSentencesOf, plainText } from '../intelligence/sentences.ts';

/** A place that a text names as its source. */
export interface Citation {
  /** As written. */
  text: string;
  origin: string;
  line: number | null;
  endLine: number | null;
}

/** A sentence of the text with what it cites. */
export interface CitedSentence {
  /** Without marks and citations. */
  text: string;
  line: number;
  endLine: number;
  heading: string | null;
  citations: Citation[];
  /** Words in quotation marks that stand before a citation, long enough to look up. */
  quotes: { text: string; citation: Citation }[];
  isRow: boolean;
}

const BRACKETED =
  /[[(]((?:https?:\/\/[^\s\])<>"]+|[\w@./-][\w@. /-]{0,300}?\.[A-Za-z]\w{0,9}))(?:#L(\d{1,7})(?:-L?(\d{1,7}))?|:(\d{1,7})(?:[-–](\d{1,7}))?)?[\])]/g;
const LINKED = /\[([^\]\n]{1,500})\]\(([^()\s]{1,2000})\)/g;
const NOTE = /\[\^?([\w-]{1,20})\](?!\()/g;
const DEFINITION = /^\s*\[\^?([\w-]{1,20})\]:?\s+(.+)$/;
const QUOTE = /“([^“”]{8,1200})”|"([^"]{8,1200})"/g;
const WORDS_MIN = 3;

function toNumber(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}

/** `path:3-5`, `path#L3`, a URL with `#L3`, or only one of both. */
export function parseOrigin(text: string): Omit<Citation, 'text'> {
  const match =
    /^(.*?)(?:#L(\d{1,7})(?:-L?(\d{1,7}))?|(?<!^https?):(\d{1,7})(?:[-–](\d{1,7}))?)?$/.exec(
      text.trim(),
    );
  const url = /^https?:\/\/[^/]+$/.test(text.trim());
  if (match === null || url) return { origin: text.trim(), line: null, endLine: null };
  const line = toNumber(match[2] ?? match[4]);
  return { origin: match[1] ?? text, line, endLine: toNumber(match[3] ?? match[5]) ?? line };
}

/** Notes at the end of a text: `[^1]: report.md:12`. */
function definitionsOf(lines: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of lines) {
    const match = DEFINITION.exec(line);
    const place = /https?:\/\/[^\s<>")\]]+|[\w@./-]+\.[A-Za-z]\w{0,9}(?:[:#][L\d–-]+)?/.exec(
      match?.[2] ?? '',
    )?.[0];
    if (match?.[1] !== undefined && place !== undefined)
      found.set(match[1], place.replace(/[.,;]$/, ''));
  }
  return found;
}

interface Placed extends Citation {
  at: number;
}

function citationsIn(raw: string, notes: ReadonlyMap<string, string>): Placed[] {
  const found: Placed[] = [];
  const add = (at: number, text: string, place: string): void => {
    if (!found.some((one) => at >= one.at && at < one.at + one.text.length))
      found.push({ at, text, ...parseOrigin(place) });
  };
  for (const match of raw.matchAll(LINKED)) {
    const target = match[2] ?? '';
    if (!/^(?:#|mailto:)/.test(target)) add(match.index, match[0], target);
  }
  for (const match of raw.matchAll(BRACKETED)) add(match.index, match[0], match[0].slice(1, -1));
  for (const match of raw.matchAll(NOTE)) {
    const place = notes.get(match[1] ?? '');
    // A note without a definition is a citation that leads nowhere.
    if (place !== undefined) add(match.index, match[0], place);
    else if (match[0].startsWith('[^') || /^\d{1,3}$/.test(match[1] ?? ''))
      add(match.index, match[0], match[0]);
  }
  return found.toSorted((a, b) => a.at - b.at);
}

function quotesIn(raw: string, citations: readonly Placed[]): CitedSentence['quotes'] {
  return [...raw.matchAll(QUOTE)].flatMap((match) => {
    const text = match[1] ?? match[2] ?? '';
    const citation = citations.find(({ at }) => at >= match.index + match[0].length);
    return citation === undefined || text.split(/\s+/).length < WORDS_MIN
      ? []
      : [{ text, citation }];
  });
}

/** Sentences of a text with their citations; notes and their definitions are joined, the definitions themselves left out. */
export function readCitations(text: string): CitedSentence[] {
  const lines = text.split(/\r?\n/);
  const notes = definitionsOf(lines);
  const body = lines.map((line) =>
    DEFINITION.test(line) && notes.has(DEFINITION.exec(line)?.[1] ?? '') ? '' : line,
  );
  return rawSentencesOf(body).map(({ raw, line, endLine, heading }) => {
    const citations = citationsIn(raw, notes);
    const bare = citations.reduce((rest, one) => {
      const words = /^\[([^\]]+)\]\(/.exec(one.text)?.[1] ?? '';
      return rest.replace(one.text, ` ${words} `);
    }, raw);
    return {
      text: plainText(bare),
      line,
      endLine,
      heading,
      citations,
      quotes: quotesIn(raw, citations),
      isRow: raw.startsWith('|'),
    };
  });
}
