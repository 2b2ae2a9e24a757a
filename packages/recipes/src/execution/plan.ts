import { agentSchema, budgetSchema, recipeDefinitionSchema } from '@automatos/contracts';
import type { RecipeDefinition } from '@automatos/contracts';
import { PlatformError } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import type { DeclaredStep } from '@automatos/runs';
import { z } from 'zod';
import { flattenSteps } from '../definition/flatten.ts';
import { buildGraph } from '../validation/step-graph.ts';
import { repeats } from './repeats.ts';

const frozenAgentSchema = z.object({ agent: agentSchema, persona_prompt: z.string().nullable() });
/** A recipe that a step starts as a run of its own, as it was when the outermost run started. */
export interface PlannedRecipe {
  definition: RecipeDefinition;
  recipe: { id: string; slug: string; version: number };
  /** By the name that the steps of this recipe use. */
  agents: Record<string, FrozenAgent>;
  /** Recipes that its own steps start, by {@link plannedRecipeKey}. */
  recipes: Record<string, PlannedRecipe>;
}
const plannedRecipeSchema: z.ZodType<PlannedRecipe> = z.lazy(() =>
  z.object({
    definition: recipeDefinitionSchema,
    recipe: z.object({ id: z.string(), slug: z.string(), version: z.int() }),
    agents: z.record(z.string(), frozenAgentSchema),
    recipes: z.record(z.string(), plannedRecipeSchema).default({}),
  }),
);

const planSchema = z.object({
  definition: recipeDefinitionSchema,
  recipe_version: z.int(),
  /** Agents as they were when the run started, by the name that the steps use. */
  agents: z.record(z.string(), frozenAgentSchema),
  /** Recipes that steps start, by {@link plannedRecipeKey}. */
  recipes: z.record(z.string(), plannedRecipeSchema).default({}),
  /** What the budgets of the run that started this one leave it. */
  budget_left: budgetSchema.optional(),
});
/** Everything a run of a recipe needs and that must not change while it runs. */
export type RecipePlan = z.infer<typeof planSchema>;
export type FrozenAgent = z.infer<typeof frozenAgentSchema>;

/** Name of a recipe step's recipe in a plan: as the step names it, with the version when it names one. */
export function plannedRecipeKey(step: { recipe: string; version?: number | undefined }): string {
  return step.version === undefined ? step.recipe : `${step.recipe}@${step.version}`;
}

/** The plan as JSON, for `Runs.start`. */
export function toPlan(
  plan: Omit<RecipePlan, 'recipes'> & { recipes?: RecipePlan['recipes'] },
): JsonObject {
  return plan as unknown as JsonObject;
}

/** Reads a stored plan; throws `recipes.plan.unreadable` when this version cannot. */
export function readPlan(plan: JsonObject): RecipePlan {
  const parsed = planSchema.safeParse(plan);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = `/${(issue?.path ?? []).map(String).join('/')}`;
  throw new PlatformError({
    code: 'recipes.plan.unreadable',
    kind: 'internal',
    message: `The plan of this run was written by another version and cannot be carried out (${place}: ${issue?.message ?? 'does not fit'}). Start the recipe again.`,
    internalMessage: parsed.error.message,
  });
}

/**
 * The steps of a recipe as a run shows them before it starts; edges as they hold when it runs. Steps inside maps and loops
 * are shown when they begin, under an id for each item and round.
 */
export function declaredSteps(definition: RecipePlan['definition']): DeclaredStep[] {
  const steps = flattenSteps(definition);
  const graph = buildGraph(steps, definition.execution.mode);
  const once = steps.filter(({ stepId }) => !graph.containers(stepId).some(repeats));
  return once.map(({ stepId, step, parent, type }) => ({
    stepId,
    name: step?.name ?? stepId,
    type: type ?? 'agent',
    ...(step !== null && 'agent' in step ? { agent: step.agent } : {}),
    ...(step?.type === 'tool' ? { tool: step.tool } : {}),
    ...(parent === null ? {} : { parent }),
    dependsOn: parent === null ? [...graph.dependencies(stepId)] : [],
  }));
}
