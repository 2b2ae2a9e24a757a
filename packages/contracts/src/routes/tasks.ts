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
import { runStatusSchema, stepStatusSchema } from '../events.ts';
import { route } from '../http.ts';
import { budgetSchema, prioritySchema } from '../recipe.ts';

/** Stages of a task in their order; each is the step of the same id in the task's run. */
export const TASK_STAGES = [
  'decomposition',
  'agent_selection',
  'context_engineering',
  'execution',
  'aggregation',
  'learning_update',
  'quality_assessment',
  'memory_storage',
  'response',
] as const;
export type TaskStage = (typeof TASK_STAGES)[number];

export const taskInputSchema = z.strictObject({
  /** What is to be achieved, in plain words. */
  goal: z.string().trim().min(1).max(20_000),
  title: z.string().trim().min(1).max(200).optional(),
  /** Folder, file, URL, domain or question that the goal is about. */
  target: z.string().trim().min(1).max(4_000).optional(),
  /** Handed to every agent beside the target. */
  parameters: jsonObjectSchema.default({}),
  /** Only these agents (ids or slugs) may work on it. */
  agents: z.array(z.string().min(1).max(64)).min(1).max(20).optional(),
  /** Slug of a coordination pattern, or its kind; without one, parts are done side by side as far as they do not depend on each other. */
  pattern: z.string().min(1).max(64).optional(),
  budget: budgetSchema.optional(),
  /** Least quality, 0–1: a result that misses it after all refinements fails the task. Without one, refinements aim at 0.6. */
  quality_threshold: z.number().min(0).max(1).optional(),
  /** How often a poor result is sent back to the selection of agents. */
  max_refinements: z.int().min(0).max(3).default(1),
  priority: prioritySchema.optional(),
});
export type TaskInput = z.infer<typeof taskInputSchema>;

/** What a task is expected to take, from how its agents did before; null figures have no history behind them. */
export const taskEstimateSchema = z.object({
  duration_ms: z.int().nullable(),
  cost_micros: z.int().nullable(),
  quality: z.number().min(0).max(1).nullable(),
  /** Earlier units of work that it rests on. */
  based_on: z.int(),
  note: z.string(),
});
export type TaskEstimate = z.infer<typeof taskEstimateSchema>;

/** A piece of work that one agent can do. */
export const taskUnitSchema = z.object({
  unit_id: z.string(),
  title: z.string(),
  prompt: z.string(),
  /** Capabilities that it calls for. */
  needs: z.array(z.string()),
  depends_on: z.array(z.string()),
  /** 0–1. */
  complexity: z.number(),
});

export const taskCandidateSchema = z.object({
  name: z.string(),
  score: z.number(),
  reasons: z.array(z.string()),
});

/** Who does a unit, and why; `agent` null when nobody suits. */
export const taskAssignmentSchema = z.object({
  unit_id: z.string(),
  agent: z.string().nullable(),
  reason: z.string(),
  candidates: z.array(taskCandidateSchema),
});

export const taskSchema = z.object({
  /** Id of the task and of its run. */
  id: idSchema,
  title: z.string(),
  goal: z.string(),
  target: z.string().nullable(),
  pattern: z.string().nullable(),
  status: runStatusSchema,
  /** How a completed task ended: `partial` when some of its units failed. Null before. */
  outcome: z.enum(['complete', 'partial']).nullable(),
  agents_used: z.array(z.string()),
  units_total: z.int(),
  units_failed: z.int(),
  findings_total: z.int(),
  quality_score: z.number().nullable(),
  quality_grade: z.string().nullable(),
  usage: usageSchema,
  error: errorInfoSchema.nullable(),
  /** Task that this one does again. */
  retry_of: idSchema.nullable(),
  created_by: z.string(),
  created_at: timeSchema,
  started_at: timeSchema.nullable(),
  finished_at: timeSchema.nullable(),
});
export type Task = z.infer<typeof taskSchema>;

