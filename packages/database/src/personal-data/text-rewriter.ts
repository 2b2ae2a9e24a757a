import type { PersonalSubject, TextRewriter } from './types.ts';

/** Stands where a person was taken out of a text. */
export const ERASED = '[erased]';
/** Stands where an address was a whole value, so that what reads addresses still can. */
export const ERASED_EMAIL = 'erased@erased.invalid';
/** Stands where the id of a person was. */
export const ERASED_ID = 'erased';

/** Names of JSON members whose value is the name of a person, for names of one word. */
const NAME_MEMBER =
  /(?:^|[_-])(?:name|author|by|user|person|people|contact|customer|sender|recipient)$/i;

/** Letters before and after a place where a person occurs. */
const AROUND = 80;
const PLACES_MAX = 5;

interface Replacement {
  pattern: RegExp;
  by: string;
}

/**
 * Takes a person out of words. Addresses and the user id go wherever they stand as a whole, in any case and also as part of a URL.
 * A name of two words or more goes from every text; a name of one word only where it is all of a value that is a name, because
 * as a word of a sentence it may mean anything.
 */
export function createEraser(subject: PersonalSubject): TextRewriter {
  const emails = subject.emails.flatMap(spellings).flatMap((email) => {
    const encoded = encodeURIComponent(email);
    return encoded === email ? [email] : [email, encoded];
  });
  const names = subject.names.flatMap(spellings).filter((name) => name.trim() !== '');
  const long = names.filter((name) => wordsOf(name).length > 1);
  const ids = [subject.userId];
  const replacements: Replacement[] = [
    ...emails.map((email) => ({ pattern: emailPattern(email), by: ERASED })),
    ...ids.map((id) => ({ pattern: idPattern(id), by: ERASED_ID })),
    ...long.map((name) => ({ pattern: namePattern(name), by: ERASED })),
  ];
  const whole = new Map<string, string>([
    ...emails.map((email) => [fold(email), ERASED_EMAIL] as const),
    ...ids.map((id) => [fold(id), ERASED_ID] as const),
  ]);
  const wholeNames = new Map<string, string>(
    names.flatMap((name) => [
      [fold(name), ERASED] as const,
      // As the product names what it makes for a person.
      [fold(`${name}'s workspace`), `${ERASED}'s workspace`] as const,
    ]),
  );
  return createRewriter({
    marks: true,
    needles: [...emails, ...ids, ...names].flatMap(needlesOf),
    replacements,
    whole,
    wholeNames,
  });
}

/** Replaces words that are wrong by those that are right, wherever they stand as whole words. */
export function createCorrector(texts: readonly { wrong: string; right: string }[]): TextRewriter {
  return createRewriter({
    marks: false,
    needles: texts.flatMap(({ wrong }) => needlesOf(wrong)),
    replacements: texts.map(({ wrong, right }) => ({ pattern: namePattern(wrong), by: right })),
    whole: new Map(),
    wholeNames: new Map(),
  });
}

function createRewriter(rules: {
  marks: boolean;
  needles: string[];
  replacements: Replacement[];
  whole: ReadonlyMap<string, string>;
  wholeNames: ReadonlyMap<string, string>;
}): TextRewriter {
  const { replacements, whole, wholeNames } = rules;
  const needles = [...new Set(rules.needles)];

  function text(value: string): string {
    const inside = parseJson(value);
    if (inside !== undefined) {
      const changed = JSON.stringify(json(inside));
      return changed === JSON.stringify(inside) ? value : changed;
    }
    let result = value;
    for (const { pattern, by } of replacements) result = result.replace(pattern, () => by);
    return result;
  }
  function oneValue(value: string, isName: boolean): string {
    const folded = fold(value);
    return whole.get(folded) ?? (isName ? wholeNames.get(folded) : undefined) ?? text(value);
  }
  function json(value: unknown, member = ''): unknown {
    if (typeof value === 'string') return oneValue(value, NAME_MEMBER.test(member));
    if (Array.isArray(value)) return value.map((each) => json(each, member));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [text(name), json(inner, name)]),
    );
  }
  return {
    needles,
    marks: rules.marks,
    text,
    value: oneValue,
    json: (value) => json(value),
    occurrences: (value) =>
      placesIn(value, (words) => {
        if (text(words) === words)
          return whole.has(fold(words)) || wholeNames.has(fold(words)) ? [words] : [];
        return replacements.flatMap(({ pattern }) =>
          [...words.matchAll(pattern)].map(({ index, 0: { length } }) =>
            words.slice(Math.max(0, index - AROUND), index + length + AROUND),
          ),
        );
      }).slice(0, PLACES_MAX),
    bytes(value) {
      const decoded = decode(value);
      return decoded === null ? null : Buffer.from(text(decoded), 'utf8');
    },
  };
}

function decode(value: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(value);
    return text.includes('\u0000') ? null : text;
  } catch {
    return null; // not UTF-8: no text
  }
}

/** Composed and decomposed letters are the same to people. */
function spellings(text: string): string[] {
  return [...new Set([text.normalize('NFC'), text.normalize('NFD')])];
}

/** Every text inside of a value. */
function placesIn(value: unknown, look: (words: string) => string[]): string[] {
  if (typeof value === 'string') {
    const inside = parseJson(value);
    return inside === undefined ? look(value) : placesIn(inside, look);
  }
  if (value instanceof Uint8Array) return look(decode(value) ?? '');
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    ...look(name),
    ...placesIn(inner, look),
  ]);
}

const fold = (text: string) => text.normalize('NFC').trim().toLowerCase();
const wordsOf = (text: string) => text.trim().split(/\s+/u);
const escape = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
/** In JSON inside of text quotes stand behind backslashes. */
const escapeJson = (text: string) => escape(text).replaceAll('"', String.raw`\\*"`);
/** An escape of JSON or of a URL ends in a letter or digit that belongs to no word. */
const AFTER_ESCAPE = String.raw`(?<=\\[nrtbf]|%[0-9a-f]{2})`;

/** Not inside of a longer address. */
function emailPattern(email: string): RegExp {
  const begin = String.raw`(?:(?<![\w.+-])|${AFTER_ESCAPE})`;
  return new RegExp(String.raw`${begin}${escape(email)}(?![\w-]|\.\w)`, 'giu');
}

function idPattern(id: string): RegExp {
  return new RegExp(String.raw`(?:(?<![\w-])|${AFTER_ESCAPE})${escape(id)}(?![\w-])`, 'giu');
}

/** White space between words may be any, also as URLs write it. */
function namePattern(name: string): RegExp {
  const words = wordsOf(name)
    .map(escapeJson)
    .join(String.raw`(?:\s|\\[nrt]|%20|\+)+`);
  const begin = String.raw`(?:(?<![\p{L}\p{N}_])|${AFTER_ESCAPE})`;
  return new RegExp(String.raw`${begin}${words}(?![\p{L}\p{N}_])`, 'giu');
}

/** Undefined for what is no JSON object, list or text. */
function parseJson(text: string): unknown {
  if (!/^\s*[[{"]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // words that only begin like JSON
  }
}

/** The longest part that the database lowers like we do whatever its locale, or the longest word in each case. */
function needlesOf(text: string): string[] {
  const parts = text.toLowerCase().match(/[a-z0-9@._+%-]+/g) ?? [];
  const longest = (of: readonly string[]) => of.toSorted((a, b) => b.length - a.length)[0];
  const part = longest(parts);
  if (part !== undefined && part.length > 2) return [part];
  const word = longest(wordsOf(text)) ?? text;
  return [word, word.toLowerCase(), word.toUpperCase()];
}
