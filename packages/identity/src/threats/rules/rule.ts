import type { ThreatCategory } from '@automatos/contracts';

/** What is found in the text of one request; the others come from what a caller does over time. */
export type PatternCategory = Exclude<ThreatCategory, 'behaviour' | 'anomaly'>;

/** One known attack pattern, as data. */
export interface ThreatRule {
  /** `<category>.<name>`. */
  id: string;
  category: PatternCategory;
  /** 1–100: score that a request gets for this finding alone. */
  points: number;
  /** One sentence for whoever reads the assessment. */
  why: string;
  /**
   * Lower-case texts of which one stands in every text that the pattern can match. They are searched first, because that costs
   * a tenth of the pattern.
   */
  literals: readonly string[];
  /**
   * Tried on lower-cased text. No repetition inside a repetition and no open-ended gap between two parts, so that its time grows
   * with the length of the text and not faster.
   */
  pattern: RegExp;
  /** Only there, by kind of place; default everywhere the category is looked for. */
  places?: readonly Place[];
  /** Texts that it finds, and texts that it must leave alone; both are tested. */
  hits: readonly string[];
  misses: readonly string[];
}

/** Where a text stood. `key` is the name of a field, `text` what an agent or a person reads. */
export type Place = 'path' | 'query' | 'header' | 'key' | 'body' | 'text';

/** Literals as one text, separated by `¦`. */
export const either = (text: string): readonly string[] => text.split('¦');
