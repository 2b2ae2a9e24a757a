import { z } from 'zod';
import { jsonObjectSchema, jsonSchema, slugSchema } from './common.ts';
import { ROLES } from './permissions.ts';
import { scheduleSpecSchema, triggerSpecSchema } from './triggers.ts';

export const stepIdSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_-]*$/i, 'start with a letter; letters, digits, _ and -')
  .max(64);

/** Steps that do one thing. */
export const LEAF_TYPES = [
  'agent',
  'tool',
  'document',
  'recipe',
  'approval',
  'wait',
  'code',
] as const;
/** Steps that hold steps. */
export const CONTAINER_TYPES = ['parallel', 'map', 'branch', 'loop'] as const;
export const STEP_TYPES = [...LEAF_TYPES, ...CONTAINER_TYPES] as const;
export type StepType = (typeof STEP_TYPES)[number];
export type ContainerType = (typeof CONTAINER_TYPES)[number];

/** How deep containers may stand inside each other. */
export const CONTAINER_DEPTH_MAX = 4;
/** Items that one map works on. */
export const MAP_ITEMS_MAX = 1_000;
const WEEK_MS = 604_800_000;
const MONTH_MS = 2_592_000_000;

export const retrySchema = z.strictObject({
  /** Attempts in all, the first included. */
  max_attempts: z.int().min(1).max(10).default(1),
  delay_ms: z.int().min(0).max(3_600_000).default(1000),
  factor: z.number().min(1).max(10).default(2),
  delay_ms_max: z.int().min(0).max(3_600_000).default(60_000),
});

/** What a run or a step may spend; the first bound that is reached ends it. Sub-runs count to their parent. */
export const budgetSchema = z
  .strictObject({
    max_cost_micros: z.int().min(0).optional(),
    max_tokens: z.int().min(1).optional(),
    max_model_calls: z.int().min(0).optional(),
    max_tool_calls: z.int().min(0).optional(),
  })
  .refine((budget) => Object.keys(budget).length > 0, 'name at least one bound');
export type Budget = z.infer<typeof budgetSchema>;

/**
 * Condition over references and literals, e.g. `{{steps.scan.findings_total}} > 0 and not {{inputs.quick}}`; operators
 * `== != < <= > >= in contains and or not` and parentheses.
 */
export const conditionSchema = z.string().min(1).max(2_000);

const approvalFields = {
  /** What is asked; references allowed. */
  message: z.string().min(1).max(20_000),
  /** Who may decide; default everybody with the permission `runs:approve`. */
  approvers: z
    .strictObject({
      roles: z.array(z.enum(ROLES)).max(4).optional(),
      /** User ids or e-mail addresses. */
      users: z.array(z.string().min(1).max(200)).max(50).optional(),
    })
    .optional(),
  /** From the request on; also while no process runs. */
  timeout_ms: z.int().min(1).max(MONTH_MS).default(86_400_000),
  /** `fail` ends the step failed, the others decide in place of a person. */
  on_timeout: z.enum(['fail', 'reject', 'approve']).default('fail'),
};

/** Asked before the step starts; a rejection fails the step. */
export const approvalGateSchema = z.strictObject(approvalFields);

const mapFields = {
  /** Reference to the list, e.g. `{{steps.plan.object.files}}`. */
  items: z.string().min(1).max(2_000),
  /** Name of the item in references: `{{item}}`. */
  as: stepIdSchema.default('item'),
  /** Items at once; default the recipe's `parallel_limit`. */
  concurrency: z.int().min(1).max(50).optional(),
  /** `stop`: the first failed item fails the step. `skip`: failed items are left out and listed; if all fail, the step fails. */
  on_item_error: z.enum(['stop', 'skip']).default('stop'),
  /** With `skip`: share of items that must succeed, 0–1. */
  min_succeeded_ratio: z.number().min(0).max(1).default(0),
  /** A longer list fails the step. */
  max_items: z.int().min(1).max(MAP_ITEMS_MAX).default(MAP_ITEMS_MAX),
};
export const forEachSchema = z.union([mapFields.items, z.strictObject(mapFields)]);

const stepBase = {
  step_id: stepIdSchema,
  name: z.string().max(120).optional(),
  /** Name under which later steps reach the result; default `step_id`. */
  output_key: stepIdSchema.optional(),
  depends_on: z.array(stepIdSchema).max(50).optional(),
  /** The step is skipped when this is not true. */
  when: conditionSchema.optional(),
  approval: approvalGateSchema.optional(),
  /** `stop` (default) fails the run, `skip` marks the step failed and goes on with what does not depend on it, `continue_with` puts `fallback` in its place. */
  on_error: z.enum(['stop', 'skip', 'continue_with']).optional(),
  fallback: jsonSchema.optional(),
};
const limits = {
  retry: retrySchema.optional(),
  timeout_ms: z.int().min(1).max(86_400_000).optional(),
};
const budgeted = { budget: budgetSchema.optional() };
const repeated = { for_each: forEachSchema.optional() };
const scored = {
  /** Least quality of the result, 0–1; below it the step is repaired (`execution.max_repairs`), then fails. */
  quality_threshold: z.number().min(0).max(1).optional(),
};

