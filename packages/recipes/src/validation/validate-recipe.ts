import type { RecipeDefinition } from '@automatos/contracts';
import type { FieldError } from '@automatos/kernel';
import { readRecipe, recipeInvalid } from '../definition/parse-recipe.ts';
import type { RecipeDraft } from '../definition/parse-recipe.ts';
import { isAgentStep } from '../definition/step-kinds.ts';
import type { RecipeSource } from '../definition/source.ts';
import { checkReferences } from './check-references.ts';
import { checkSchemas } from './check-schemas.ts';
import { checkStarts } from './check-starts.ts';
import { checkStructure } from './check-structure.ts';
import { checkWorkspace } from './check-workspace.ts';
import { createProblemList, sortProblems } from './problem-list.ts';
import { resultShapes } from './result-shapes.ts';
import { createSchemaCompiler } from './schema-compiler.ts';
import type { SchemaCompiler } from './schema-compiler.ts';
import { buildGraph } from './step-graph.ts';
import type { NamedRefs, WorkspaceFacts } from './workspace-facts.ts';

export interface Validation {
  /** Null when there are problems. */
  definition: RecipeDefinition | null;
  /** All problems at once, in the order of the text. */
  problems: FieldError[];
}

/** Agents and recipes that a draft names, so that the facts can be gathered before the check. */
export function namedIn(draft: RecipeDraft): NamedRefs {
  const agents = new Set<string>();
  const recipes = new Map<string, NamedRefs['recipes'][number]>();
  const name = (ref: string, version?: number) =>
    recipes.set(`${ref}@${version ?? ''}`, { ref, ...(version === undefined ? {} : { version }) });
  for (const { step } of draft.steps) {
    if (step === null) continue;
    if (isAgentStep(step)) agents.add(step.agent);
    if (step.type !== 'recipe') continue;
    name(step.recipe, step.version);
    // Tells a missing version from a missing recipe.
    if (step.version !== undefined) name(step.recipe);
  }
  for (const trigger of draft.head?.triggers ?? []) {
    if (trigger.type === 'run_event' && trigger.recipe !== undefined) name(trigger.recipe);
  }
  return { agents: [...agents], recipes: [...recipes.values()] };
}

/** Checks a draft whole: form, names, order, references and the workspace; every problem with its position. */
export function validateDraft(
  draft: RecipeDraft,
  facts: WorkspaceFacts,
  compiler: SchemaCompiler,
): Validation {
  const list = createProblemList(draft.source, [...draft.problems]);
  const graph = buildGraph(draft.steps, draft.head?.execution.mode);
  const shapes = resultShapes(draft.steps, {
    toolOutput: (name) => facts.tool(name)?.output_schema ?? null,
    agentTools: (ref, narrowed) => narrowed ?? facts.agent(ref)?.tools ?? null,
    recipeOutputs: (ref, version) => facts.recipe(ref, version)?.outputKeys ?? null,
  });
  checkStructure(draft, graph, list);
  const checks = { draft, graph, shapes, list, compiler };
  checkSchemas(draft, checks);
  checkReferences(checks);
  checkWorkspace(checks, facts);
  checkStarts(checks, facts);
  const problems = sortProblems(list.problems);
  return { definition: problems.length === 0 ? draft.definition : null, problems };
}

/** Returns the definition of a sound recipe, or throws `recipes.definition.invalid` with all problems. */
export function validateRecipe(source: RecipeSource, facts: WorkspaceFacts): RecipeDefinition {
  const draft = readRecipe(source);
  const { definition, problems } = validateDraft(draft, facts, createSchemaCompiler());
  if (definition === null) throw recipeInvalid(problems);
  return definition;
}
