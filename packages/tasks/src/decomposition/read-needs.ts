import { FIELD_OF, VOCABULARY } from './vocabulary.ts';

/** A capability that words call for. */
export interface ReadNeed {
  capability: string;
  field: string;
  /** 1 for each clear word, less for words that also mean other things. */
  score: number;
  words: string[];
}

const WEAK = 0.4;
/** A need that is far behind the clearest one is only a manner of speaking. */
const SHARE_OF_BEST = 0.6;
/** Words of capability names that say nothing of what it is about. */
const EMPTY_WORDS = new Set([
  'analysis',
  'the',
  'and',
  'of',
  'for',
  'scan',
  'check',
  'report',
  'api',
]);

/**
 * Capabilities that a clause calls for, the clearest first: at most one of each field. `own` are capabilities that agents of
 * the workspace have beside the known ones; they are called for by the words of their names.
 */
export function readNeeds(clause: string, own: readonly string[] = []): ReadNeed[] {
  const text = ` ${clause.toLowerCase().replaceAll(/[^\p{L}\p{N}/+-]+/gu, ' ')} `;
  const found = [...knownNeeds(text), ...ownNeeds(text, own)];
  const best = new Map<string, ReadNeed>();
  for (const need of found) {
    const other = best.get(need.field);
    if (other === undefined || need.score > other.score) best.set(need.field, need);
  }
  const ordered = [...best.values()].toSorted(
    (a, b) => b.score - a.score || (a.capability < b.capability ? -1 : 1),
  );
  const top = ordered[0]?.score ?? 0;
  const clear = top >= 1 ? ordered.filter(({ score }) => score >= 1) : ordered.slice(0, 1);
  return clear.filter(({ score }) => score >= top * SHARE_OF_BEST);
}

function knownNeeds(text: string): ReadNeed[] {
  return VOCABULARY.flatMap(({ capability, field, strong, weak = [] }) => {
    const clear = strong.filter((word) => says(text, word));
    const vague = weak.filter((word) => says(text, word));
    // A phrase is surer than a word: it wins over the words inside of it.
    const score =
      clear.reduce((sum, word) => sum + (word.includes(' ') ? 1.5 : 1), 0) + vague.length * WEAK;
    return score === 0 ? [] : [{ capability, field, score, words: [...clear, ...vague] }];
  });
}

function ownNeeds(text: string, own: readonly string[]): ReadNeed[] {
  return own
    .filter((capability) => FIELD_OF[capability] === undefined)
    .flatMap((capability) => {
      const words = capability
        .toLowerCase()
        .split(/[^\p{L}\p{N}]+/u)
        .filter((word) => word.length > 2 && !EMPTY_WORDS.has(word));
      const said = words.filter((word) => says(text, `${stem(word)}*`));
      if (words.length === 0 || said.length < words.length) return [];
      return [{ capability, field: capability, score: said.length * 1.2, words: said }];
    });
}

/** `translation` and `translate` share their beginning. */
function stem(word: string): string {
  return word.length > 6 ? word.slice(0, Math.max(5, word.length - 4)) : word;
}

/** `text` is lower case, with one space around each word. */
function says(text: string, word: string): boolean {
  return word.endsWith('*') ? text.includes(` ${word.slice(0, -1)}`) : text.includes(` ${word} `);
}