export const agentStepSchema = z.strictObject({
  ...stepBase,
  ...limits,
  ...budgeted,
  ...repeated,
  ...scored,
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
  ...limits,
  ...budgeted,
  ...repeated,
  type: z.literal('tool'),
  tool: z.string().min(1).max(100),
  input: jsonObjectSchema.default({}),
  output_schema: jsonObjectSchema.optional(),
});

export const documentStepSchema = z.strictObject({
  ...stepBase,
  ...limits,
  ...repeated,
  ...scored,
  type: z.literal('document'),
  title: z.string().min(1).max(500),
  format: z.enum(['markdown', 'html', 'pdf', 'docx']).default('markdown'),
  /** Markdown with references. */
  template: z.string().min(1).max(500_000),
});

/** Another recipe as a run of its own; its version is fixed when the outer run starts. */
export const recipeStepSchema = z.strictObject({
  ...stepBase,
  ...limits,
  ...budgeted,
  ...repeated,
  type: z.literal('recipe'),
  /** Slug or id. */
  recipe: z.string().min(1).max(64),
  /** Default: the current version. */
  version: z.int().min(1).optional(),
  inputs: jsonObjectSchema.default({}),
  /** JSON schema that the sub-run's outputs must satisfy. */
  output_schema: jsonObjectSchema.optional(),
});

export const approvalStepSchema = z.strictObject({
  ...stepBase,
  type: z.literal('approval'),
  ...approvalFields,
  title: z.string().min(1).max(200).optional(),
  /** `stop`: a rejection fails the step. `continue`: the decision is the step's result. */
  on_reject: z.enum(['stop', 'continue']).default('stop'),
  /** JSON schema (type object) of values that the person gives with an approval. */
  fields: jsonObjectSchema.optional(),
});

/** Exactly one of `for_ms`, `until` and `event`. */
export const waitStepSchema = z.strictObject({
  ...stepBase,
  ...repeated,
  type: z.literal('wait'),
  for_ms: z.int().min(1).max(MONTH_MS).optional(),
  /** RFC 3339 time; references allowed. */
  until: z.string().min(1).max(500).optional(),
  /** Name of the signal sent to the run (`POST /api/runs/{id}/signals`); references allowed. */
  event: z.string().min(1).max(200).optional(),
  /** Of a wait for an event. */
  timeout_ms: z.int().min(1).max(MONTH_MS).optional(),
  on_timeout: z.enum(['fail', 'continue']).optional(),
});

export const codeStepSchema = z.strictObject({
  ...stepBase,
  ...limits,
  ...repeated,
  type: z.literal('code'),
  language: z.enum(['javascript', 'python']),
  source: z.string().min(1).max(200_000),
  input: jsonObjectSchema.default({}),
  output_schema: jsonObjectSchema.optional(),
});

const inner = (): z.ZodArray<z.ZodType<RecipeStep, RecipeStepInput>> =>
  z.array(recipeStepSchema_()).min(1).max(50);
const timed = { timeout_ms: limits.timeout_ms };

/** Steps that run side by side. */
export const parallelStepSchema = z.strictObject({
  ...stepBase,
  ...timed,
  ...budgeted,
  type: z.literal('parallel'),
  get steps() {
    return inner();
  },
});

/** The steps once for each item of a list, in order per item; the result keeps the order of the list. */
export const mapStepSchema = z.strictObject({
  ...stepBase,
  ...timed,
  ...budgeted,
  ...mapFields,
  type: z.literal('map'),
  get steps() {
    return inner();
  },
});

export const branchArmSchema = z.strictObject({
  /** Shown, and the value of `taken`; default `branch_1`, `branch_2`, … */
  name: stepIdSchema.optional(),
  when: conditionSchema,
  get steps() {
    return inner();
  },
});

/** The steps of the first arm whose condition is true, else those of `otherwise`. */
export const branchStepSchema = z.strictObject({
  ...stepBase,
  ...timed,
  ...budgeted,
  type: z.literal('branch'),
  get branches() {
    return z.array(branchArmSchema).min(1).max(20);
  },
  get otherwise() {
    return inner().optional();
  },
});

/** The steps again and again until the condition, checked after each round, is true. */
export const loopStepSchema = z.strictObject({
  ...stepBase,
  ...timed,
  ...budgeted,
  type: z.literal('loop'),
  until: conditionSchema,
  max_iterations: z.int().min(1).max(100),
  /** What the bound means when it comes first: `stop` fails the step. */
  on_limit: z.enum(['stop', 'continue']).default('stop'),
  delay_ms: z.int().min(0).max(3_600_000).default(0),
  get steps() {
    return inner();
  },
});

export const leafStepSchema = z.union([
  agentStepSchema,
  toolStepSchema,
  documentStepSchema,
  recipeStepSchema,
  approvalStepSchema,
  waitStepSchema,
  codeStepSchema,
]);
export type LeafStep = z.infer<typeof leafStepSchema>;

