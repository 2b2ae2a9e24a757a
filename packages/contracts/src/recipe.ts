import { z } from 'zod';
import { jsonObjectSchema, jsonSchema, slugSchema } from './common.ts';

export const stepIdSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_-]*$/i, 'start with a letter; letters, digits, _ and -')
  .max(64);

/** Step types that this version runs; others of the specification are refused on save with that reason. */
export const STEP_TYPES = ['agent', 'tool', 'parallel', 'document'] as const;
export type StepType = (typeof STEP_TYPES)[number];

export const retrySchema = z.strictObject({
  /** Attempts in all, the first included. */
  max_attempts: z.int().min(1).max(10).default(1),
  delay_ms: z.int().min(0).max(3_600_000).default(1000),
  factor: z.number().min(1).max(10).default(2),
  delay_ms_max: z.int().min(0).max(3_600_000).default(60_000),
});

const stepBase = {
  step_id: stepIdSchema,
  name: z.string().max(120).optional(),
  /** Name under which later steps reach the result; default `step_id`. */
  output_key: stepIdSchema.optional(),
  depends_on: z.array(stepIdSchema).max(50).optional(),
  retry: retrySchema.optional(),
  timeout_ms: z.int().min(1).max(86_400_000).optional(),
  /** `stop` (default) fails the run, `skip` marks the step failed and goes on with what does not depend on it, `continue_with` puts `fallback` in its place. */
  on_error: z.enum(['stop', 'skip', 'continue_with']).optional(),
  fallback: jsonSchema.optional(),
};

export const agentStepSchema = z.strictObject({
  ...stepBase,
  type: z.literal('agent').optional(),
  /** Slug or id. */
  agent: z.string().min(1).max(64),
  prompt_template: z.string().min(1).max(100_000),
  /** Values shown to the agent beside the prompt; references allowed. Default: the recipe's inputs. */
  inputs: jsonObjectSchema.optional(),
  /** Narrows the agent's tools to these. */
  tools: z.array(z.string()).max(100).optional(),
  /** JSON schema that the step's `object` must satisfy. */
  output_schema: jsonObjectSchema.optional(),
});

export const toolStepSchema = z.strictObject({
  ...stepBase,
  type: z.literal('tool'),
  tool: z.string().min(1).max(100),
  input: jsonObjectSchema.default({}),
  output_schema: jsonObjectSchema.optional(),
});

export const documentStepSchema = z.strictObject({
  ...stepBase,
  type: z.literal('document'),
  title: z.string().min(1).max(500),
  format: z.enum(['markdown', 'html']).default('markdown'),
  template: z.string().min(1).max(500_000),
});

export type ParallelStep = z.infer<typeof parallelStepBase> & { steps: RecipeStep[] };
const parallelStepBase = z.strictObject({ ...stepBase, type: z.literal('parallel') });
const leafStepSchema = z.union([agentStepSchema, toolStepSchema, documentStepSchema]);
/** Group whose steps run side by side; groups do not nest. */
export const parallelStepSchema = z.strictObject({
  ...stepBase,
  type: z.literal('parallel'),
  steps: z.array(leafStepSchema).min(1).max(50),
});

export type LeafStep = z.infer<typeof leafStepSchema>;
export type RecipeStep = LeafStep | z.infer<typeof parallelStepSchema>;

export const executionSchema = z.strictObject({
  /** Default attempts per step beyond the first. */
  max_retries: z.int().min(0).max(9).default(0),
  retry_delay_ms: z.int().min(0).max(3_600_000).default(1000),
  timeout_per_step_ms: z.int().min(1).max(86_400_000).default(300_000),
  total_timeout_ms: z.int().min(1).max(604_800_000).default(600_000),
  parallel_limit: z.int().min(1).max(50).default(5),
});

/** The stored process (spec 05). YAML and JSON forms are equal. Unknown fields are errors. */
export const recipeDefinitionSchema = z.strictObject({
  slug: slugSchema,
  name: z.string().min(1).max(120),
  description: z.string().max(5000).default(''),
  tags: z.array(z.string().max(40)).max(20).default([]),
  category: z.string().max(40).optional(),
  /** JSON schema of type object. `format: folder` and `format: file` make the form offer a path field. */
  inputs: jsonObjectSchema.default({ type: 'object', properties: {} }),
  /** Named results: templates over steps and inputs. */
  outputs: z.record(stepIdSchema, z.string()).default({}),
  steps: z
    .array(z.union([agentStepSchema, toolStepSchema, documentStepSchema, parallelStepSchema]))
    .min(1)
    .max(200),
  execution: executionSchema.prefault({}),
});
export type RecipeDefinition = z.infer<typeof recipeDefinitionSchema>;
export type RecipeDefinitionInput = z.input<typeof recipeDefinitionSchema>;
