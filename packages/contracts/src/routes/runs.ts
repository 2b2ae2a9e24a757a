import { z } from 'zod';
import {
  idSchema,
  jsonObjectSchema,
  jsonSchema,
  listOf,
  listQuerySchema,
  timeSchema,
} from '../common.ts';
import { eventSchema, runStatusSchema } from '../events.ts';
import { severitySchema } from '../findings.ts';
import { route } from '../http.ts';
import {
  artifactSchema,
  runFindingSchema,
  runSchema,
  runStepSchema,
  sourceExcerptSchema,
} from './run-schemas.ts';
import {
  APPROVAL_STATUSES,
  approvalSchema,
  qualityReportSchema,
  runComparisonSchema,
  runLimitSchema,
} from './run-views.ts';

export const FINDING_FORMATS = ['sarif', 'json', 'markdown', 'csv'] as const;
export type FindingFormat = (typeof FINDING_FORMATS)[number];

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
      /** Slug of an agent that worked in it. */
      agent: z.string().max(64).optional(),
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
  exportFindings: route({
    operationId: 'exportRunFindings',
    method: 'GET',
    path: '/api/runs/:run_id/findings/export',
    tag: 'runs',
    permission: 'runs:read',
    kind: 'bytes',
    summary: 'All findings of a run as SARIF 2.1.0, JSON, Markdown or CSV',
    params: byRun,
    query: z.strictObject({ format: z.enum(FINDING_FORMATS).default('sarif') }),
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
