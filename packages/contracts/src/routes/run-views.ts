import { z } from 'zod';
import {
  errorInfoSchema,
  idSchema,
  jsonObjectSchema,
  jsonSchema,
  timeSchema,
  usageSchema,
} from '../common.ts';
import { stepStatusSchema } from '../events.ts';
import { severitySchema } from '../findings.ts';
import { runSchema } from './run-schemas.ts';

export const APPROVAL_STATUSES = [
  'open',
  'approved',
  'rejected',
  'timed_out',
  'cancelled',
] as const;
export const approvalSchema = z.object({
  id: idSchema,
  run_id: idSchema,
  run_title: z.string(),
  recipe_slug: z.string().nullable(),
  step_id: z.string(),
  title: z.string(),
  message: z.string(),
  /** JSON schema of values that may be given with an approval. */
  fields: jsonObjectSchema.nullable(),
  approvers: z.object({ roles: z.array(z.string()), users: z.array(z.string()) }).nullable(),
  status: z.enum(APPROVAL_STATUSES),
  /** Whether the caller may decide it. */
  may_decide: z.boolean(),
  decided_by: z.string().nullable(),
  comment: z.string().nullable(),
  values: jsonObjectSchema.nullable(),
  requested_at: timeSchema,
  due_at: timeSchema,
  decided_at: timeSchema.nullable(),
});
export type Approval = z.infer<typeof approvalSchema>;

/** Score of one dimension; null when nothing could be measured, which never counts as 0 or 1. */
export const qualityDimensionSchema = z.object({
  name: z.string(),
  score: z.number().min(0).max(1).nullable(),
  weight: z.number(),
  /** What was measured, in words that a reader can check. */
  evidence: z.array(
    z.object({
      check: z.string(),
      score: z.number().min(0).max(1).nullable(),
      detail: z.string(),
    }),
  ),
});
export const qualityReportSchema = z.object({
  step_id: z.string().nullable(),
  output_type: z.string(),
  /** Weighted mean of the content dimensions that have a score. */
  score: z.number().min(0).max(1).nullable(),
  grade: z.enum(['A', 'B', 'C', 'D', 'F']).nullable(),
  threshold: z.number().nullable(),
  passed: z.boolean().nullable(),
  content: z.array(qualityDimensionSchema),
  /** Of the run as a piece of operation; empty for steps. */
  operational: z.array(qualityDimensionSchema),
  operational_score: z.number().min(0).max(1).nullable(),
  /** `missing`: the judge's answer could not be read; it counts nowhere. */
  judge: z.enum(['none', 'counted', 'missing']),
  scored_at: timeSchema,
});
export type QualityReport = z.infer<typeof qualityReportSchema>;

type Grade = NonNullable<QualityReport['grade']>;
const GRADES: readonly (readonly [number, Grade])[] = [
  [0.9, 'A'],
  [0.75, 'B'],
  [0.6, 'C'],
  [0.4, 'D'],
];

/** Grade of a score, 0–1; null for none. */
export function gradeOf(score: number | null): Grade | null {
  if (score === null) return null;
  return GRADES.find(([least]) => score >= least)?.[1] ?? 'F';
}

/** One step of two runs side by side; null where a run has no such step. */
const comparedStepSchema = z.object({
  status: stepStatusSchema,
  attempts: z.int(),
  duration_ms: z.int().nullable(),
  usage: usageSchema,
  output: jsonSchema.nullable(),
  error: errorInfoSchema.nullable(),
  reused_from: idSchema.nullable(),
});
export const diffLineSchema = z.object({
  kind: z.enum(['same', 'removed', 'added']),
  text: z.string(),
  left_line: z.int().nullable(),
  right_line: z.int().nullable(),
});
export type DiffLine = z.infer<typeof diffLineSchema>;
/** One changed value; `before` or `after` is absent when it was added or removed. */
export const changeSchema = z.object({
  pointer: z.string(),
  kind: z.enum(['added', 'removed', 'changed']),
  before: jsonSchema.optional(),
  after: jsonSchema.optional(),
});
export type Change = z.infer<typeof changeSchema>;
export const runComparisonSchema = z.object({
  left: runSchema,
  right: runSchema,
  inputs: z.array(changeSchema),
  outputs: z.array(changeSchema),
  steps: z.array(
    z.object({
      step_id: z.string(),
      name: z.string(),
      type: z.string(),
      left: comparedStepSchema.nullable(),
      right: comparedStepSchema.nullable(),
      same_output: z.boolean(),
      /** Of the outputs as text; empty when equal, cut at 2,000 lines. */
      diff: z.array(diffLineSchema),
    }),
  ),
  findings: z.object({
    only_left: z.int(),
    only_right: z.int(),
    both: z.int(),
    items: z.array(
      z.object({
        side: z.enum(['left', 'right']),
        severity: severitySchema,
        rule: z.string(),
        title: z.string(),
        path: z.string().nullable(),
        line: z.int().nullable(),
      }),
    ),
  }),
});
export type RunComparison = z.infer<typeof runComparisonSchema>;

export const runLimitSchema = z.strictObject({
  scope: z.enum(['workspace', 'recipe', 'agent']),
  /** Slug of the recipe or agent; empty for the workspace. */
  key: z.string().max(64).default(''),
  /** Runs (for agents: turns) at once. */
  limit: z.int().min(1).max(10_000),
});
export type RunLimit = z.infer<typeof runLimitSchema>;
