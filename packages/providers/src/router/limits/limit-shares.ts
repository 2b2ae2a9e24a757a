import type { BucketRate } from './token-bucket.ts';

/** Where processes share limits: each takes small chunks ahead, so that most calls ask nobody. */
export interface LimitShares {
  /** Takes `want`, or at least `need`, from a bucket; else says how long to wait, in ms. */
  take(
    id: string,
    ask: { rate: BucketRate; need: number; want: number; now: number },
  ): Promise<{ granted: number; waitMs: number }>;
  /** Holds `held` of `limit` places for this process until `until`; false = the others leave too few. */
  hold(
    id: string,
    ask: { held: number; limit: number; now: number; until: number },
  ): Promise<boolean>;
}
