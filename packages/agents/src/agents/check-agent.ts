import type { Tx } from '@automatos/database';
import { isPlatformError } from '@automatos/kernel';
import type { FieldError } from '@automatos/kernel';
import { closest } from '@automatos/providers';
import type { Providers } from '@automatos/providers';
import type { ToolRegistry } from '@automatos/tools';
import { agentError } from '../agent-error.ts';
import { modelRefOf } from '../model-ref.ts';
import { holdPersona, personaSlugs } from '../personas/persona-store.ts';
import type { AgentDefinition } from './agent-tables.ts';

export interface CheckDeps {
  registry: Pick<ToolRegistry, 'get' | 'list'>;
  providers: Pick<Providers, 'resolve'>;
}

/**
 * Returns the definition with the persona as its slug. Throws `agents.agent.invalid` with every field that names something
 * unknown. The persona is held until the transaction ends, so that it cannot be deleted meanwhile.
 */
export async function checkAgent(
  tx: Tx,
  deps: CheckDeps,
  definition: AgentDefinition,
): Promise<AgentDefinition> {
  const persona = await checkPersona(tx, definition.persona);
  const errors = [
    ...persona.errors,
    ...checkOwnPersona(definition),
    ...checkModel(deps, definition.model),
    ...checkFallbacks(deps, definition.model),
    ...checkTools(deps, definition.tools),
  ];
  const [first] = errors;
  if (first === undefined) return { ...definition, persona: persona.slug };
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  throw agentError('agents.agent.invalid', {
    kind: 'invalid-input',
    message: `The agent cannot be saved: ${first.pointer}: ${first.message}${more}`,
    errors,
  });
}

async function checkPersona(
  tx: Tx,
  ref: string | null,
): Promise<{ slug: string | null; errors: FieldError[] }> {
  if (ref === null) return { slug: null, errors: [] };
  const slug = await holdPersona(tx, ref);
  if (slug !== undefined) return { slug, errors: [] };
  return {
    slug: null,
    errors: [
      unknown('/persona', `there is no persona "${ref}"`, closest(ref, await personaSlugs(tx))),
    ],
  };
}

function checkOwnPersona({ persona, persona_text: text }: AgentDefinition): FieldError[] {
  if (persona === null || text.trim() === '') return [];
  const message = 'an agent has either a persona or a text of its own; leave one of them out';
  return [{ pointer: '/persona_text', message }];
}

function checkModel({ providers }: CheckDeps, model: AgentDefinition['model']): FieldError[] {
  if (model.provider === null) {
    return model.model === null
      ? []
      : [
          {
            pointer: '/model/provider',
            message: 'name the provider of the model, or leave both empty for the platform default',
          },
        ];
  }
  const ref = modelRefOf(model);
  // Any id finds out whether the provider itself is known; a default that is missing is the clearer complaint then.
  if (ref?.model === '') {
    const errors = resolveErrors(providers, { provider: model.provider, model: 'x' });
    const missing = {
      pointer: '/model/model',
      message: `"${model.provider}" has no default model; name one`,
    };
    return errors.some((error) => error.pointer === '/model/provider') ? errors : [missing];
  }
  return ref === null ? [] : resolveErrors(providers, ref);
}

/** Each must exist and stand there once; the agent's own model is no fallback of itself. */
function checkFallbacks({ providers }: CheckDeps, model: AgentDefinition['model']): FieldError[] {
  const own = modelRefOf(model);
  const seen = new Set(own === null ? [] : [`${own.provider}\n${own.model}`]);
  return (model.fallbacks ?? []).flatMap((ref, index) => {
    const at = `/model/fallbacks/${index}`;
    if (seen.size < seen.add(`${ref.provider}\n${ref.model}`).size)
      return resolveErrors(providers, ref, at);
    const message = `"${ref.model}" of "${ref.provider}" is tried already; keep one entry`;
    return [{ pointer: `${at}/model`, message }];
  });
}

function resolveErrors(
  providers: CheckDeps['providers'],
  ref: { provider: string; model: string },
  at = '/model',
): FieldError[] {
  try {
    providers.resolve(ref);
    return [];
  } catch (error) {
    if (!isPlatformError(error) || error.kind !== 'invalid-input') throw error;
    const [field] = error.errors ?? [];
    const suggestion = field?.suggestion === undefined ? {} : { suggestion: field.suggestion };
    return [{ pointer: `${at}${field?.pointer ?? ''}`, message: error.message, ...suggestion }];
  }
}

function checkTools({ registry }: CheckDeps, grants: AgentDefinition['tools']): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  const names = registry.list().map((tool) => tool.name);
  for (const [index, grant] of grants.entries()) {
    const pointer = `/tools/${index}`;
    const tool = registry.get(grant.tool);
    if (tool === undefined)
      errors.push(
        unknown(`${pointer}/tool`, `there is no tool "${grant.tool}"`, closest(grant.tool, names)),
      );
    if (seen.has(grant.tool))
      errors.push({
        pointer: `${pointer}/tool`,
        message: `"${grant.tool}" is given twice; keep one entry`,
      });
    seen.add(grant.tool);
    if (tool === undefined || typeof grant.level === 'string') continue;
    const actions = Object.keys(tool.actions ?? {});
    for (const [position, action] of grant.level.actions.entries()) {
      if (actions.includes(action)) continue;
      const known =
        actions.length === 0
          ? `"${grant.tool}" has no actions; use "full" or "read_only"`
          : `"${grant.tool}" has no action "${action}"`;
      errors.push(unknown(`${pointer}/level/actions/${position}`, known, closest(action, actions)));
    }
  }
  return errors;
}

function unknown(pointer: string, message: string, suggestion: string | undefined): FieldError {
  return suggestion === undefined
    ? { pointer, message }
    : { pointer, message: `${message}; did you mean "${suggestion}"?`, suggestion };
}
