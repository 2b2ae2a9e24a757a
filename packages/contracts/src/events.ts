import { z } from 'zod';
import {
  errorInfoSchema,
  idSchema,
  jsonObjectSchema,
  jsonSchema,
  timeSchema,
  usageSchema,
} from './common.ts';
import type { Usage } from './common.ts';
import { findingSchema } from './findings.ts';
import { CACHE_OUTCOMES } from './router-settings.ts';

export const RUN_STATUSES = [
  'queued',
  'running',
  'paused',
  'waiting_approval',
  'completed',
  'failed',
  'cancelled',
] as const;
export const runStatusSchema = z.enum(RUN_STATUSES);
export type RunStatus = z.infer<typeof runStatusSchema>;
export const TERMINAL_RUN_STATUSES: readonly RunStatus[] = ['completed', 'failed', 'cancelled'];

export const STEP_STATUSES = [
  'pending',
  'running',
  'retrying',
  'waiting_approval',
  'completed',
  'failed',
  'skipped',
  'cancelled',
] as const;
export const stepStatusSchema = z.enum(STEP_STATUSES);
export type StepStatus = z.infer<typeof stepStatusSchema>;

const actor = z.object({ kind: z.string(), name: z.string() });

/** Payload per event type. Every event that a person may watch stands here; see spec 02, "One event protocol". */
export const eventDataSchemas = {
  'run.created': z.object({
    kind: z.string(),
    title: z.string(),
    recipe_slug: z.string().optional(),
    recipe_version: z.int().optional(),
    by: actor,
    priority: z.string().optional(),
    parent_run_id: z.string().optional(),
    forked_from: z.object({ run_id: z.string(), step_id: z.string() }).optional(),
    /** What started it, when no person did. */
    trigger: z.object({ kind: z.string(), id: z.string(), name: z.string() }).optional(),
    dry_run: z.boolean().optional(),
  }),
  'run.started': z.object({ recovered: z.boolean().optional() }),
  'run.paused': z.object({ by: actor }),
  'run.resumed': z.object({ by: actor }),
  'run.completed': z.object({ duration_ms: z.int(), usage: usageSchema }),
  'run.failed': z.object({ error: errorInfoSchema, duration_ms: z.int(), usage: usageSchema }),
  'run.cancelled': z.object({ by: actor, duration_ms: z.int() }),
  'step.started': z.object({
    name: z.string(),
    type: z.string(),
    agent: z.string().optional(),
    tool: z.string().optional(),
    attempt: z.int(),
    depends_on: z.array(z.string()),
    parent: z.string().optional(),
  }),
  'step.progress': z.object({ message: z.string(), ratio: z.number().min(0).max(1).optional() }),
  'step.retrying': z.object({ attempt: z.int(), delay_ms: z.int(), error: errorInfoSchema }),
  /** A person is asked; the run waits where this step stands. */
  'step.waiting_approval': z.object({
    approval_id: z.string(),
    title: z.string(),
    message: z.string(),
    due_at: z.string(),
    fields: jsonObjectSchema.optional(),
  }),
  /** The end of an approval; `timed_out` is decided by the clock. */
  'approval.decided': z.object({
    approval_id: z.string(),
    decision: z.enum(['approved', 'rejected', 'timed_out', 'cancelled']),
    by: actor,
    comment: z.string().optional(),
  }),
  /** The step waits for a time, a signal or a sub-run; the run holds no place among those that work. */
  'step.waiting': z.object({
    reason: z.enum(['time', 'signal', 'sub_run']),
    until: z.string().optional(),
    signal: z.string().optional(),
    run_id: z.string().optional(),
  }),
  'signal.received': z.object({ signal_id: z.string(), name: z.string(), by: actor }),
  'step.completed': z.object({
    duration_ms: z.int(),
    output_preview: z.string(),
    usage: usageSchema,
    /** Taken over from this run, not done again. */
    reused_from: z.string().optional(),
    /** Run of a recipe step, whose use counts to this run. */
    sub_run_id: z.string().optional(),
  }),
  'step.failed': z.object({
    error: errorInfoSchema,
    duration_ms: z.int(),
    attempts: z.int(),
    /** With `sub_run_id`: what the sub-runs of the step used, which counts to this run. */
    usage: usageSchema.optional(),
    sub_run_id: z.string().optional(),
  }),
  'step.skipped': z.object({ reason: z.string() }),
  'llm.started': z.object({
    call_id: z.string(),
    provider: z.string(),
    model: z.string(),
    agent: z.string(),
    turn: z.int(),
  }),
  'llm.delta': z.object({ call_id: z.string(), text: z.string() }),
  'llm.completed': z.object({
    call_id: z.string(),
    provider: z.string(),
    model: z.string(),
    agent: z.string(),
    input_tokens: z.int(),
    output_tokens: z.int(),
    cached_input_tokens: z.int(),
    reasoning_tokens: z.int(),
    cost_micros: z.int().nullable(),
    estimated: z.boolean(),
    offline: z.boolean(),
    duration_ms: z.int(),
    finish_reason: z.string(),
    tool_calls: z.int(),
    text: z.string(),
    /** Absent: no cache was asked. A hit costs nothing. */
    cache: z.enum(CACHE_OUTCOMES).optional(),
  }),
  'llm.fallback': z.object({
    call_id: z.string(),
    from: z.string(),
    to: z.string(),
    error: errorInfoSchema,
    /** Characters of text sent as deltas of this call before, which count no more. */
    discarded_chars: z.int().optional(),
  }),
  'tool.started': z.object({
    call_id: z.string(),
    tool: z.string(),
    agent: z.string().optional(),
    input: jsonSchema,
  }),
  'tool.completed': z.object({
    call_id: z.string(),
    tool: z.string(),
    agent: z.string().optional(),
    duration_ms: z.int(),
    summary: z.string(),
    findings_total: z.int(),
    findings: z.array(findingSchema),
    output_preview: z.string(),
    truncated: z.boolean(),
    /** The output holds text from files or the network. */
    tainted: z.boolean().optional(),
  }),
  'tool.failed': z.object({
    call_id: z.string(),
    tool: z.string(),
    agent: z.string().optional(),
    duration_ms: z.int(),
    status: z.enum(['error', 'denied', 'timeout']),
    error: errorInfoSchema,
  }),
  /** Of the run, or with `step_id` of one step. */
  'quality.scored': z.object({
    score: z.number().min(0).max(1).nullable(),
    grade: z.enum(['A', 'B', 'C', 'D', 'F']).nullable(),
    threshold: z.number().optional(),
    passed: z.boolean().optional(),
    dimensions: z.record(z.string(), z.number().nullable()),
  }),
  'learning.updated': z.object({
    recipe_slug: z.string(),
    change: z.enum(['suggested', 'applied', 'kept', 'rolled_back']),
    suggestion_id: z.string(),
    title: z.string(),
  }),
  /** Who or what was chosen in a run, from which candidates and why: splitting, assigning, bidding, voting, escalating, stopping. */
  'decision.made': z.object({
    decision: z.string(),
    /** Pattern of coordination that decided; absent when the task itself did. */
    pattern: z.string().optional(),
    /** What was decided about: a work unit, a question, a stage. */
    subject: z.string(),
    chosen: z.array(z.string()),
    reason: z.string(),
    candidates: z
      .array(z.object({ name: z.string(), score: z.number(), reasons: z.array(z.string()) }))
      .optional(),
  }),
  'recipe.created': z.object({ slug: z.string(), name: z.string() }),
  'recipe.updated': z.object({ slug: z.string(), version: z.int() }),
  'recipe.deleted': z.object({ slug: z.string() }),
  /** A due time of a schedule, once for all processes. */
  'schedule.fired': z.object({
    schedule_id: z.string(),
    recipe_slug: z.string(),
    due_at: z.string(),
    outcome: z.enum(['started', 'queued', 'skipped_overlap', 'skipped_misfire', 'failed']),
    run_id: z.string().optional(),
    error: errorInfoSchema.optional(),
  }),
  'trigger.fired': z.object({
    trigger_id: z.string(),
    recipe_slug: z.string(),
    outcome: z.enum(['started', 'filtered', 'failed']),
    run_id: z.string().optional(),
    error: errorInfoSchema.optional(),
  }),
  'webhook.dead': z.object({ webhook_id: z.string(), delivery_id: z.string(), url: z.string() }),
  'agent.created': z.object({ slug: z.string(), name: z.string() }),
  'agent.updated': z.object({ slug: z.string(), version: z.int() }),
  'agent.deleted': z.object({ slug: z.string() }),
  'agent.status_changed': z.object({ slug: z.string(), from: z.string(), to: z.string() }),
  'metrics.sample': z.object({
    cpu_percent: z.number(),
    memory_percent: z.number(),
    event_loop_lag_ms: z.number(),
    runs_active: z.int(),
  }),
} as const;

