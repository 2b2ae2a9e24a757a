import type { OutputType } from '@automatos/contracts';
import type { FieldError, JsonObject } from '@automatos/kernel';
import { claimsIn } from './claims.ts';
import type { Claim } from './claims.ts';
import { partsOf, textsIn } from './content-parts.ts';
import type { Block, Parts } from './content-parts.ts';
import { defectsIn } from './defects.ts';
import type { Defect } from './defects.ts';
import type { ContentDimension } from './dimensions.ts';
import type { QualityContent, QualityEvidence } from './types.ts';
import { wordsOf } from './words.ts';

/** One measurement. A check that had nothing to measure has no score and does not count. */
export interface Check {
  dimension: ContentDimension;
  check: string;
  score: number | null;
  detail: string;
  /** Share of the dimension that is lost when the score is 0; default 1. */
  impact?: number;
}

export interface Sentence {
  text: string;
  /** Without what stands in code spans. */
  prose: string;
  block: Block;
}

/** A result with everything that it is held against. */
export interface Subject {
  outputType: OutputType;
  content: QualityContent;
  parts: Parts;
  sentences: Sentence[];
  /** Sentences of paragraphs and items without any defect: only these earn credit for style and subject. */
  clean: Sentence[];
  defects: Defect[];
  /** Counts that the text states. */
  claims: Claim[];
  /** Sentences that repeat one before. */
  repeated: Sentence[];
  request: string;
  inputs: JsonObject;
  /** Texts of the inputs, one per line. */
  inputText: string;
  evidence: QualityEvidence;
  /** Problems of the structured result under its schema; null without a schema. */
  schemaProblems: readonly FieldError[] | null;
  sections: readonly string[];
  empty: boolean;
}

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
  const clean = sentences.filter(
    (sentence) =>
      (sentence.block.kind === 'paragraph' || sentence.block.kind === 'item') &&
      !faulty.has(sentence) &&
      !repeated.includes(sentence),
  );
  const { object } = given.content;
  const empty = parts.blocks.length === 0 && (object === null || isHollow(object));
  return { ...subject, defects, repeated, clean, claims: claimsIn(sentences), empty };
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

/** A repeated row or short item may be right; a repeated sentence of a paragraph says nothing new. */
function repeatedSentences(sentences: readonly Sentence[]): Sentence[] {
  const seen = new Set<string>();
  return sentences.filter(({ text, block }) => {
    if (block.kind !== 'paragraph' && block.kind !== 'item') return false;
    const words = wordsOf(text);
    if (words.length < 5) return false;
    const key = words.join(' ');
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
}

/** Share of `bad` in `total` as a score; null when there is nothing to count. */
export function goodShare(bad: number, total: number): number | null {
  return total === 0 ? null : Math.max(0, 1 - bad / total);
}

/** Up to `max` examples in quotes, each cut. */
export function quoted(texts: readonly string[], max = 3): string {
  const shown = texts.slice(0, max).map((text) => {
    const line = text.replaceAll(/\s+/g, ' ').trim();
    return `"${line.length > 80 ? `${line.slice(0, 79)}…` : line}"`;
  });
  const more = texts.length > max ? ` and ${texts.length - max} more` : '';
  return `${shown.join(', ')}${more}`;
}
