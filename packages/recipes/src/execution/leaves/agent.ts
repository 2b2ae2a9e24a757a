import type { Agent } from '@automatos/contracts';
import { isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { TurnRequest, TurnResult } from '@automatos/agents';
import type { AgentStep } from '../../definition/step-kinds.ts';
import { renderText, renderValue } from '../../references/render.ts';
import { cutByBudget } from '../budget/budget-errors.ts';
import { scopeAt } from '../frame.ts';
import { limitReached, planLacks } from '../step-errors.ts';
import { assertOutput } from './attempt.ts';
import type { AttemptResult, AttemptSite } from './attempt.ts';
import { DRY_RUN_CAPABILITIES } from './tool.ts';
import { waiting } from './waiting.ts';

/** The provider that reads and counts without a model. */
const OFFLINE = { provider: 'offline', model: 'offline-1' };

export async function attemptAgent(site: AttemptSite, step: AgentStep): Promise<AttemptResult> {
  const { run, frame, id, context } = site;
  const frozen = run.plan.agents[step.agent];
  if (frozen === undefined) throw planLacks('agent', step.agent);
  const scope = scopeAt(site);
  const shown = step.inputs === undefined ? run.inputs : renderValue(step.inputs, scope);
  const inputs = isJsonObject(shown) ? shown : {};
  const request = renderText(step.prompt_template, scope);
  const turn = await run.deps.agents.runTurn(waitingContext(site), {
    stepId: id,
    attempt: site.attempt,
    agent: run.context.dryRun ? offline(frozen.agent) : frozen.agent,
    personaPrompt: frozen.persona_prompt,
    prompt: withDefects(request, site.defects),
    inputs,
    ...limitsOf(site, step),
    budget: frame.ledger,
    // Time limits act inside the calls (see the guarded context); between them a replay could not repeat them.
    signal: context.signal,
  });
  const result = resultOf(id, turn);
  if (step.output_schema !== undefined) {
    const output = { schema: step.output_schema, value: result['object'] ?? null, retryable: true };
    assertOutput(run, id, output);
  }
  const main = step.output_schema === undefined ? turn.text : (result['object'] ?? null);
  return { value: result, main, name: step.name ?? id, request, inputs };
}

/** While a person decides about a call of a tool, the time of the run does not count. */
function waitingContext(site: AttemptSite): AttemptSite['context'] {
  const { context } = site;
  return {
    ...context,
    approval: async (request, options) =>
      (await waiting(site, `approval:${request.key}`, () => context.approval(request, options)))
        .result,
  };
}

function limitsOf({ run }: AttemptSite, step: AgentStep): Partial<TurnRequest> {
  return {
    ...(step.tools === undefined ? {} : { toolNames: step.tools }),
    ...(step.output_schema === undefined ? {} : { outputSchema: step.output_schema }),
    ...(run.context.dryRun ? { allowedCapabilities: [...DRY_RUN_CAPABILITIES] } : {}),
  };
}

function offline(agent: Agent): Agent {
  return { ...agent, model: { ...agent.model, ...OFFLINE } };
}

function withDefects(prompt: string, defects: readonly string[]): string {
  if (defects.length === 0) return prompt;
  const list = defects.map((defect) => `- ${defect}`).join('\n');
  return `${prompt}\n\nAn earlier answer to this request was not good enough. Answer again as a whole, without these faults:\n${list}`;
}

/** The turn as the step's result; a turn that a limit ended is a failure that keeps what there was. */
function resultOf(stepId: string, turn: TurnResult): JsonObject {
  const value: JsonObject = {
    text: turn.text,
    object: turn.object ?? null,
    findings: turn.findings as unknown as JsonValue,
    findings_total: turn.findings_total,
    tools: turn.tools as unknown as JsonObject,
    usage: turn.usage,
    offline: turn.offline,
    provider: turn.provider,
    model: turn.model,
  };
  if (turn.status !== 'limit_reached') return value;
  if (turn.limit === 'budget') throw cutByBudget(stepId, turn.bound ?? 'the budget', value);
  throw limitReached(stepId, turn.limit ?? 'this turn', value);
}
