import type { Diff, DiffFile } from '../git/read-diff.ts';
import type { ReviewLimits } from './diff-review-input.ts';

/** Where a review takes texts from, and what it holds them to. */
export interface ReviewContext {
  folder: string;
  diff: Diff;
  limits: ReviewLimits;
  signal: AbortSignal;
}

/** A changed file with its texts. */
export interface ChangedFile {
  path: string;
  before: string | undefined;
  after: string;
  /** Lines of the new text that the change wrote. */
  added: ReadonlySet<number>;
  hunks: DiffFile['hunks'];
}
