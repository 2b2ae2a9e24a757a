import { findWrongClaims } from './check-claims.ts';
import { knownPlaces } from './citations.ts';
import { claimsIn } from './claims.ts';
import { partsOf, textsIn } from './content-parts.ts';
import type { Block } from './content-parts.ts';
import { defectsIn } from './defects.ts';
import type { Sentence, Subject } from './subject-types.ts';
import type { QualityContent } from './types.ts';
import { wordsOf } from './words.ts';

export function createSubject(
  given: Pick<
    Subject,
    'outputType' | 'content' | 'request' | 'inputs' | 'evidence' | 'schemaProblems' | 'sections'
  >,
): Subject {
  const parts = partsOf(given.content);
  const sentences = parts.blocks.flatMap(sentencesOf);
  const inputText = textsIn(given.inputs).join('\n');
  const subject = { ...given, parts, sentences, inputText };
  const defects = defectsIn(subject);
  const faulty = new Set(defects.map(({ sentence }) => sentence));
  const repeated = repeatedSentences(sentences);
  const again = new Set(repeated);
  const clean = sentences.filter(
    (sentence) =>
      (sentence.block.kind === 'paragraph' || sentence.block.kind === 'item') &&
      !faulty.has(sentence) &&
      !again.has(sentence),
  );
  const { object } = given.content;
  const empty = parts.blocks.length === 0 && (object === null || isHollow(object));
  const stated = {
    ...subject,
    claims: claimsIn(sentences),
    places: knownPlaces(given.evidence),
  };
  return { ...stated, wrongClaims: findWrongClaims(stated), defects, repeated, clean, empty };
}

function isHollow(object: QualityContent['object']): boolean {
  if (object === null || object === '') return true;
  if (typeof object !== 'object') return false;
  return Object.values(object).every((value) => isHollow(value));
}

const ABBREVIATIONS = /\b(?:e\.g|i\.e|etc|vs|cf|approx|incl|excl|no|fig|dr|mr|ms|st)\.$/i;

function sentencesOf(block: Block): Sentence[] {
  if (block.kind === 'code') return [];
  if (block.kind !== 'paragraph' && block.kind !== 'item') {
    return [{ text: block.plain, prose: block.prose, block }];
  }
  const texts = splitSentences(block.plain);
  const proses = splitSentences(block.prose);
  const matched = texts.length === proses.length;
  return texts.map((text, index) => ({
    text,
    // Code spans may hold the end of a sentence: then the block's prose stands for the first of them.
    prose: matched ? (proses[index] ?? '') : index === 0 ? block.prose : '',
    block,
  }));
}

function splitSentences(text: string): string[] {
  const sentences: string[] = [];
  let start = 0;
  for (const match of text.matchAll(/[.!?…]+["')\]]*\s+(?=["'([]?[\p{Lu}\d])/gu)) {
    const end = match.index + match[0].length;
    const candidate = text.slice(start, end).trim();
    if (ABBREVIATIONS.test(candidate)) continue;
    sentences.push(candidate);
    start = end;
  }
  const last = text.slice(start).trim();
  return last === '' ? sentences : [...sentences, last];
}

/** Words from which on the same sentence again is a repetition and no turn of phrase. */
const REPEATED_WORDS_MIN = 8;

/** A repeated row or short item may be right; a repeated sentence of a paragraph says nothing new. */
function repeatedSentences(sentences: readonly Sentence[]): Sentence[] {
  const seen = new Map<string, Set<number>>();
  return sentences.filter(({ text, block }) => {
    if (block.kind !== 'paragraph' && block.kind !== 'item') return false;
    const words = wordsOf(text);
    if (words.length < REPEATED_WORDS_MIN) return false;
    const key = words.join(' ');
    const sections = seen.get(key) ?? new Set<number>();
    // A summary may say once more what stands in another section.
    const again = sections.has(block.section) || sections.size > 1;
    seen.set(key, sections.add(block.section));
    return again;
  });
}
