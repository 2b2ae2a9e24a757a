import type { Block } from './content-parts.ts';
import { termsOf, wordsOf } from './words.ts';

const NAMED =
  /\b(?:sections?|headings?)\b[^."“`\n]{0,30}((?:(?:[\s,&]|and)*["“`][^"”`\n]{2,60}["”`])+)/gi;

/** Section names that a request asks for: those in quotes or code after "section(s)" or "heading(s)". */
export function requestedSections(request: string): string[] {
  const named = [...request.matchAll(NAMED)].flatMap((match) =>
    [...(match[1] ?? '').matchAll(/["“`]([^"”`\n]{2,60})["”`]/g)].map(([, name]) => name ?? ''),
  );
  return [...new Set(named.map((name) => name.replace(/^#+\s*/, '').trim()))].filter(
    (name) => name !== '',
  );
}

/** Whether a heading of the result stands for a wanted section: the same words, or all terms of it. */
export function hasSection(headings: readonly Block[], wanted: string): boolean {
  const words = wordsOf(wanted).join(' ');
  const terms = termsOf(wanted);
  return headings.some(({ plain }) => {
    if (words !== '' && wordsOf(plain).join(' ').includes(words)) return true;
    const found = termsOf(plain);
    return terms.size > 0 && [...terms].every((term) => found.has(term));
  });
}
