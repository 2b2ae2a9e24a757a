import { resolveAgent } from '@automatos/agents';
import { recipeDefinitionSchema } from '@automatos/contracts';
import type { Agent, ChatRequest, Run } from '@automatos/contracts';
import { isPlatformError } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import { declaredSteps, toPlan } from '@automatos/recipes';
import type { Asker, V1Deps } from './deps.ts';
import { conversationText, recipeInputs, refuseUnused } from './run-request.ts';
import { modelNotFound } from './v1-errors.ts';

type Deps = Pick<V1Deps, 'runs' | 'recipes' | 'database'>;
type RunTarget = { kind: 'agent' | 'recipe'; slug: string };

/** Starts the run behind a model id. Unknown slugs answer `v1.model.not_found`. */
export async function startRun(
  deps: Deps,
  asker: Asker,
  { target, request }: { target: RunTarget; request: ChatRequest },
): Promise<Run> {
  refuseUnused(request, target.kind);
  const key = asker.headers['idempotency-key'];
  const once = key === undefined ? {} : { idempotencyKey: `v1:${key}` };
  try {
    if (target.kind === 'agent') return await startAgent(deps, asker, { ...target, request, once });
    const { definition } = await deps.recipes.get(asker.workspaceId, target.slug);
    return await deps.recipes.execute(asker, {
      ref: target.slug,
      inputs: recipeInputs(definition, request.messages),
      ...once,
    });
  } catch (error) {
    if (isPlatformError(error) && error.kind === 'not-found') {
      throw modelNotFound(`${target.kind}/${target.slug}`, undefined);
    }
    throw error;
  }
}

/** A recipe of one step that is kept nowhere but in the run: so an agent's turn is as durable as any other. */
async function startAgent(
  deps: Deps,
  { workspaceId, by }: Asker,
  given: { slug: string; request: ChatRequest; once: { idempotencyKey?: string } },
): Promise<Run> {
  const { slug, request, once } = given;
  const conversation = conversationText(request.messages);
  const found = await deps.database.workspace(workspaceId, (tx) => resolveAgent(tx, slug));
  const format = request.response_format;
  const definition = recipeDefinitionSchema.parse({
    slug: `agent-${slug}`.slice(0, 64).replace(/-+$/, ''),
    name: found.agent.name,
    steps: [
      {
        step_id: 'answer',
        agent: slug,
        prompt_template: '{{inputs.conversation}}',
        inputs: {},
        ...(format?.type === 'json_schema' ? { output_schema: format.json_schema.schema } : {}),
      },
    ],
    outputs: {
      answer: format?.type === 'json_schema' ? '{{steps.answer.object}}' : '{{steps.answer.text}}',
    },
  });
  const agents = {
    [slug]: { agent: withSettings(found.agent, request), persona_prompt: found.personaPrompt },
  };
  const inputs: JsonObject = { conversation };
  return deps.runs.start(workspaceId, {
    kind: 'recipe',
    title: found.agent.name,
    plan: toPlan({ definition, recipe_version: 1, agents }),
    inputs,
    steps: declaredSteps(definition),
    by,
    ...once,
  });
}

/** The agent as the request wants it to answer; its limits stay its own. */
function withSettings(agent: Agent, request: ChatRequest): Agent {
  const { model } = agent;
  const bound = request.max_completion_tokens ?? request.max_tokens ?? model.max_tokens;
  return {
    ...agent,
    model: {
      ...model,
      temperature: request.temperature ?? model.temperature,
      top_p: request.top_p ?? model.top_p,
      frequency_penalty: request.frequency_penalty ?? model.frequency_penalty,
      presence_penalty: request.presence_penalty ?? model.presence_penalty,
      max_tokens: Math.min(bound, model.max_tokens),
    },
  };
}
