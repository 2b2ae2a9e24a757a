import { z } from 'zod';

/** Size and complexity of one function; `lines` and positions are 1-based and include the signature. */
export const functionMetricsSchema = z.object({
  name: z.string(),
  path: z.string(),
  line: z.int(),
  end_line: z.int(),
  lines: z.int(),
  own_lines: z.int().describe('lines without those of functions inside'),
  complexity: z.int().describe('cyclomatic: 1 + decisions'),
  nesting: z.int().describe('deepest level of control statements'),
  parameters: z.int(),
});
export type FunctionMetrics = z.infer<typeof functionMetricsSchema>;
