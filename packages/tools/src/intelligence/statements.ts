import { findDates, dateText } from './find-dates.ts';
import type { Sentence } from './sentences.ts';
import { termsOf, wordsOf } from './terms.ts';

export const VALUE_KINDS = ['number', 'money', 'percent', 'date', 'version', 'claim'] as const;
export type ValueKind = (typeof VALUE_KINDS)[number];

/** Something that a sentence says about a subject. */
export interface Statement {
  kind: ValueKind;
  /** Value for people. */
  shown: string;
  /** For numbers, in base units; null for dates, versions and claims. */
  amount: number | null;
  /** Equal keys mean equal values, as far as `amount` does not decide. */
  key: string;
  /** What is counted, e.g. `employee`; empty for what has no unit. */
  unit: string;
  /** The source says "about", "more than" and the like. */
  rough: boolean;
  /** Stems of the sentence without its values. */
  context: ReadonlySet<string>;
  /** Names in it: capitalised words that do not begin the sentence, and those of the heading. */
  names: ReadonlySet<string>;
  /** Years and dates beside the value: statements about different times do not contradict each other. */
  times: ReadonlySet<string>;
  sentence: Sentence;
}

const SCALES: Readonly<Record<string, number>> = {
  k: 1e3,
  thousand: 1e3,
  m: 1e6,
  million: 1e6,
  bn: 1e9,
  billion: 1e9,
};
const NUMBER_WORDS = 'one two three four five six seven eight nine ten eleven twelve'.split(' ');
const VALUE =
  /(?<![\w.])(?<sign>[$€£])?\s?(?<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b)(?:\s?(?<scale>k|m|bn|thousand|million|billion)\b)?(?<percent>\s?%|\spercent\b|\sper\scent\b)?(?:\s(?<currency>USD|EUR|GBP|dollars|euros|pounds)\b)?(?:[\s-](?<unit>[a-z]{2,20}))?/gi;
const VERSION =
  /\b(?:version\s+|v)?(?<![\d.,])(\d{1,3}\.\d{1,4}\.\d{1,5}(?:-[\w.]+)?|(?<=(?:version\s+|\bv))\d{1,3}(?:\.\d{1,4})?)(?![\w%]|\.\d)/gi;
const ROUGH =
  /\b(?:about|around|approximately|roughly|nearly|almost|over|more than|less than|under|at least|up to|some|circa)\s*$/i;
