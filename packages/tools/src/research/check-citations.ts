import type { SourceDocument } from '../intelligence/source-document.ts';
import { plainText } from '../intelligence/sentences.ts';
import type { Citation, CitedSentence } from './read-citations.ts';

export type CitationProblem = 'unresolved' | 'misquoted' | 'figure_missing' | 'uncited_claim';

export interface Problem {
  kind: CitationProblem;
  sentence: CitedSentence;
  message: string;
  /** What the source has at the cited place, or the text in question. */
  evidence: string;
}

/** Text without marks, case, quotation signs and punctuation, to compare quotations by. */
export function normalised(text: string): string {
  return plainText(text)
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[‘’´`]/g, "'")
    .replaceAll(/["“”„«»]/g, '')
    .replaceAll(/[–—‑]/g, '-')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/^[\s.,;:!?…]+|[\s.,;:!?…]+$/g, '');
}

function sameUrl(a: string, b: string): boolean {
  const plain = (text: string): string =>
    (URL.parse(text)?.href ?? text).replace(/#.*$/, '').replace(/\/$/, '');
  return plain(a) === plain(b);
}

/** The source that a citation names: by URL, path, or the end of a path when only one has it. */
export function findCited(
  origin: string,
  documents: readonly SourceDocument[],
): SourceDocument | undefined {
  if (/^https?:\/\//i.test(origin))
    return documents.find(
      ({ url, canonical }) =>
        (url !== null && sameUrl(url, origin)) ||
        (canonical !== null && sameUrl(canonical, origin)),
    );
  const path = origin.replace(/^\.\//, '');
  const exact = documents.find((document) => document.origin === path);
  if (exact !== undefined) return exact;
  const ending = documents.filter(
    (document) =>
      document.path !== null &&
      (document.path.endsWith(`/${path}`) || path.endsWith(`/${document.path}`)),
  );
  return ending.length === 1 ? ending[0] : undefined;
}

/** Text of the cited lines with some around it; of the whole source without lines. */
function citedText(source: SourceDocument, citation: Citation, around: number): string {
  if (citation.line === null) return source.lines.join(' ');
  return source.lines
    .slice(Math.max(0, citation.line - 1 - around), (citation.endLine ?? citation.line) + around)
    .join(' ');
}

function lineOf(source: SourceDocument, quote: string): number | null {
  const wanted = normalised(quote);
  for (let at = 0; at < source.lines.length; at += 1)
    if (normalised(source.lines.slice(at, at + 4).join(' ')).includes(wanted)) {
      const isHere = normalised(source.lines.slice(at + 1, at + 5).join(' ')).includes(wanted);
      if (!isHere) return at + 1;
    }
  return null;
}

/** Each part of a quotation between marks of omission must stand there, in order. */
function standsIn(quote: string, text: string): boolean {
  let from = 0;
  const where = normalised(text);
  return quote
    .split(/\s*(?:\[\s*(?:…|\.\.\.)\s*\]|…|\.\.\.)\s*/)
    .map(normalised)
    .filter((part) => part !== '')
    .every((part) => {
      const at = where.indexOf(part, from);
      from = at + part.length;
      return at !== -1;
    });
}

function figuresIn(text: string): string[] {
  return [
    ...text
      .replaceAll(/\b(?:step|chapter|section|figure|table)\s+\d+/gi, ' ')
      .matchAll(/(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w]*\.\w)/g),
  ]
    .map(([figure]) => figure.replaceAll(',', '').replace(/\.$/, ''))
    .filter((figure) => figure.length > 0);
}

function checkQuotes(sentence: CitedSentence, documents: readonly SourceDocument[]): Problem[] {
  return sentence.quotes.flatMap(({ text, citation }): Problem[] => {
    const source = findCited(citation.origin, documents);
    if (source === undefined || standsIn(text, citedText(source, citation, 1))) return [];
    const line = lineOf(source, text);
    const there = citedText(source, citation, 0).trim().slice(0, 300);
    return [
      {
        kind: 'misquoted',
        sentence,
        message:
          line === null
            ? `The quotation does not stand in ${citation.origin}.`
            : `The quotation stands in line ${line} of ${citation.origin}, not where it is cited.`,
        evidence: `"${text.slice(0, 300)}"; cited place: ${there === '' ? '(empty)' : there}`,
      },
    ];
  });
}

/** Figures of a sentence that restates its source must stand near the cited place. */
function checkFigures(sentence: CitedSentence, documents: readonly SourceDocument[]): Problem[] {
  if (sentence.quotes.length > 0) return [];
  const sources = sentence.citations.flatMap((citation) => {
    const source = findCited(citation.origin, documents);
    return source === undefined ? [] : [{ source, citation }];
  });
  if (sources.length === 0 || sources.length < sentence.citations.length) return [];
  const there = sources.map(({ source, citation }) => citedText(source, citation, 2)).join(' ');
  const known = new Set(figuresIn(there));
  const missing = figuresIn(sentence.text).filter((figure) => !known.has(figure));
  if (missing.length === 0) return [];
  return [
    {
      kind: 'figure_missing',
      sentence,
      message: `${missing.map((figure) => `"${figure}"`).join(', ')} ${missing.length === 1 ? 'does' : 'do'} not stand at the cited place.`,
      evidence: `${sentence.text.slice(0, 300)}; cited place: ${there.trim().slice(0, 300)}`,
    },
  ];
}

function checkResolves(sentence: CitedSentence, documents: readonly SourceDocument[]): Problem[] {
  return sentence.citations.flatMap((citation): Problem[] => {
    const source = findCited(citation.origin, documents);
    const problem = (message: string): Problem[] => [
      { kind: 'unresolved', sentence, message, evidence: citation.text.slice(0, 300) },
    ];
    if (source === undefined)
      return problem(
        citation.origin.startsWith('[')
          ? `The note ${citation.origin} is defined nowhere.`
          : `"${citation.origin}" is none of the sources, and cannot be read.`,
      );
    const last = source.lines.length;
    const end = citation.endLine ?? citation.line;
    if (
      citation.line !== null &&
      end !== null &&
      (citation.line < 1 || end > last || end < citation.line)
    )
      return problem(`${citation.origin} has no lines ${citation.line}–${end}; it has ${last}.`);
    return [];
  });
}

const NO_CLAIMS =
  /^(?:sources?|references?|bibliography|open questions?|method|methodology|notes?|what (?:is|was) not (?:known|examined)|next steps?|appendix.*)$/i;
const FACT =
  /\d|\b(?:according to|studies|research|study|survey|report(?:ed|s)?|proved|shown|percent|majority|doubled|tripled|increased|decreased|fastest|largest|only|first|never|always|all)\b/i;

/** A statement of fact without a source: it has figures or words of evidence, is no question and no wish. */
function checkCited({ ...sentence }: CitedSentence): Problem[] {
  const isFact =
    FACT.test(sentence.text) &&
    sentence.text.split(/\s+/).length >= 5 &&
    !sentence.text.endsWith('?') &&
    !/^(?:this (?:brief|report|document|section|text)|we (?:compare|looked|read|examined|recommend|suggest)|see|read|note)\b/i.test(
      sentence.text,
    ) &&
    !/\b(?:should|recommend|suggest|might|perhaps|unknown|unclear|open question)\b/i.test(
      sentence.text,
    );
  if (
    sentence.isRow ||
    sentence.citations.length > 0 ||
    !isFact ||
    NO_CLAIMS.test(sentence.heading ?? '')
  )
    return [];
  return [
    {
      kind: 'uncited_claim',
      sentence,
      message: 'The statement cites no source.',
      evidence: sentence.text.slice(0, 400),
    },
  ];
}

/** Everything that is wrong with the citations of a text, in its order. */
export function checkCitations(
  sentences: readonly CitedSentence[],
  documents: readonly SourceDocument[],
): Problem[] {
  return sentences.flatMap((sentence) => [
    ...checkResolves(sentence, documents),
    ...checkQuotes(sentence, documents),
    ...checkFigures(sentence, documents),
    ...checkCited(sentence),
  ]);
}
