import { agentSchema, recipeDefinitionSchema } from '@automatos/contracts';
import { PlatformError } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import type { DeclaredStep } from '@automatos/runs';
import { z } from 'zod';
import { flattenSteps } from '../definition/flatten.ts';
import { buildGraph } from '../validation/step-graph.ts';

const frozenAgentSchema = z.object({ agent: agentSchema, persona_prompt: z.string().nullable() });
const planSchema = z.object({
  definition: recipeDefinitionSchema,
  recipe_version: z.int(),
  /** Agents as they were when the run started, by the name that the steps use. */
  agents: z.record(z.string(), frozenAgentSchema),
});
/** Everything a run of a recipe needs and that must not change while it runs. */
export type RecipePlan = z.infer<typeof planSchema>;
export type FrozenAgent = z.infer<typeof frozenAgentSchema>;

/** The plan as JSON, for `Runs.start`. */
export function toPlan(plan: RecipePlan): JsonObject {
  return plan as unknown as JsonObject;
}

/** Reads a stored plan; throws `recipes.plan.unreadable` when this version cannot. */
export function readPlan(plan: JsonObject): RecipePlan {
  const parsed = planSchema.safeParse(plan);
  if (parsed.success) return parsed.data;
  throw new PlatformError({
    code: 'recipes.plan.unreadable',
    kind: 'internal',
    message:
      'The plan of this run was written by another version and cannot be carried out. Start the recipe again.',
    internalMessage: parsed.error.message,
  });
}

/** The steps of a recipe as a run shows them before it starts; edges as they hold when it runs. */
export function declaredSteps(definition: RecipePlan['definition']): DeclaredStep[] {
  const steps = flattenSteps(definition);
  const graph = buildGraph(steps);
  return steps.map(({ stepId, step, parent, type }) => ({
    stepId,
    name: step?.name ?? stepId,
    type: type ?? 'agent',
    ...(step !== null && 'agent' in step ? { agent: step.agent } : {}),
    ...(step?.type === 'tool' ? { tool: step.tool } : {}),
    ...(parent === null ? {} : { parent }),
    dependsOn: parent === null ? [...graph.dependencies(stepId)] : [],
  }));
}
