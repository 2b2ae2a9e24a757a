import { contentWords } from '../offline/words.ts';

/** Length of the vectors when none is asked for. */
const DIMENSIONS = 256;

/**
 * Vectors by words, without a model: each stem is hashed to a place and a sign, weighted by the logarithm of its count, and the
 * vector is scaled to length 1. Texts that share words are near; texts of the same meaning in other words are not. A text without
 * a content word gets the zero vector.
 */
export function embedByWords(values: readonly string[], dimensions = DIMENSIONS): number[][] {
  return values.map((value) => {
    const counts = new Map<string, number>();
    for (const word of contentWords(value)) counts.set(word, (counts.get(word) ?? 0) + 1);
    const vector = Array.from({ length: dimensions }, () => 0);
    for (const [word, count] of counts) {
      const hash = hashOf(word);
      const place = hash % dimensions;
      vector[place] = (vector[place] ?? 0) + (hash & 0x80000000 ? -1 : 1) * (1 + Math.log(count));
    }
    const norm = Math.hypot(...vector);
    return norm === 0 ? vector : vector.map((each) => each / norm);
  });
}

/** FNV-1a over the UTF-16 units, mixed once more so that short words spread. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < word.length; index += 1)
    hash = Math.imul(hash ^ word.charCodeAt(index), 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x45d9f3b);
  return (hash ^ (hash >>> 16)) >>> 0;
}
