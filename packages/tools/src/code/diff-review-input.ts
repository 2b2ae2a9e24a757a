import { z } from 'zod';
import { diffInputShape } from '../git/git-diff.ts';

/** What a review of a difference is asked with. */
export const diffReviewInput = z.strictObject({
  ...diffInputShape,
  complexity_max: z
    .int()
    .min(2)
    .max(200)
    .default(10)
    .describe('Functions above it are reported when the change made them more complex'),
  function_lines_max: z
    .int()
    .min(10)
    .max(2000)
    .default(60)
    .describe('Functions above it are reported when the change made them longer'),
});
export type ReviewLimits = z.output<typeof diffReviewInput>;
