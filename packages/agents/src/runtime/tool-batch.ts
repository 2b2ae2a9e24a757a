import { NO_USAGE, addUsage } from '@automatos/contracts';
import type { ModelToolCall } from '@automatos/providers';
import type { RunContext } from '@automatos/runs';
import { keepArtifacts, needsConsent } from '@automatos/tools';
import type { KeptOutcome, ToolGrant, ToolOutcome } from '@automatos/tools';
import { agentError } from '../agent-error.ts';
import type { AgentRuntimeDeps, TurnLimit, TurnRequest } from './runtime-types.ts';
import type { KeptResult } from './tool-results.ts';
import { emitToolEnded, emitToolStarted, runToolStep } from './tool-step.ts';
import type { ToolPlan } from './tool-step.ts';
import { consentsOf } from './tool-consent.ts';
import { callKey, noteFailure, recordOutcome } from './turn-state.ts';
import type { TurnState } from './turn-state.ts';

/** The same failing call so often in a row ends the turn: the model does not find its way out. */
const FAILURES_MAX = 3;

export interface BatchSite {
  context: RunContext;
  request: TurnRequest;
  state: TurnState;
  /** Names of the tools offered to the model. */
  offered: readonly string[];
  grants: ToolGrant[];
  turnId: string;
  timeLeftMs: number;
}

type Planned = { plan: ToolPlan; key: string; idempotent: boolean } & (
  | { kind: 'run' }
  /** Answered by an earlier call of the turn. */
  | { kind: 'known'; outcome: ToolOutcome }
  /** The same call stands earlier in this very answer. */
  | { kind: 'same'; as: number }
  | { kind: 'refused'; outcome: ToolOutcome }
);

/**
 * Runs the tool calls of one answer side by side and takes their outcomes into the turn. Returns the limit that left calls
 * undone, else null. Rejects when a call keeps failing, and with the signal's reason on cancel.
 */
export async function runBatch(
  deps: AgentRuntimeDeps,
  site: BatchSite,
  calls: readonly ModelToolCall[],
): Promise<TurnLimit | null> {
  const { state, request } = site;
  const planned: Planned[] = [];
  let limit: TurnLimit | null = null;
  for (const [index, call] of calls.entries()) {
    const one = planCall(deps, site, { call, index, earlier: planned });
    if (one.kind === 'run' || one.kind === 'refused') {
      if (state.toolCallsUsed >= request.agent.limits.max_tool_calls) {
        limit = 'tool_calls';
        break;
      }
      state.toolCallsUsed += 1;
    }
    planned.push(one);
  }
  // All steps are started in this one tick and in the order of the answer: that is what numbers them equally on a replay.
  const onRun = () => void (state.ranHere = true);
  const started = planned.map((one): Promise<ToolOutcome | null> =>
    one.kind === 'run' ? runAndTell(deps, { ...site, onRun }, one.plan) : Promise.resolve(null),
  );
  const settled = await Promise.allSettled(started);
  const outcomes = settled.map((one) => (one.status === 'fulfilled' ? one.value : null));
  const broken = settled.find((one) => one.status === 'rejected');
  if (broken === undefined) await runConsented(deps, { ...site, onRun }, { planned, outcomes });
  const kept = await keepAll(site, planned, outcomes);
  takeOutcomes(site, planned, kept);
  if (broken !== undefined) throw broken.reason;
  assertNotStuck(site, planned);
  return limit;
}

/** People who watch see each result when it is there, not when the slowest call of the answer is. */
async function runAndTell(
  deps: AgentRuntimeDeps,
  site: Parameters<typeof runToolStep>[1] & BatchSite,
  plan: ToolPlan,
): Promise<ToolOutcome> {
  const outcome = await runToolStep(deps, site, plan);
  if (!needsConsent(outcome)) emitToolEnded(site, plan, outcome);
  return outcome;
}

