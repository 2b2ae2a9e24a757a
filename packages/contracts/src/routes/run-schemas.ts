import { z } from 'zod';
import {
  errorInfoSchema,
  idSchema,
  jsonObjectSchema,
  jsonSchema,
  timeSchema,
  usageSchema,
} from '../common.ts';
import { runStatusSchema, stepStatusSchema } from '../events.ts';
import { findingSchema } from '../findings.ts';
import { prioritySchema } from '../recipe.ts';

export const runSchema = z.object({
  id: idSchema,
  kind: z.string(),
  title: z.string(),
  status: runStatusSchema,
  recipe_id: idSchema.nullable(),
  recipe_slug: z.string().nullable(),
  recipe_version: z.int().nullable(),
  priority: prioritySchema,
  /** Run whose recipe step started this one. */
  parent_run_id: idSchema.nullable(),
  /** Run and step that this one goes on from (retry and fork). */
  forked_from: z.object({ run_id: idSchema, step_id: z.string() }).nullable(),
  trigger: z.object({ kind: z.string(), id: z.string(), name: z.string() }).nullable(),
  /** Models are replaced by the offline provider, and tools that change something are refused. */
  dry_run: z.boolean(),
  open_approvals: z.int(),
  /** Content quality, 0–1; null before it is scored. */
  quality_score: z.number().nullable(),
  quality_grade: z.string().nullable(),
  inputs: jsonObjectSchema,
  outputs: jsonObjectSchema.nullable(),
  error: errorInfoSchema.nullable(),
  usage: usageSchema,
  findings_total: z.int(),
  /** Greatest `seq` stored so far. */
  last_seq: z.int(),
  created_by: z.string(),
  created_at: timeSchema,
  started_at: timeSchema.nullable(),
  finished_at: timeSchema.nullable(),
});
export type Run = z.infer<typeof runSchema>;

export const runStepSchema = z.object({
  step_id: z.string(),
  name: z.string(),
  type: z.string(),
  agent: z.string().nullable(),
  tool: z.string().nullable(),
  parent: z.string().nullable(),
  depends_on: z.array(z.string()),
  status: stepStatusSchema,
  attempts: z.int(),
  /** Run that the result was taken over from. */
  reused_from: idSchema.nullable(),
  /** Run of a recipe step. */
  sub_run_id: idSchema.nullable(),
  quality_score: z.number().nullable(),
  /** Whole output of a completed step. */
  output: jsonSchema.nullable(),
  error: errorInfoSchema.nullable(),
  usage: usageSchema,
  started_at: timeSchema.nullable(),
  finished_at: timeSchema.nullable(),
});
export type RunStep = z.infer<typeof runStepSchema>;

export const artifactSchema = z.object({
  id: idSchema,
  step_id: z.string(),
  title: z.string(),
  format: z.string(),
  content_type: z.string(),
  bytes: z.int(),
  created_at: timeSchema,
});
export type Artifact = z.infer<typeof artifactSchema>;

export const runFindingSchema = findingSchema.extend({
  id: idSchema,
  step_id: z.string(),
  agent: z.string().nullable(),
});

/** Lines of an analysed file around a finding. */
export const sourceExcerptSchema = z.object({
  path: z.string(),
  start_line: z.int(),
  lines: z.array(z.string()),
  total_lines: z.int(),
});
