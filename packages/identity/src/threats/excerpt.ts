import { redactText } from '../audit/redact-details.ts';
import type { TextView } from './texts/decode.ts';

const AROUND = 40;
const WORD_MAX = 200;
const EXCERPT_MAX = 160;
const MATCH_MAX = 80;

/** Values behind names of secrets, in queries, JSON and settings. */
const NAMED_SECRET =
  /((?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|access[-_]?key|auth|cookie|session|credential|private[-_]?key)\w{0,20}["']?\s{0,2}[=:]\s{0,2}["']?)[^\s"'&,;}]{1,200}/gi;
/** Letters and digits in one long word: a key, whatever made it. */
const KEY_LIKE = /(?=[A-Za-z_-]{0,200}\d)(?=[\d_+/-]{0,200}[A-Za-z])[A-Za-z0-9_+/=-]{20,}/g;

/**
 * The place of a finding with a few words around it. Only whole words: of a word that was cut no rule could tell that it is a
 * secret. What looks like a key is masked.
 */
export function excerptOf(view: TextView, at: number, length: number): string {
  // Lower-casing changes the length of a few letters of other scripts; then the lower-case text is shown.
  const text = view.text.length === view.lower.length ? view.text : view.lower;
  const end = at + Math.min(length, MATCH_MAX);
  const from = wordStart(text, Math.max(0, at - AROUND));
  const to = wordEnd(text, Math.min(text.length, end + AROUND));
  return cleanText(text.slice(from, to), EXCERPT_MAX);
}

/** A text of a request as it may be stored: secrets and what looks like one taken out, on one line, bounded. */
export function cleanText(text: string, max: number): string {
  const clean = redactText(text, 1_000)
    .replaceAll(NAMED_SECRET, '$1[redacted]')
    .replaceAll(KEY_LIKE, '[masked]')
    // oxlint-disable-next-line no-control-regex -- they are what is taken out
    .replaceAll(/[\u0000-\u001f\u007f]+/g, ' ');
  return (clean.length <= max ? clean : `${clean.slice(0, max)}…`).toWellFormed();
}

const isGap = (text: string, index: number) => /[\s,;]/.test(text[index] ?? ' ');

function wordStart(text: string, index: number): number {
  let at = index;
  while (at > 0 && index - at < WORD_MAX && !isGap(text, at - 1)) at -= 1;
  if (at === 0 || isGap(text, at - 1)) return at;
  // No end of the word in reach: it is left out.
  let skip = index;
  while (skip < text.length && skip - index < AROUND && !isGap(text, skip)) skip += 1;
  return skip;
}

function wordEnd(text: string, index: number): number {
  let at = index;
  while (at < text.length && at - index < WORD_MAX && !isGap(text, at)) at += 1;
  if (at >= text.length || isGap(text, at)) return at;
  let back = index;
  while (back > 0 && index - back < AROUND && !isGap(text, back - 1)) back -= 1;
  return back;
}
