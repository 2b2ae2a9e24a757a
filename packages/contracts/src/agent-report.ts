import { z } from 'zod';
import { jsonObjectSchema } from './common.ts';
import { findingSchema } from './findings.ts';

/** What an agent is asked to work on (spec 03): a folder, file, URL, dataset or question, and parameters of its own. */
export const agentTaskSchema = z.strictObject({
  /** One of the agent's capabilities, e.g. `security_scan`; default: all that it can do. */
  task_type: z.string().max(60).optional(),
  target: z.string().max(4000).optional(),
  parameters: jsonObjectSchema.default({}),
  /** Words beside the target; default: made from the task type. */
  prompt: z.string().max(50_000).optional(),
});
export type AgentTask = z.infer<typeof agentTaskSchema>;

/** A check that the agent made: one tool with what it told. */
export const agentCheckSchema = z.object({
  tool: z.string(),
  status: z.string(),
  summary: z.string(),
  findings: z.int(),
});

export type AgentCheck = z.infer<typeof agentCheckSchema>;

export const agentArtifactSchema = z.object({
  name: z.string(),
  title: z.string(),
  content_type: z.string(),
  /** Id among the run's artifacts. */
  artifact_id: z.string(),
});

/**
 * What an agent gives back. `quality` (0–1) is computed from the checks that ran, the findings whose evidence resolves and the
 * schema, never taken from a model; null when nothing could be checked.
 */
export const agentReportSchema = z.object({
  success: z.boolean(),
  summary: z.string(),
  findings: z.array(findingSchema),
  findings_total: z.int(),
  artifacts: z.array(agentArtifactSchema),
  checks_run: z.array(agentCheckSchema),
  quality: z.number().min(0).max(1).nullable(),
  offline: z.boolean(),
});
export type AgentReport = z.infer<typeof agentReportSchema>;