const NEGATION =
  /\b(?:not|no|never|none|cannot|can't|doesn't|don't|didn't|isn't|wasn't|aren't|weren't|won't|without|denied|denies|lacks?|unsupported|no longer)\b/i;
const NO_UNITS =
  /^(?:in|of|and|or|to|at|on|by|for|from|with|is|was|were|are|the|a|an|per|as|but|than|that|which|who|when|while|after|before|since|more|less|other|new)$/;

function toAmount(text: string): number {
  const word = NUMBER_WORDS.indexOf(text.toLowerCase());
  return word === -1 ? Number(text.replaceAll(',', '')) : word + 1;
}

interface Parts extends Pick<Statement, 'kind' | 'shown' | 'amount' | 'key' | 'unit' | 'rough'> {
  at: number;
  length: number;
}

function blank(text: string, at: number, length: number): string {
  return text.slice(0, at) + ' '.repeat(length) + text.slice(at + length);
}

function datesIn(text: string): Parts[] {
  return findDates(text)
    .filter(
      ({ startMs, ambiguous, precision }) =>
        !Number.isNaN(startMs) && !ambiguous && precision !== 'year',
    )
    .map((date) => {
      const key = dateText(date);
      return {
        kind: 'date',
        shown: date.text,
        amount: null,
        key,
        unit: '',
        rough: false,
        at: date.at,
        length: date.text.length,
      };
    });
}

function versionsIn(text: string): Parts[] {
  return [...text.matchAll(VERSION)].map((match) => ({
    kind: 'version',
    shown: match[1] ?? '',
    amount: null,
    key: (match[1] ?? '').toLowerCase(),
    unit: '',
    rough: false,
    at: match.index,
    length: match[0].length,
  }));
}

function amountsIn(text: string): Parts[] {
  return [...text.matchAll(VALUE)].flatMap((match): Parts[] => {
    const groups = match.groups ?? {};
    const amount =
      toAmount(groups['number'] ?? '') * (SCALES[(groups['scale'] ?? '').toLowerCase()] ?? 1);
    const isYear = /^(?:19|20)\d{2}$/.test(groups['number'] ?? '') && groups['scale'] === undefined;
    const money = groups['sign'] ?? groups['currency'];
    const unit = (groups['unit'] ?? '').toLowerCase();
    const counted = NO_UNITS.test(unit) ? '' : (termsOf(unit)[0] ?? '');
    const kind =
      money !== undefined ? 'money' : groups['percent'] !== undefined ? 'percent' : 'number';
    // A bare number says nothing without what it counts.
    if (isYear || !Number.isFinite(amount) || (kind === 'number' && counted === '')) return [];
    return [
      {
        kind,
        shown: match[0].trim(),
        amount,
        key: String(amount),
        unit: kind === 'money' ? '' : kind === 'percent' ? '' : counted,
        rough: ROUGH.test(text.slice(0, match.index).trimEnd()),
        at: match.index,
        length: match[0].length,
      },
    ];
  });
}

/** Capitalised words of the sentence; where it has none ("It has 120 employees"), those of the heading above it. */
function namesOf(text: string, heading: string | null): Set<string> {
  const inner = [...text.matchAll(/(?<=[\s("“])[A-Z][\w-]*/g)].map(([word]) => word);
  const first = /^[A-Z][\w-]*/.exec(text)?.[0];
  const own = [...(first === undefined ? [] : [first]), ...inner].flatMap(termsOf);
  const above = [...(heading ?? '').matchAll(/\b[A-Z][\w-]*/g)].flatMap(([word]) => termsOf(word));
  return new Set(own.length > 0 ? own : above);
}

/** What a sentence states: each value with its context, and the sentence itself as a claim. */
export function statementsOf(sentence: Sentence): Statement[] {
  // Addresses hold words and numbers that say nothing about the subject.
  const text = sentence.text.replaceAll(/\bhttps?:\/\/\S+/g, ' ');
  let rest = text;
  const parts: Parts[] = [];
  for (const find of [datesIn, versionsIn, amountsIn]) {
    for (const part of find(rest)) {
      parts.push(part);
      rest = blank(rest, part.at, part.length);
    }
  }
  const years = [...rest.matchAll(/\b(?:19|20)\d{2}\b/g)].map(([year]) => year);
  const dates = parts.filter(({ kind }) => kind === 'date').map(({ key }) => key);
  const units = parts.map(({ unit }) => unit).filter((unit) => unit !== '');
  const context = new Set([...termsOf(rest.replaceAll(/\b(?:19|20)\d{2}\b/g, ' ')), ...units]);
  const names = namesOf(rest, sentence.heading);
  const values = parts.map((part) => ({
    ...part,
    context,
    names,
    times: new Set([
      ...years,
      ...dates.filter((date) => part.kind !== 'date' || date !== part.key),
    ]),
    sentence,
  }));
  if (parts.length > 0 || wordsOf(text).length < 5) return values;
  const denied = NEGATION.test(text);
  const claim: Statement = {
    kind: 'claim',
    shown: denied ? 'denied' : 'stated',
    amount: null,
    key: denied ? 'denied' : 'stated',
    unit: '',
    rough: false,
    context: new Set(
      termsOf(
        text
          .replaceAll(new RegExp(NEGATION, 'gi'), ' ')
          .replaceAll(/\b(?:does|do|did|longer)\b/gi, ' '),
      ),
    ),
    names,
    times: new Set(years),
    sentence,
  };
  return [claim];
}

const TOLERANCE = 0.005;
const TOLERANCE_ROUGH = 0.1;

/** Whether two statements about one subject say the same. */
export function agree(a: Statement, b: Statement): boolean {
  if (a.amount === null || b.amount === null) {
    // A month does not contradict a day in it.
    if (a.kind === 'date') return a.key.startsWith(b.key) || b.key.startsWith(a.key);
    if (a.kind === 'version')
      return a.key === b.key || a.key.startsWith(`${b.key}.`) || b.key.startsWith(`${a.key}.`);
    return a.key === b.key;
  }
  const room = a.rough || b.rough ? TOLERANCE_ROUGH : TOLERANCE;
  return Math.abs(a.amount - b.amount) <= room * Math.max(Math.abs(a.amount), Math.abs(b.amount));
}

function differBothWays(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return [...a].some((one) => !b.has(one)) && [...b].some((one) => !a.has(one));
}

function overlap(
  a: ReadonlySet<string>,
  b: ReadonlySet<string>,
): { common: number; share: number } {
  const common = [...a].filter((term) => b.has(term)).length;
  return { common, share: common / Math.max(1, Math.min(a.size, b.size)) };
}

/** Whether two statements are about the same subject: same kind of value, same names, mostly the same words, no different time. */
export function sameSubject(a: Statement, b: Statement): boolean {
  if (a.kind !== b.kind || a.unit !== b.unit) return false;
  if (differBothWays(a.times, b.times) || differBothWays(a.names, b.names)) return false;
  const { common, share } = overlap(a.context, b.context);
  const names = overlap(a.names, b.names).common;
  if (a.kind === 'claim') return share >= 0.8 && common >= 3 && names > 0;
  return (names > 0 && common >= 2 && share >= 0.5) || (common >= 3 && share >= 0.7);
}
