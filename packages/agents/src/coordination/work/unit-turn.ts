import type { Agent } from '@automatos/contracts';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import { cutText } from '@automatos/kernel';
import type { RunContext } from '@automatos/runs';
import { toolsForTask } from '../../execution/task-prompt.ts';
import type { AgentRuntime, TurnResult } from '../../runtime/runtime-types.ts';
import { capabilityKey } from '../assigning/match.ts';
import type { Match } from '../assigning/match.ts';
import { withinShare } from '../assigning/shares.ts';
import type { Share } from '../assigning/shares.ts';
import { failureOf } from '../coordination-error.ts';
import type {
  CoordinationRequest,
  Teammate,
  UnitOutcome,
  WorkUnit,
} from '../coordination-types.ts';
import { confidenceOf } from './confidence.ts';
import { placedBudget } from './placed-budget.ts';
import type { InSlot } from './slots.ts';

/** Material that one turn gets of an earlier unit. */
const TEXT_CHARS_MAX = 8_000;
const FINDINGS_MAX = 100;

/** One agent's work on a unit, or on a part of it. */
export interface UnitTurn {
  unit: WorkUnit;
  mate: Teammate;
  match: Pick<Match, 'coverage' | 'missing' | 'covered'>;
  /** Unique within the work and the same on a replay. */
  key: readonly string[];
  share: Share;
  /** Of the units that this one builds on. */
  earlier: readonly UnitOutcome[];
  /** What else the agent is to look at, e.g. results of others; data, not instructions. */
  contextText?: string;
  /** Added to the request. */
  remark?: string;
  /** A question in place of the unit's request: answered by its schema and without tools. */
  ask?: { prompt: string; outputSchema: JsonObject };
  /** Takes the place of the agent's own model. */
  model?: { provider: string; model: string };
}

/** The outcome, with what the turn itself gave; null when it failed. */
export interface TurnOutcome extends UnitOutcome {
  turn: TurnResult | null;
}

export interface WorkSite {
  runtime: Pick<AgentRuntime, 'runTurn'>;
  request: CoordinationRequest;
  /** Bounds the turns that work at once. */
  inSlot: InSlot;
}

/** Lets an agent do a unit. A failure of the agent is an outcome; rejects on cancel only. */
export async function doUnit(
  site: WorkSite,
  context: RunContext,
  work: UnitTurn,
): Promise<TurnOutcome> {
  const { request } = site;
  const { unit, mate } = work;
  const base = { unitId: unit.id, agent: mate.agent.slug };
  const callId = [request.stepId, request.attempt, ...work.key].join('/');
  const { slug: key, concurrency_limit: limit } = mate.agent;
  const placed = placedBudget(context, { key, callId, limit }, request.budget);
  try {
    const turn = await site.inSlot(() => runTurn(site, context, { ...work, ...placed }));
    const outcome = {
      ...base,
      text: turn.text,
      findings: turn.findings,
      findingsTotal: turn.findings_total,
      confidence: confidenceOf(turn, work.match),
      usage: turn.usage,
      turn,
    };
    if (turn.status === 'completed') return { ...outcome, status: 'completed', error: null };
    return { ...outcome, status: 'failed', error: limitError(mate.agent, turn) };
  } catch (error) {
    const failure = failureOf(error, [request.signal, context.signal]);
    return {
      ...base,
      status: 'failed',
      text: '',
      findings: [],
      findingsTotal: 0,
      confidence: 0,
      usage: placed.used(),
      error: failure,
      turn: null,
    };
  }
}

async function runTurn(
  { runtime, request }: WorkSite,
  context: RunContext,
  work: UnitTurn & ReturnType<typeof placedBudget>,
): Promise<TurnResult> {
  const { stepId, attempt } = request;
  try {
    return await runtime.runTurn(context, {
      stepId,
      attempt,
      turnKey: work.key,
      agent: agentOf(work),
      personaPrompt: work.mate.personaPrompt,
      ...(work.ask === undefined
        ? { prompt: promptOf(request, work), inputs: inputsOf(request, work) }
        : { ...work.ask, inputs: {}, toolNames: [] }),
      ...contextOf(work),
      ...(request.allowedCapabilities === undefined
        ? {}
        : { allowedCapabilities: [...request.allowedCapabilities] }),
      signal: request.signal,
      budget: work.budget,
    });
  } finally {
    await work.giveBack();
  }
}

function agentOf({ mate, share, model }: UnitTurn): Agent {
  const agent = withinShare(mate.agent, share);
  return model === undefined
    ? agent
    : { ...agent, model: { ...agent.model, provider: model.provider, model: model.model } };
}

function limitError({ slug }: Agent, { limit, bound }: TurnResult) {
  return {
    code: 'agents.coordination.limit_reached',
    kind: 'limit-reached',
    message: `Agent "${slug}" was stopped by ${bound ?? `its limit of ${limit ?? 'work'}`} before it was done. Raise the limit or the budget of the pattern, or make the unit smaller.`,
    retryable: false,
  };
}

/** Names the tools that the agent's playbook has for the needs it covers. */
function promptOf(request: CoordinationRequest, { unit, mate, match, remark }: UnitTurn): string {
  const tools = [
    ...new Set(
      match.covered.flatMap((need) => toolsForTask(mate.agent, capabilityOf(mate.agent, need))),
    ),
  ].filter((tool) => !unit.prompt.includes(`\`${tool}\``));
  const named =
    tools.length === 0
      ? ''
      : ` Tools for it, as far as the inputs serve them: ${tools.map((tool) => `\`${tool}\``).join(', ')}.`;
  const goal = request.goal.trim() === '' ? '' : `\n\nIt is a part of this goal: ${request.goal}`;
  return `${unit.prompt}${named}${goal}${remark === undefined ? '' : `\n\n${remark}`}`;
}

function capabilityOf(agent: Agent, need: string): string {
  return agent.capabilities.find((name) => capabilityKey(name) === capabilityKey(need)) ?? need;
}

function inputsOf(request: CoordinationRequest, { unit, earlier }: UnitTurn): JsonObject {
  const found = earlier.filter(({ findings }) => findings.length > 0);
  const results = Object.fromEntries(
    found.map(({ unitId, findings, findingsTotal }) => [
      unitId,
      {
        findings: findings.slice(0, FINDINGS_MAX) as unknown as JsonValue,
        findings_total: findingsTotal,
      },
    ]),
  );
  return {
    ...request.inputs,
    ...unit.inputs,
    ...(found.length === 0 ? {} : { earlier_results: results }),
  };
}

function contextOf({ earlier, contextText }: UnitTurn): { contextText?: string } {
  const parts = earlier
    .filter(({ text }) => text.trim() !== '')
    .map(
      ({ unitId, agent, text }) =>
        `## ${unitId} (${agent ?? 'nobody'})\n\n${cutText(text, TEXT_CHARS_MAX)}`,
    );
  if (contextText !== undefined) parts.push(contextText);
  return parts.length === 0 ? {} : { contextText: parts.join('\n\n') };
}