export type EventType = keyof typeof eventDataSchemas;
export type EventData<Type extends EventType> = z.input<(typeof eventDataSchemas)[Type]>;

/** What one finished model call adds to the usage of its step and run. */
export function usageOfModelCall(call: EventData<'llm.completed'>): Usage {
  return {
    model_calls: 1,
    tool_calls: 0,
    input_tokens: call.input_tokens,
    output_tokens: call.output_tokens,
    cached_input_tokens: call.cached_input_tokens,
    reasoning_tokens: call.reasoning_tokens,
    cost_micros: call.cost_micros,
    estimated: call.estimated,
  };
}
export const EVENT_TYPES = Object.keys(eventDataSchemas) as EventType[];

/** One stored event. `seq` starts at 1 and is dense per run; 0 for events that belong to no run. */
export const eventSchema = z.object({
  id: idSchema,
  seq: z.int(),
  workspace_id: idSchema,
  type: z.enum(EVENT_TYPES as [EventType, ...EventType[]]),
  subject: z.string(),
  run_id: idSchema.optional(),
  step_id: z.string().optional(),
  at: timeSchema,
  data: jsonObjectSchema,
});
export type EventEnvelope = z.infer<typeof eventSchema>;

/** Name of the channel on which an execution's events wake listeners (DESIGN 5). */
export function eventChannel(workspaceId: string, runId: string): string {
  return `workflow:${workspaceId}:execution:${runId}`;
}
