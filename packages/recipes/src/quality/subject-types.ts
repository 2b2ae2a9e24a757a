import type { OutputType, Severity } from '@automatos/contracts';
import type { FieldError, JsonObject } from '@automatos/kernel';
import type { KnownPlaces } from './citations.ts';
import type { Block, Parts } from './content-parts.ts';
import type { ContentDimension } from './dimensions.ts';
import type { QualityContent, QualityEvidence } from './types.ts';

/** One measurement. A check that had nothing to measure has no score and does not count. */
export interface Check {
  dimension: ContentDimension;
  check: string;
  score: number | null;
  detail: string;
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
  /** Those of them that the evidence does not bear out. */
  wrongClaims: Claim[];
  places: KnownPlaces;
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

export type DefectKind = 'placeholder' | 'canned' | 'filler' | 'shouting';

/** A sentence that should not be in a finished result. */
export interface Defect {
  kind: DefectKind;
  sentence: Sentence;
  text: string;
}

/** What a text says about how much was found. */
export interface Claim {
  text: string;
  /** 0 for "no …" and "nothing found". */
  count: number;
  severity: Severity | null;
  /** Kind of thing that is counted; null for findings of any kind. */
  kind: string | null;
  /** Issues, problems: a text may count those that it chose. */
  loose: boolean;
  /** Sentence without the claim's own words, for tools and paths that narrow it down. */
  sentence: Sentence;
}
