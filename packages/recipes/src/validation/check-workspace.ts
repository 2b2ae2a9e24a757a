import type { DraftStep } from '../definition/draft-step.ts';
import { isAgentStep } from '../definition/step-kinds.ts';
import { suggest } from '../definition/suggest.ts';
import { checkInputs } from './check-inputs.ts';
import type { GivenInputs } from './check-inputs.ts';
import { shapeOfReference } from './reference-shapes.ts';
import { siteOf } from './reference-site.ts';
import type { ReferenceChecks } from './reference-site.ts';
import { typesOf } from './schema-walk.ts';
import type { AgentStatus, WorkspaceFacts } from './workspace-facts.ts';

const WORKING: readonly AgentStatus[] = ['active', 'busy'];

/** Agents, tools and recipes that the recipe names must be there and usable, and inputs must fit their schemas. */
export function checkWorkspace(checks: ReferenceChecks, facts: WorkspaceFacts): void {
  for (const draft of checks.draft.steps) {
    const { step } = draft;
    if (step === null) continue;
    if (isAgentStep(step)) checkAgentStep(checks, draft, facts);
    else if (step.type === 'tool') checkToolStep(checks, draft, facts);
    else if (step.type === 'recipe') checkRecipeStep(checks, draft, facts);
  }
}

function checkAgentStep(
  { list }: ReferenceChecks,
  { step, path }: DraftStep,
  facts: WorkspaceFacts,
): void {
  if (step === null || !isAgentStep(step)) return;
  const agent = facts.agent(step.agent);
  if (agent === null) {
    const near = suggest(step.agent, facts.agentNames);
    list.add([...path, 'agent'], `there is no agent "${step.agent}"`, { suggestion: near });
  } else if (!WORKING.includes(agent.status)) {
    const message = `the agent "${step.agent}" is ${agent.status} and takes no work; activate it`;
    list.add([...path, 'agent'], message);
  }
  for (const [index, name] of (step.tools ?? []).entries()) {
    const place = [...path, 'tools', index];
    if (facts.tool(name) === null) {
      const near = suggest(name, facts.toolNames);
      list.add(place, `there is no tool "${name}"`, { suggestion: near });
    } else if (agent !== null && !agent.tools.includes(name)) {
      list.add(place, `the agent "${step.agent}" may not use the tool "${name}"`, {
        suggestion: suggest(name, agent.tools),
      });
    }
  }
}

function checkToolStep(checks: ReferenceChecks, draft: DraftStep, facts: WorkspaceFacts): void {
  const { step, path } = draft;
  if (step?.type !== 'tool') return;
  const tool = facts.tool(step.tool);
  if (tool === null) {
    const near = suggest(step.tool, facts.toolNames);
    checks.list.add([...path, 'tool'], `there is no tool "${step.tool}"`, { suggestion: near });
    return;
  }
  checkInputs(checks, {
    value: step.input,
    path: [...path, 'input'],
    schema: tool.input_schema,
    schemaPath: [...path, 'tool'],
    typesOf: typesIn(checks, draft),
  });
}

function checkRecipeStep(checks: ReferenceChecks, draft: DraftStep, facts: WorkspaceFacts): void {
  const { step, path } = draft;
  if (step?.type !== 'recipe') return;
  const { list } = checks;
  const place = [...path, 'recipe'];
  const own = checks.draft.head?.slug;
  const found = facts.recipe(step.recipe, step.version);
  if (step.recipe === own || (found !== null && found.slug === own)) {
    list.add(place, 'a recipe cannot run itself');
    return;
  }
  if (found === null) {
    const current = step.version === undefined ? null : facts.recipe(step.recipe);
    if (current === null) {
      const near = suggest(
        step.recipe,
        facts.recipeNames.filter((name) => name !== own),
      );
      list.add(place, `there is no recipe "${step.recipe}"`, { suggestion: near });
      return;
    }
    const message = `the recipe "${step.recipe}" has no version ${step.version ?? ''}; the current one is ${current.version}`;
    list.add([...path, 'version'], message);
    return;
  }
  if (own !== undefined && found.uses.includes(own)) {
    const message = `recipes cannot run in a circle: ${own} → ${found.slug} → … → ${own}`;
    list.add(place, message);
    return;
  }
  checkInputs(checks, {
    value: step.inputs,
    path: [...path, 'inputs'],
    schema: { type: 'object', ...found.inputs },
    schemaPath: place,
    typesOf: typesIn(checks, draft),
  });
}

/** Types of what a reference inside a step's own fields gives. */
function typesIn(checks: ReferenceChecks, draft: DraftStep): NonNullable<GivenInputs['typesOf']> {
  return (reference, { path, text }) => {
    const at = siteOf(checks, draft, { path, text, kind: 'template', place: 'inside' });
    const shape = shapeOfReference(at, reference);
    return shape === null ? null : typesOf(shape);
  };
}