/** Asks about the calls that need a person's consent, and makes those that got it, side by side. */
async function runConsented(
  deps: AgentRuntimeDeps,
  site: Parameters<typeof runToolStep>[1] & BatchSite,
  { planned, outcomes }: { planned: readonly Planned[]; outcomes: (ToolOutcome | null)[] },
): Promise<void> {
  const plans = planned.map((one) => (one.kind === 'run' ? one.plan : null));
  const asked = outcomes.map((outcome) => outcome !== null && needsConsent(outcome));
  const consents = await consentsOf(site, plans, outcomes);
  const made = await Promise.allSettled(
    plans.map((plan, index) => {
      const by = consents.get(index);
      return plan === null || by === undefined
        ? Promise.resolve(outcomes[index] ?? null)
        : runToolStep(deps, site, { ...plan, approvedBy: by });
    }),
  );
  const broken = made.find((one) => one.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
  for (const [index, one] of made.entries()) {
    const plan = plans[index];
    if (!plan || asked[index] !== true || one.status !== 'fulfilled' || one.value === null)
      continue;
    outcomes[index] = one.value;
    emitToolEnded(site, plan, one.value);
  }
}

/** Keeps what the calls made beside their outputs; after all of them, so that a replay numbers it equally. */
async function keepAll(
  site: BatchSite,
  planned: readonly Planned[],
  outcomes: readonly (ToolOutcome | null)[],
): Promise<(KeptOutcome | null)[]> {
  const kept: (KeptOutcome | null)[] = [];
  for (const [index, one] of planned.entries()) {
    const outcome = outcomes[index] ?? null;
    const call = { callId: one.plan.callId, stepId: site.request.stepId };
    kept.push(outcome === null ? null : await keepArtifacts(site.context, call, outcome));
  }
  return kept;
}

function planCall(
  deps: AgentRuntimeDeps,
  site: BatchSite,
  { call, index, earlier }: { call: ModelToolCall; index: number; earlier: Planned[] },
): Planned {
  const definition = deps.registry.get(call.name);
  const timeoutMs = Math.max(
    1,
    Math.min(definition?.timeoutMs ?? site.timeLeftMs, site.timeLeftMs),
  );
  const base = {
    plan: {
      callId: `${site.turnId}/${index}`,
      call,
      grants: site.grants,
      timeoutMs,
      readForeignText: site.state.readForeignText,
    },
    key: callKey(call.name, call.input),
    idempotent: definition?.idempotent ?? false,
  };
  if (definition === undefined || !site.offered.includes(call.name))
    return { ...base, kind: 'refused', outcome: notOffered(call.name, site.offered) };
  if (!base.idempotent) return { ...base, kind: 'run' };
  const known = site.state.answered.get(base.key);
  if (known !== undefined) return { ...base, kind: 'known', outcome: known };
  const as = earlier.findIndex((one) => one.kind === 'run' && one.key === base.key);
  return as === -1 ? { ...base, kind: 'run' } : { ...base, kind: 'same', as };
}

function takeOutcomes(site: BatchSite, planned: Planned[], kept: (KeptOutcome | null)[]): void {
  const { state } = site;
  const outcomes = kept.map((one) => one?.outcome ?? null);
  const results: KeptResult[] = [];
  let longestMs = 0;
  for (const [index, one] of planned.entries()) {
    const outcome = outcomeOf(one, index, outcomes);
    if (outcome === null) continue;
    if (one.kind === 'refused') {
      emitToolStarted(site, one.plan, 'refused');
      emitToolEnded(site, one.plan, outcome);
      noteFailure(state, one.key, outcome.summary);
      state.usage = addUsage(state.usage, { ...NO_USAGE, tool_calls: 1 });
    }
    if (one.kind === 'run') {
      recordOutcome(
        state,
        { tool: one.plan.call.name, key: one.key, idempotent: one.idempotent },
        outcome,
      );
      longestMs = Math.max(longestMs, outcome.durationMs);
      state.artifacts.push(...(kept[index]?.artifacts ?? []));
    }
    state.readForeignText ||= outcome.tainted;
    results.push({
      toolCallId: one.plan.call.id,
      tool: one.plan.call.name,
      outcome,
      pointer: kept[index]?.pointer ?? pointerTo(site, one.plan),
    });
  }
  state.elapsedMs += longestMs;
  if (results.length > 0) state.entries.push({ kind: 'results', results });
}

function outcomeOf(
  one: Planned,
  index: number,
  outcomes: (ToolOutcome | null)[],
): ToolOutcome | null {
  if (one.kind === 'known' || one.kind === 'refused') return one.outcome;
  return outcomes[one.kind === 'same' ? one.as : index] ?? null;
}

/** Where a person or a program finds all of a result that the model sees cut. */
function pointerTo({ context, request }: BatchSite, plan: ToolPlan): string {
  return `/api/runs/${context.runId}/steps#${request.stepId}/tools/${plan.call.name}`;
}

function assertNotStuck({ state }: BatchSite, planned: Planned[]): void {
  const stuck = planned.find((one) => (state.failures.get(one.key)?.count ?? 0) >= FAILURES_MAX);
  if (stuck === undefined) return;
  const tool = stuck.plan.call.name.slice(0, 64);
  const last = state.failures.get(stuck.key)?.summary ?? '';
  throw agentError('agents.tool.repeated_failure', {
    kind: 'upstream-failed',
    retryable: false,
    message: `The model made the same failing call of "${tool}" ${FAILURES_MAX} times, so the turn was ended. Last answer of the tool: ${last.slice(0, 500)}`,
  });
}

function notOffered(tool: string, offered: readonly string[]): ToolOutcome {
  const list = offered.length === 0 ? 'You have no tools.' : `Your tools: ${offered.join(', ')}.`;
  const message = `There is no tool "${tool.slice(0, 64)}" for you. ${list}`;
  return {
    status: 'denied',
    output: null,
    summary: message,
    findings: [],
    findingsTotal: 0,
    error: { code: 'agents.tool.not_offered', kind: 'forbidden', message, retryable: false },
    truncated: false,
    outputBytes: 4,
    durationMs: 0,
    tainted: false,
  };
}
