import { z } from 'zod';
import {
  errorInfoSchema,
  idSchema,
  jsonObjectSchema,
  jsonSchema,
  listOf,
  listQuerySchema,
  timeSchema,
  usageSchema,
} from '../common.ts';
import { eventSchema, runStatusSchema, stepStatusSchema } from '../events.ts';
import { findingSchema, severitySchema } from '../findings.ts';
import { route } from '../http.ts';
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

const byRun = z.strictObject({ run_id: idSchema });

export const runRoutes = {
  list: route({
    operationId: 'listRuns',
    method: 'GET',
    path: '/api/runs',
    tag: 'runs',
    permission: 'runs:read',
    summary: 'Runs, newest first',
    query: listQuerySchema.extend({
      status: runStatusSchema.optional(),
      /** Several statuses, separated by commas. */
      statuses: z
        .string()
        .max(200)
        .regex(/^[a-z_]+(,[a-z_]+)*$/, 'statuses separated by commas')
        .optional(),
      recipe: z.string().max(64).optional(),
      search: z.string().max(100).optional(),
      trigger: z.enum(['person', 'schedule', 'webhook', 'run_event', 'sub_run']).optional(),
      parent: idSchema.optional(),
      from: timeSchema.optional(),
      to: timeSchema.optional(),
      grade: z.enum(['A', 'B', 'C', 'D', 'F']).optional(),
      sort: z.enum(['-created_at', 'created_at']).optional(),
    }),
    response: listOf(runSchema),
  }),
  compare: route({
    operationId: 'compareRuns',
    method: 'GET',
    path: '/api/runs/compare',
    tag: 'runs',
    permission: 'runs:read',
    summary: 'Two runs side by side: inputs, steps, outputs, findings, cost',
    query: z.strictObject({ left: idSchema, right: idSchema }),
    response: runComparisonSchema,
  }),
  limits: route({
    operationId: 'listRunLimits',
    method: 'GET',
    path: '/api/runs/limits',
    tag: 'runs',
    permission: 'runs:read',
    summary: 'How much may run at once, and how much does',
    response: z.object({
      items: z.array(runLimitSchema.extend({ is_default: z.boolean(), running: z.int() })),
      queued: z.int(),
    }),
  }),
  setLimits: route({
    operationId: 'setRunLimits',
    method: 'PUT',
    path: '/api/runs/limits',
    tag: 'runs',
    permission: 'members:write',
    summary: 'Replace the limits of the workspace',
    body: z.strictObject({ items: z.array(runLimitSchema).max(500) }),
    response: z.object({ items: z.array(runLimitSchema) }),
  }),
  approvals: route({
    operationId: 'listApprovals',
    method: 'GET',
    path: '/api/approvals',
    tag: 'runs',
    permission: 'runs:read',
    summary: 'Approvals of the workspace, open ones by the time they run out',
    query: listQuerySchema.extend({
      status: z.enum(APPROVAL_STATUSES).optional(),
      run: idSchema.optional(),
    }),
    response: listOf(approvalSchema),
  }),
  decide: route({
    operationId: 'decideApproval',
    method: 'POST',
    path: '/api/approvals/:approval_id/decision',
    tag: 'runs',
    permission: 'runs:approve',
    summary: 'Approve or reject, once; 409 when it is decided or has run out',
    params: z.strictObject({ approval_id: idSchema }),
    body: z.strictObject({
      decision: z.enum(['approve', 'reject']),
      comment: z.string().max(5_000).optional(),
      values: jsonObjectSchema.optional(),
    }),
    response: approvalSchema,
  }),
  get: route({
    operationId: 'getRun',
    method: 'GET',
    path: '/api/runs/:run_id',
    tag: 'runs',
    permission: 'runs:read',
    summary: 'One run',
    params: byRun,
    response: runSchema,
  }),
  steps: route({
    operationId: 'listRunSteps',
    method: 'GET',
    path: '/api/runs/:run_id/steps',
    tag: 'runs',
    permission: 'runs:read',
    summary: 'Steps in the order of the recipe, with outputs',
    params: byRun,
    response: z.object({ items: z.array(runStepSchema) }),
  }),
  events: route({
    operationId: 'listRunEvents',
    method: 'GET',
    path: '/api/runs/:run_id/events',
    tag: 'runs',
    permission: 'runs:read',
    kind: 'events',
    summary:
      'Events after a seq, as a page or, with Accept: text/event-stream, live (Last-Event-ID resumes)',
    params: byRun,
    query: z.strictObject({
      after: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(1000).default(200),
    }),
    response: z.object({ items: z.array(eventSchema), last_seq: z.int() }),
  }),
  findings: route({
    operationId: 'listRunFindings',
    method: 'GET',
    path: '/api/runs/:run_id/findings',
    tag: 'runs',
    permission: 'runs:read',
    summary: 'Findings, worst first',
    params: byRun,
    query: listQuerySchema.extend({
      severity: severitySchema.optional(),
      step: z.string().max(64).optional(),
    }),
    response: listOf(runFindingSchema),
  }),
  artifacts: route({
    operationId: 'listRunArtifacts',
    method: 'GET',
    path: '/api/runs/:run_id/artifacts',
    tag: 'runs',
    permission: 'runs:read',
    summary: 'Documents the run made',
    params: byRun,
    response: z.object({ items: z.array(artifactSchema) }),
  }),
  artifact: route({
    operationId: 'getRunArtifact',
    method: 'GET',
    path: '/api/runs/:run_id/artifacts/:artifact_id',
    tag: 'runs',
    permission: 'runs:read',
    kind: 'bytes',
    summary: 'Content of one document',
    params: byRun.extend({ artifact_id: idSchema }),
  }),
  source: route({
    operationId: 'getRunSource',
    method: 'GET',
    path: '/api/runs/:run_id/source',
    tag: 'runs',
    permission: 'runs:read',
    summary: 'Lines of an analysed file around a finding',
    params: byRun,
    query: z.strictObject({
      path: z.string().min(1).max(1000),
      line: z.coerce.number().int().min(1).default(1),
      context: z.coerce.number().int().min(0).max(200).default(10),
    }),
    response: sourceExcerptSchema,
  }),
  cancel: route({
    operationId: 'cancelRun',
    method: 'POST',
    path: '/api/runs/:run_id/cancel',
    tag: 'runs',
    permission: 'runs:control',
    summary: 'Stop now; work under way is aborted',
    params: byRun,
    response: runSchema,
  }),
  pause: route({
    operationId: 'pauseRun',
    method: 'POST',
    path: '/api/runs/:run_id/pause',
    tag: 'runs',
    permission: 'runs:control',
    summary: 'Hold before the next call; what is under way ends first',
    params: byRun,
    response: runSchema,
  }),
  resume: route({
    operationId: 'resumeRun',
    method: 'POST',
    path: '/api/runs/:run_id/resume',
    tag: 'runs',
    permission: 'runs:control',
    summary: 'Go on after a pause',
    params: byRun,
    response: runSchema,
  }),
  retry: route({
    operationId: 'retryRun',
    method: 'POST',
    path: '/api/runs/:run_id/retry',
    tag: 'runs',
    permission: 'recipes:run',
    summary:
      'Go on from the step that failed, as a new run; finished steps keep their results and are not paid again',
    params: byRun,
    response: runSchema,
    status: 202,
  }),
  fork: route({
    operationId: 'forkRun',
    method: 'POST',
    path: '/api/runs/:run_id/fork',
    tag: 'runs',
    permission: 'recipes:run',
    summary: 'A new run that keeps the results of the steps before one step',
    params: byRun,
    body: z.strictObject({
      /** First step to do again, of the first level. */
      from_step: z.string().min(1).max(64),
      /** Replaces the inputs of the same name. */
      inputs: jsonObjectSchema.optional(),
      /** For all agent steps from there on. */
      model: z
        .strictObject({ provider: z.string().min(1).max(64), model: z.string().min(1).max(200) })
        .optional(),
      /** `same` (default) keeps the version of the run, `current` takes the newest. */
      version: z.enum(['same', 'current']).default('same'),
      title: z.string().max(200).optional(),
    }),
    response: runSchema,
    status: 202,
  }),
  signal: route({
    operationId: 'signalRun',
    method: 'POST',
    path: '/api/runs/:run_id/signals',
    tag: 'runs',
    permission: 'runs:control',
    summary: 'Send an event that a wait step waits for; kept when it comes early',
    params: byRun,
    body: z.strictObject({
      name: z.string().min(1).max(200),
      payload: jsonSchema.default(null),
    }),
    response: z.object({ signal_id: idSchema }),
    status: 202,
  }),
  quality: route({
    operationId: 'getRunQuality',
    method: 'GET',
    path: '/api/runs/:run_id/quality',
    tag: 'runs',
    permission: 'runs:read',
    summary: 'Quality of the run and of its scored steps, with evidence',
    params: byRun,
    response: z.object({
      run: qualityReportSchema.nullable(),
      steps: z.array(qualityReportSchema),
    }),
  }),
};