export interface ParallelStep extends ContainerBase {
  type: 'parallel';
  steps: RecipeStep[];
}
export interface MapStep extends ContainerBase {
  type: 'map';
  items: string;
  as: string;
  concurrency?: number | undefined;
  on_item_error: 'stop' | 'skip';
  min_succeeded_ratio: number;
  max_items: number;
  steps: RecipeStep[];
}
export interface BranchStep extends ContainerBase {
  type: 'branch';
  branches: BranchArm[];
  otherwise?: RecipeStep[] | undefined;
}
export interface BranchArm {
  name?: string | undefined;
  when: string;
  steps: RecipeStep[];
}
export interface LoopStep extends ContainerBase {
  type: 'loop';
  until: string;
  max_iterations: number;
  on_limit: 'stop' | 'continue';
  delay_ms: number;
  steps: RecipeStep[];
}
const containerBaseSchema = z.strictObject({ ...stepBase, ...timed, ...budgeted });
type ContainerBase = z.infer<typeof containerBaseSchema>;
export type ContainerStep = ParallelStep | MapStep | BranchStep | LoopStep;
export type RecipeStep = LeafStep | ContainerStep;
/** As it is written: defaults may be left out. */
export type RecipeStepInput = z.input<typeof leafStepSchema> | { type: ContainerType };

export const recipeStepAnySchema: z.ZodType<RecipeStep, RecipeStepInput> = z.lazy(
  () =>
    z.union([
      ...leafStepSchema.options,
      parallelStepSchema,
      mapStepSchema,
      branchStepSchema,
      loopStepSchema,
    ]) as unknown as z.ZodType<RecipeStep, RecipeStepInput>,
);
function recipeStepSchema_() {
  return recipeStepAnySchema;
}

export const PRIORITIES = ['low', 'normal', 'high'] as const;
export const prioritySchema = z.enum(PRIORITIES);
export type Priority = z.infer<typeof prioritySchema>;

/** Kind of result, for the weights of its quality (spec 05). */
export const OUTPUT_TYPES = ['report', 'code', 'operations', 'documentation', 'analysis'] as const;
export const outputTypeSchema = z.enum(OUTPUT_TYPES);
export type OutputType = z.infer<typeof outputTypeSchema>;

export const executionSchema = z.strictObject({
  /** `auto`: in order, or as a graph once a step names `depends_on`. `sequential`: in order, `depends_on` is refused. `parallel`: a graph, also without `depends_on`. */
  mode: z.enum(['auto', 'sequential', 'parallel']).default('auto'),
  /** Default attempts per step beyond the first. */
  max_retries: z.int().min(0).max(9).default(0),
  retry_delay_ms: z.int().min(0).max(3_600_000).default(1000),
  timeout_per_step_ms: z.int().min(1).max(86_400_000).default(300_000),
  total_timeout_ms: z.int().min(1).max(WEEK_MS).default(600_000),
  parallel_limit: z.int().min(1).max(50).default(5),
  /** How often a step below its `quality_threshold` is done again with what was wrong. */
  max_repairs: z.int().min(0).max(5).default(1),
  /** Whether suggestions learnt from runs are applied as versions, measured, and taken back when they do not help. */
  auto_learning: z.boolean().default(false),
  /** Order among the waiting runs of the workspace, unless the start says otherwise. */
  priority: prioritySchema.default('normal'),
  /** Runs of this recipe at once in the workspace; more wait as `queued`. */
  max_concurrent_runs: z.int().min(1).max(1_000).optional(),
});

/** The stored process (spec 05). YAML and JSON forms are equal. Unknown fields are errors. */
export const recipeDefinitionSchema = z.strictObject({
  slug: slugSchema,
  name: z.string().min(1).max(120),
  description: z.string().max(5000).default(''),
  tags: z.array(z.string().max(40)).max(20).default([]),
  category: z.string().max(40).optional(),
  output_type: outputTypeSchema.default('report'),
  /** JSON schema of type object. `format: folder` and `format: file` make the form offer a path field. */
  inputs: jsonObjectSchema.default({ type: 'object', properties: {} }),
  /** Named results: templates over steps and inputs. */
  outputs: z.record(stepIdSchema, z.string()).default({}),
  steps: z.array(recipeStepAnySchema).min(1).max(200),
  execution: executionSchema.prefault({}),
  budget: budgetSchema.optional(),
  /** Least quality of the run, 0–1; below it the run fails. */
  quality_threshold: z.number().min(0).max(1).optional(),
  schedule: z.union([scheduleSpecSchema, z.array(scheduleSpecSchema).min(1).max(20)]).optional(),
  triggers: z.array(triggerSpecSchema).max(20).default([]),
});
export type RecipeDefinition = z.infer<typeof recipeDefinitionSchema>;
export type RecipeDefinitionInput = z.input<typeof recipeDefinitionSchema>;
