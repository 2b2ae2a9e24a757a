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

export const runSchema = z.object({
  id: idSchema,
  kind: z.string(),
  title: z.string(),
  status: runStatusSchema,
  recipe_id: idSchema.nullable(),
  recipe_slug: z.string().nullable(),
  recipe_version: z.int().nullable(),
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
      recipe: z.string().max(64).optional(),
      search: z.string().max(100).optional(),
    }),
    response: listOf(runSchema),
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
};
