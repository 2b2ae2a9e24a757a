import type { RunContext } from '@automatos/runs';
import type { ToolOutcome } from '@automatos/tools';
import { askConsent, needsConsent, refusedOutcome } from '@automatos/tools';
import type { TurnRequest } from './runtime-types.ts';
import type { ToolPlan } from './tool-step.ts';

interface Site {
  context: RunContext;
  request: TurnRequest;
}

/**
 * Asks a person about calls that need it, one after another in the order of the answer, so that a replay numbers the waits equally.
 * Returns who consented by index; refused calls get their outcome in place.
 */
export async function consentsOf(
  site: Site,
  plans: readonly (ToolPlan | null)[],
  outcomes: (ToolOutcome | null)[],
): Promise<Map<number, string>> {
  const consents = new Map<number, string>();
  for (const [index, plan] of plans.entries()) {
    const outcome = outcomes[index];
    if (plan === null || !outcome || !needsConsent(outcome)) continue;
    const decision = await ask(site, plan, outcome);
    if (decision.by === null) outcomes[index] = refusedOutcome(plan.call.name, decision.comment);
    else consents.set(index, decision.by);
  }
  return consents;
}

function ask({ context, request }: Site, plan: ToolPlan, outcome: ToolOutcome) {
  return askConsent(contextWithSignal(context, request.signal), {
    key: plan.callId,
    stepId: request.stepId,
    tool: plan.call.name,
    input: plan.call.input,
    reason: outcome.summary,
    agent: request.agent.slug,
  });
}

function contextWithSignal(context: RunContext, signal: AbortSignal) {
  return {
    dryRun: context.dryRun,
    approval: (asked: Parameters<RunContext['approval']>[0]) => context.approval(asked, { signal }),
  };
}
