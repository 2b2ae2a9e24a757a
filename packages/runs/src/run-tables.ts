import {
  bigint,
  boolean,
  customType,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
import type {
  ErrorInfo,
  EventType,
  Finding,
  QualityReport,
  RunStatus,
  StepStatus,
  Usage,
} from '@automatos/contracts';
import type { JsonObject, JsonValue } from '@automatos/kernel';

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
const count = (name: string) => bigint(name, { mode: 'number' }).notNull().default(0);

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

/** One durable execution. Status is the projection of the run's events; the database refuses to leave a terminal one. */
export const runs = pgTable('runs', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  kind: text('kind').notNull(),
  title: text('title').notNull(),
  status: text('status').$type<RunStatus>().notNull(),
  hold: boolean('hold').notNull().default(false),
  recipeId: uuid('recipe_id'),
  recipeSlug: text('recipe_slug'),
  recipeVersion: integer('recipe_version'),
  plan: jsonb('plan').$type<JsonObject>().notNull(),
  inputs: jsonb('inputs').$type<JsonObject>().notNull(),
  outputs: jsonb('outputs').$type<JsonObject>(),
  error: jsonb('error').$type<ErrorInfo>(),
  modelCalls: integer('model_calls').notNull().default(0),
  toolCalls: integer('tool_calls').notNull().default(0),
  inputTokens: count('input_tokens'),
  outputTokens: count('output_tokens'),
  cachedInputTokens: count('cached_input_tokens'),
  reasoningTokens: count('reasoning_tokens'),
  costMicros: count('cost_micros'),
  unpricedCalls: integer('unpriced_calls').notNull().default(0),
  estimated: boolean('estimated').notNull().default(false),
  findingsTotal: integer('findings_total').notNull().default(0),
  lastSeq: integer('last_seq').notNull().default(0),
  idempotencyKey: text('idempotency_key'),
  createdByKind: text('created_by_kind').notNull(),
  createdById: text('created_by_id').notNull(),
  createdByName: text('created_by_name').notNull(),
  createdAt: time('created_at').notNull(),
  startedAt: time('started_at'),
  finishedAt: time('finished_at'),
  priority: smallint('priority').notNull().default(1),
  admittedAt: time('admitted_at'),
  epoch: integer('epoch').notNull().default(0),
  parked: boolean('parked').notNull().default(false),
  recipeLimit: integer('recipe_limit'),
  parentRunId: uuid('parent_run_id'),
  parentStepId: text('parent_step_id'),
  forkedFromRunId: uuid('forked_from_run_id'),
  forkedFromStepId: text('forked_from_step_id'),
  triggerKind: text('trigger_kind'),
  triggerId: text('trigger_id'),
  triggerName: text('trigger_name'),
  triggerDepth: smallint('trigger_depth').notNull().default(0),
  dryRun: boolean('dry_run').notNull().default(false),
  openApprovals: integer('open_approvals').notNull().default(0),
  quality: jsonb('quality').$type<QualityReport>(),
  qualityScore: real('quality_score'),
  qualityGrade: text('quality_grade'),
});

/** Steps as declared when the run started, with their state and whole outputs. */
export const runSteps = pgTable(
  'run_steps',
  {
    workspaceId: uuid('workspace_id').notNull(),
    runId: uuid('run_id').notNull(),
    stepId: text('step_id').notNull(),
    ordinal: integer('ordinal').notNull(),
    name: text('name').notNull(),
    type: text('type').notNull(),
    agent: text('agent'),
    tool: text('tool'),
    parent: text('parent'),
    dependsOn: jsonb('depends_on').$type<string[]>().notNull().default([]),
    status: text('status').$type<StepStatus>().notNull().default('pending'),
    attempts: integer('attempts').notNull().default(0),
    output: jsonb('output').$type<JsonValue>(),
    error: jsonb('error').$type<ErrorInfo>(),
    usage: jsonb('usage').$type<Usage>(),
    startedAt: time('started_at'),
    finishedAt: time('finished_at'),
    reusedFrom: uuid('reused_from'),
    subRunId: uuid('sub_run_id'),
    quality: jsonb('quality').$type<QualityReport>(),
    qualityScore: real('quality_score'),
  },
  (table) => [primaryKey({ columns: [table.runId, table.stepId] })],
);

/** The event log: what happened, in order, replayable. */
export const events = pgTable('events', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  runId: uuid('run_id'),
  seq: integer('seq').notNull(),
  key: text('key').notNull(),
  type: text('type').$type<EventType>().notNull(),
  subject: text('subject').notNull(),
  stepId: text('step_id'),
  at: time('at').notNull(),
  data: jsonb('data').$type<JsonObject>().notNull(),
});

/** Documents that runs made. */
export const runArtifacts = pgTable('run_artifacts', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  runId: uuid('run_id').notNull(),
  name: text('name').notNull(),
  stepId: text('step_id').notNull(),
  title: text('title').notNull(),
  format: text('format').notNull(),
  contentType: text('content_type').notNull(),
  content: text('content'),
  contentBytes: bytea('content_bytes'),
  bytes: integer('bytes').notNull(),
  createdAt: time('created_at').notNull(),
});

/** Findings of all tool calls of a run, for filtering. */
export const runFindings = pgTable('run_findings', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  runId: uuid('run_id').notNull(),
  stepId: text('step_id').notNull(),
  agent: text('agent'),
  tool: text('tool').notNull(),
  rule: text('rule').notNull(),
  severity: text('severity').notNull(),
  rank: smallint('rank').notNull(),
  path: text('path'),
  line: integer('line'),
  finding: jsonb('finding').$type<Finding>().notNull(),
});

/** Effects on the outside world by content key. */
export const effects = pgTable(
  'effects',
  {
    workspaceId: uuid('workspace_id').notNull(),
    key: text('key').notNull(),
    runId: uuid('run_id'),
    kind: text('kind').notNull(),
    requestHash: text('request_hash').notNull(),
    state: text('state').$type<'claimed' | 'committed' | 'failed' | 'unknown'>().notNull(),
    attempts: integer('attempts').notNull().default(1),
    result: jsonb('result').$type<JsonValue>(),
    claimedAt: time('claimed_at').notNull(),
    settledAt: time('settled_at'),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.key] })],
);

/** What people are asked, and how they decided. */
export const runApprovals = pgTable('run_approvals', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  runId: uuid('run_id').notNull(),
  stepId: text('step_id').notNull(),
  waitKey: text('wait_key').notNull(),
  title: text('title').notNull(),
  message: text('message').notNull(),
  fields: jsonb('fields').$type<JsonObject>(),
  approvers: jsonb('approvers').$type<{ roles: string[]; users: string[] }>(),
  status: text('status').notNull().default('open'),
  decidedBy: text('decided_by'),
  comment: text('comment'),
  values: jsonb('values').$type<JsonObject>(),
  requestedAt: time('requested_at').notNull(),
  dueAt: time('due_at').notNull(),
  decidedAt: time('decided_at'),
});

/** Signals sent to runs; each ends one wait. */
export const runSignals = pgTable('run_signals', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  runId: uuid('run_id').notNull(),
  name: text('name').notNull(),
  payload: jsonb('payload').$type<JsonValue>().notNull(),
  takenBy: text('taken_by'),
  receivedAt: time('received_at').notNull(),
});
