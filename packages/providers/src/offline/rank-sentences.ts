import type { ContextDocument } from './parse-request.ts';
import { contentWords } from './words.ts';

export interface Sentence {
  text: string;
  /** Index of its document, 0-based. */
  document: number;
  /** Position in reading order over all documents. */
  position: number;
  words: string[];
}

export interface RankedSentence extends Sentence {
  score: number;
}

/** Sentences read at most; the comparison of sentences is quadratic. */
const SENTENCES_MAX = 2000;
const GRAPH_SENTENCES_MAX = 400;

/** Sentences of documents in reading order: lines first (lists and headings end there), then sentence borders. Code fences are left out. */
export function splitSentences(documents: readonly ContextDocument[]): Sentence[] {
  const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
  const sentences: Sentence[] = [];
  for (const [index, document] of documents.entries()) {
    for (const line of document.text.replace(/```[\s\S]*?```/g, '\n').split(/\n+/)) {
      const bare = line.replace(/^\s*(?:[-*+]|\d+[.)]|#{1,6}|>)\s+/, '').trim();
      if (bare === '' || /^[-=|:\s]+$/.test(bare)) continue;
      for (const { segment } of segmenter.segment(bare)) {
        const words = contentWords(segment);
        if (words.length === 0) continue;
        if (sentences.length >= SENTENCES_MAX) return sentences;
        sentences.push({
          text: segment.trim(),
          document: index,
          position: sentences.length,
          words,
        });
      }
    }
  }
  return sentences;
}

/** Sentences by BM25 (k1 1.2, b 0.75) against a question, best first; only those that share a word. */
export function rankByQuestion(sentences: readonly Sentence[], question: string): RankedSentence[] {
  const query = [...new Set(contentWords(question))];
  const frequency = documentFrequency(sentences);
  const average =
    sentences.reduce((sum, sentence) => sum + sentence.words.length, 0) /
    Math.max(1, sentences.length);
  const ranked = sentences.map((sentence) => {
    let score = 0;
    for (const word of query) {
      const count = sentence.words.filter((each) => each === word).length;
      if (count === 0) continue;
      const seen = frequency.get(word) ?? 0;
      const idf = Math.log(1 + (sentences.length - seen + 0.5) / (seen + 0.5));
      score +=
        (idf * count * 2.2) / (count + 1.2 * (0.25 + (0.75 * sentence.words.length) / average));
    }
    return { ...sentence, score };
  });
  return ranked
    .filter((sentence) => sentence.score > 0)
    .toSorted((a, b) => b.score - a.score || a.position - b.position);
}

/** Sentences by how central they are (PageRank over shared words), best first. Deterministic; longer texts are thinned evenly first. */
export function rankByCentrality(sentences: readonly Sentence[]): RankedSentence[] {
  const step = Math.ceil(sentences.length / GRAPH_SENTENCES_MAX);
  const kept = sentences.filter(
    (sentence) => sentence.words.length >= 3 && sentence.position % step === 0,
  );
  const nodes = kept.length > 0 ? kept : sentences.slice(0, GRAPH_SENTENCES_MAX);
  const links = nodes.map((a) => nodes.map((b) => (a === b ? 0 : overlap(a, b))));
  const sums = links.map((row) => row.reduce((sum, value) => sum + value, 0));
  let scores = nodes.map(() => 1);
  for (let round = 0; round < 20; round += 1) {
    scores = nodes.map(
      (_, index) =>
        0.15 +
        0.85 *
          nodes.reduce(
            (sum, _other, from) =>
              sum +
              ((sums[from] ?? 0) === 0
                ? 0
                : ((links[from]?.[index] ?? 0) / (sums[from] ?? 1)) * (scores[from] ?? 0)),
            0,
          ),
    );
  }
  return nodes
    .map((sentence, index) => ({ ...sentence, score: scores[index] ?? 0 }))
    .toSorted((a, b) => b.score - a.score || a.position - b.position);
}

function overlap(a: Sentence, b: Sentence): number {
  const other = new Set(b.words);
  const shared = new Set(a.words.filter((word) => other.has(word))).size;
  return shared === 0 ? 0 : shared / (Math.log(1 + a.words.length) + Math.log(1 + b.words.length));
}

function documentFrequency(sentences: readonly Sentence[]): Map<string, number> {
  const frequency = new Map<string, number>();
  for (const sentence of sentences)
    for (const word of new Set(sentence.words)) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  return frequency;
}
