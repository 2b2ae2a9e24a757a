import { isUuid } from '@automatos/kernel';

const SLUG_MAX = 64;

/** Letters that Unicode does not take apart into a base letter and a mark. */
const PLAIN: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ı: 'i',
};

/** A slug made from a name: lower-case ASCII, single dashes, at most 64 characters; `fallback` when nothing is left. */
export function slugFrom(name: string, fallback: string): string {
  const ascii = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[ßæœøđðłþı]/g, (letter) => PLAIN[letter] ?? '');
  const slug = ascii
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_MAX)
    .replaceAll(/^-+|-+$/g, '');
  // A slug in the form of an id would be taken for one.
  return slug === '' || isUuid(slug) ? fallback : slug;
}

/** `slug`, then `slug-2`, `slug-3` …, each within the length. */
export function* slugCandidates(slug: string): Generator<string> {
  yield slug;
  for (let number = 2; number <= 1000; number += 1) {
    const end = `-${number}`;
    yield `${slug.slice(0, SLUG_MAX - end.length).replace(/-+$/, '')}${end}`;
  }
}