export const taskStageSchema = z.object({
  stage: z.enum(TASK_STAGES),
  name: z.string(),
  status: stepStatusSchema,
  /** More than 1 when the quality sent the task back. */
  attempts: z.int(),
  duration_ms: z.int().nullable(),
  usage: usageSchema,
  /** What the stage brought; its shape is the stage's own. */
  output: jsonSchema.nullable(),
  error: errorInfoSchema.nullable(),
  started_at: timeSchema.nullable(),
  finished_at: timeSchema.nullable(),
});
export type TaskStageView = z.infer<typeof taskStageSchema>;

/** A unit of work as it went. */
export const taskUnitViewSchema = z.object({
  unit_id: z.string(),
  title: z.string(),
  agent: z.string().nullable(),
  status: stepStatusSchema,
  attempts: z.int(),
  depends_on: z.array(z.string()),
  output: jsonSchema.nullable(),
  error: errorInfoSchema.nullable(),
  usage: usageSchema,
  started_at: timeSchema.nullable(),
  finished_at: timeSchema.nullable(),
});

export const taskDetailSchema = taskSchema.extend({
  parameters: jsonObjectSchema,
  agents: z.array(z.string()).nullable(),
  budget: budgetSchema.nullable(),
  quality_threshold: z.number().nullable(),
  max_refinements: z.int(),
  stages: z.array(taskStageSchema),
  units: z.array(taskUnitViewSchema),
  assignments: z.array(taskAssignmentSchema),
  /** The response with evidence, agents, quality, cost, time and prediction error; null until there is one. */
  result: jsonObjectSchema.nullable(),
});
export type TaskDetail = z.infer<typeof taskDetailSchema>;

export const taskPreviewSchema = z.object({
  target: jsonObjectSchema,
  units: z.array(taskUnitSchema),
  /** What the split rests on, in sentences. */
  assumptions: z.array(z.string()),
  complexity: z.object({
    score: z.number(),
    reasons: z.array(z.string()),
  }),
  assignments: z.array(taskAssignmentSchema),
  estimate: taskEstimateSchema,
  /** What would make the task fail at once. */
  problems: z.array(z.string()),
});
export type TaskPreview = z.infer<typeof taskPreviewSchema>;

const byTask = z.strictObject({ task_id: idSchema });

export const taskRoutes = {
  list: route({
    operationId: 'listTasks',
    method: 'GET',
    path: '/api/tasks',
    tag: 'tasks',
    permission: 'tasks:read',
    summary: 'Tasks, newest first',
    query: listQuerySchema.extend({
      status: runStatusSchema.optional(),
      outcome: z.enum(['complete', 'partial']).optional(),
      /** In title and goal. */
      search: z.string().max(100).optional(),
      /** Slug of an agent that worked on it. */
      agent: z.string().max(64).optional(),
      from: timeSchema.optional(),
      to: timeSchema.optional(),
    }),
    response: listOf(taskSchema),
  }),
  create: route({
    operationId: 'createTask',
    method: 'POST',
    path: '/api/tasks',
    tag: 'tasks',
    permission: 'tasks:run',
    summary: 'Submit a task; its nine stages run in the background',
    body: taskInputSchema,
    response: taskSchema,
    status: 202,
  }),
  preview: route({
    operationId: 'previewTask',
    method: 'POST',
    path: '/api/tasks/preview',
    tag: 'tasks',
    permission: 'tasks:read',
    summary:
      'How a task would be split and who would do it, with reasons; runs nothing and asks no model',
    body: taskInputSchema,
    response: taskPreviewSchema,
  }),
  get: route({
    operationId: 'getTask',
    method: 'GET',
    path: '/api/tasks/:task_id',
    tag: 'tasks',
    permission: 'tasks:read',
    summary: 'One task with its stages, units, decisions and result',
    params: byTask,
    response: taskDetailSchema,
  }),
  cancel: route({
    operationId: 'cancelTask',
    method: 'POST',
    path: '/api/tasks/:task_id/cancel',
    tag: 'tasks',
    permission: 'tasks:run',
    summary: 'Stop now; work under way is aborted',
    params: byTask,
    response: taskSchema,
  }),
  retry: route({
    operationId: 'retryTask',
    method: 'POST',
    path: '/api/tasks/:task_id/retry',
    tag: 'tasks',
    permission: 'tasks:run',
    summary: 'Submit an ended task again, as a new one',
    params: byTask,
    response: taskSchema,
    status: 202,
  }),
};
