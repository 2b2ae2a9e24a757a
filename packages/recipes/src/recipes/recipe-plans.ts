import { resolveAgent } from '@automatos/agents';
import type { RecipeDefinition } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { isPlatformError } from '@automatos/kernel';
import type { FieldError } from '@automatos/kernel';
import type { ToolRegistry } from '@automatos/tools';
import { flattenSteps } from '../definition/flatten.ts';
import { toPointer } from '../definition/pointer.ts';
import type { Path } from '../definition/pointer.ts';
import { plannedRecipeKey } from '../execution/plan.ts';
import type { FrozenAgent, PlannedRecipe } from '../execution/plan.ts';
import { definitionOf, mustFind, mustFindVersion } from './recipe-access.ts';

/** How deep recipes may start each other. */
const RECIPE_DEPTH_MAX = 5;
/** Recipes in one plan, each place counted. */
const PLANNED_RECIPES_MAX = 100;

/** Everything that a recipe names, as it is now; and what keeps it from running. */
export interface Frozen {
  agents: Record<string, FrozenAgent>;
  recipes: Record<string, PlannedRecipe>;
  problems: FieldError[];
}

interface Freezing {
  tx: Tx;
  registry: Pick<ToolRegistry, 'get'>;
  /** Look-ups of this plan: the same agent or recipe is read once. */
  agents: Map<string, Promise<FrozenAgent>>;
  recipes: Map<string, Promise<FoundRecipe>>;
  planned: number;
}

interface FoundRecipe {
  definition: RecipeDefinition;
  recipe: PlannedRecipe['recipe'];
}

/**
 * Reads all agents of a definition and, recipe step by recipe step, the recipes behind it with theirs, so that nothing
 * that is changed later reaches a run under way. `recipeId` is the recipe itself, which no step inside may start again.
 */
export function freeze(
  deps: { tx: Tx; registry: Pick<ToolRegistry, 'get'> },
  recipe: { id: string; slug: string },
  definition: RecipeDefinition,
): Promise<Frozen> {
  const freezing: Freezing = { ...deps, agents: new Map(), recipes: new Map(), planned: 0 };
  return freezeSteps(freezing, definition, [recipe]);
}

async function freezeSteps(
  freezing: Freezing,
  definition: RecipeDefinition,
  trail: readonly { id: string; slug: string }[],
): Promise<Frozen> {
  const frozen: Frozen = { agents: {}, recipes: {}, problems: [] };
  for (const { step, path } of flattenSteps(definition)) {
    if (step === null) continue;
    if (step.type === 'tool' && freezing.registry.get(step.tool) === undefined) {
      const message = `the tool "${step.tool}" is not there any more`;
      frozen.problems.push({ pointer: toPointer([...path, 'tool']), message });
    }
    if ('agent' in step && frozen.agents[step.agent] === undefined) {
      const agent = await attempt(frozen, [...path, 'agent'], () => agentOf(freezing, step.agent));
      if (agent !== null) frozen.agents[step.agent] = agent;
    }
    if (step.type !== 'recipe') continue;
    const key = plannedRecipeKey(step);
    if (frozen.recipes[key] !== undefined) continue;
    const planned = await planRecipe(freezing, { frozen, trail, step, path });
    if (planned !== null) frozen.recipes[key] = planned;
  }
  return frozen;
}

async function planRecipe(
  freezing: Freezing,
  {
    frozen,
    trail,
    step,
    path,
  }: {
    frozen: Frozen;
    trail: readonly { id: string; slug: string }[];
    step: { recipe: string; version?: number | undefined };
    path: Path;
  },
): Promise<PlannedRecipe | null> {
  const place = [...path, 'recipe'];
  const refuse = (message: string) => {
    frozen.problems.push({ pointer: toPointer(place), message });
    return null;
  };
  const found = await attempt(frozen, place, () => recipeOf(freezing, step));
  if (found === null) return null;
  const next = [...trail, found.recipe];
  if (trail.some(({ id }) => id === found.recipe.id)) {
    return refuse(`the recipe starts itself: ${next.map(({ slug }) => slug).join(' → ')}`);
  }
  if (next.length > RECIPE_DEPTH_MAX + 1) {
    return refuse(`recipes start each other more than ${RECIPE_DEPTH_MAX} levels deep`);
  }
  freezing.planned += 1;
  if (freezing.planned > PLANNED_RECIPES_MAX) {
    return refuse(`the run would hold more than ${PLANNED_RECIPES_MAX} recipes`);
  }
  const { agents, recipes, problems } = await freezeSteps(freezing, found.definition, next);
  const [first] = problems;
  if (first !== undefined) {
    return refuse(`the recipe "${step.recipe}" cannot run: ${first.pointer} ${first.message}`);
  }
  return { ...found, agents, recipes };
}

/** What `read` gives; an anticipated failure becomes a problem of this place. */
async function attempt<T>(frozen: Frozen, path: Path, read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!isPlatformError(error)) throw error;
    const suggestion = error.errors?.[0]?.suggestion;
    frozen.problems.push({
      pointer: toPointer(path),
      message: error.message,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
    return null;
  }
}

function agentOf({ tx, agents }: Freezing, ref: string): Promise<FrozenAgent> {
  const known = agents.get(ref);
  if (known !== undefined) return known;
  const found = resolveAgent(tx, ref).then(({ agent, personaPrompt }) => ({
    agent,
    persona_prompt: personaPrompt,
  }));
  agents.set(ref, found);
  return found;
}

function recipeOf(
  { tx, recipes }: Freezing,
  step: { recipe: string; version?: number | undefined },
): Promise<FoundRecipe> {
  const key = plannedRecipeKey(step);
  const known = recipes.get(key);
  if (known !== undefined) return known;
  const found = readRecipeOf(tx, step);
  recipes.set(key, found);
  return found;
}

async function readRecipeOf(
  tx: Tx,
  step: { recipe: string; version?: number | undefined },
): Promise<FoundRecipe> {
  const row = await mustFind(tx, step.recipe);
  const version = await mustFindVersion(tx, row, step.version);
  const recipe = { id: row.id, slug: row.slug, version: version.version };
  return { definition: definitionOf(version), recipe };
}
