import { z } from 'zod';

export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
export const severitySchema = z.enum(SEVERITIES);
export type Severity = z.infer<typeof severitySchema>;

/** Where a finding is: `path` relative to the analysed root with `/` separators; lines and columns are 1-based. */
export const findingLocationSchema = z.object({
  path: z.string(),
  line: z.int().min(1).optional(),
  end_line: z.int().min(1).optional(),
  column: z.int().min(1).optional(),
});

/** A typed result of a tool (spec 03). `evidence` is the text that proves it, with secrets masked. */
export const findingSchema = z.object({
  rule: z.string(),
  severity: severitySchema,
  message: z.string(),
  location: findingLocationSchema.optional(),
  evidence: z.string(),
  fix: z.string().optional(),
  /** Name of the tool that found it. */
  tool: z.string(),
});
export type Finding = z.infer<typeof findingSchema>;
