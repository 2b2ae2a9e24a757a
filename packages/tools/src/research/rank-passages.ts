import { sentencesOf, type Sentence } from '../intelligence/sentences.ts';
import type { SourceDocument } from '../intelligence/source-document.ts';
import { termsOf } from '../intelligence/terms.ts';

/** A piece of a source that is searched as a whole. */
export interface Passage<T = Sentence[]> {
  item: T;
  source: SourceDocument;
  terms: string[];
}

export interface Ranked<T = Sentence[]> {
  passage: Passage<T>;
  score: number;
  /** Share of the wanted terms that it holds, rare ones counting more; 0–1. */
  coverage: number;
  matched: string[];
}

const K1 = 1.2;
const B = 0.75;
const PASSAGE_SENTENCES = 4;

/** Sentences below one heading in pieces of a few; title and heading are searched with them. */
export function passagesOf(source: SourceDocument): Passage[] {
  const passages: Passage[] = [];
  let open: Sentence[] = [];
  const close = (): void => {
    const first = open[0];
    if (first !== undefined) {
      const about = `${first.heading ?? ''} ${open.map(({ text }) => text).join(' ')}`;
      passages.push({ item: open, source, terms: termsOf(about) });
    }
    open = [];
  };
  for (const sentence of sentencesOf(source)) {
    const last = open.at(-1);
    const apart =
      last !== undefined && (last.heading !== sentence.heading || sentence.line - last.endLine > 1);
    if (apart || open.length >= PASSAGE_SENTENCES) close();
    open.push(sentence);
  }
  close();
  return passages;
}

/** One sentence per passage; the heading above counts as part of it. */
export function sentencePassages(source: SourceDocument): Passage<Sentence>[] {
  return sentencesOf(source).map((sentence) => ({
    item: sentence,
    source,
    terms: termsOf(`${sentence.heading ?? ''} ${sentence.text}`),
  }));
}

/** Ranks passages by BM25. Order of equal scores is that of the passages. */
export function createRanking<T>(passages: readonly Passage<T>[]) {
  const counts = passages.map(({ terms }) => {
    const count = new Map<string, number>();
    for (const term of terms) count.set(term, (count.get(term) ?? 0) + 1);
    return count;
  });
  const documents = new Map<string, number>();
  for (const count of counts)
    for (const term of count.keys()) documents.set(term, (documents.get(term) ?? 0) + 1);
  const mean =
    passages.reduce((sum, { terms }) => sum + terms.length, 0) / Math.max(1, passages.length);
  const idf = (term: string): number => {
    const holding = documents.get(term) ?? 0;
    return Math.log(1 + (passages.length - holding + 0.5) / (holding + 0.5));
  };
  return {
    /** Whether a term occurs at all. */
    knows: (term: string): boolean => documents.has(term),
    rank(wanted: readonly string[]): Ranked<T>[] {
      const terms = [...new Set(wanted)];
      const all = terms.reduce((sum, term) => sum + idf(term), 0);
      const ranked = passages.flatMap((passage, index): Ranked<T>[] => {
        const count = counts[index];
        const matched = terms.filter((term) => count?.has(term) === true);
        if (matched.length === 0) return [];
        const length = K1 * (1 - B + (B * passage.terms.length) / Math.max(1, mean));
        const score = matched.reduce((sum, term) => {
          const frequency = count?.get(term) ?? 0;
          return sum + (idf(term) * frequency * (K1 + 1)) / (frequency + length);
        }, 0);
        const covered = matched.reduce((sum, term) => sum + idf(term), 0);
        return [{ passage, score, coverage: all === 0 ? 0 : covered / all, matched }];
      });
      return ranked.toSorted((a, b) => b.score - a.score);
    },
  };
}

export type Ranking<T> = ReturnType<typeof createRanking<T>>;
