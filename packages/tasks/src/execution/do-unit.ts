import { confidenceOf, failureOf, placedBudget } from '@automatos/agents';
import type { ResolvedAgent, TurnResult, UnitOutcome, WorkUnit } from '@automatos/agents';
import { NO_USAGE } from '@automatos/contracts';
import { cutText } from '@automatos/kernel';
import { createUsageTally } from '@automatos/recipes';
import type { RunContext } from '@automatos/runs';
import { observedContext } from '../pipeline/observed-context.ts';
import type { StageSite } from '../pipeline/stage.ts';
import type { PreparedUnit, UnitResult } from '../pipeline/task-run.ts';
import { emitUnitEnded, emitUnitStarted, unitStepId } from './unit-events.ts';

export interface UnitWork {
  unit: WorkUnit;
  prepared: PreparedUnit;
  member: ResolvedAgent;
  /** Of the units that this one builds on. */
  earlier: readonly UnitOutcome[];
}

/** Lets the chosen agent do a unit, in a lane of its own. A failure of the agent is a result; rejects on cancel only. */
export async function doUnit(
  site: StageSite,
  lane: RunContext,
  work: UnitWork,
): Promise<UnitResult> {
  const { attempt } = site;
  const { unit, member } = work;
  await lane.gate();
  const tally = createUsageTally(() => undefined);
  const context = observedContext(lane, { tally, replay: site.run.replay });
  const begunMs = await context.now(`unit/${unit.id}/${attempt}/begin`);
  const { id, title, dependsOn } = unit;
  emitUnitStarted(context, { id, title, dependsOn, attempt, agent: member.agent.slug });
  const done = await attemptUnit(site, context, work);
  const endedMs = await context.now(`unit/${unit.id}/${attempt}/end`);
  const result: UnitResult = {
    ...done,
    unitId: unit.id,
    agent: member.agent.slug,
    usage: tally.usage(),
    title: unit.title,
    need: unit.needs[0] ?? null,
    attempt,
    durationMs: endedMs - begunMs,
  };
  emitUnitEnded(context, result);
  return result;
}

type Done = Pick<
  UnitResult,
  'status' | 'text' | 'findings' | 'findingsTotal' | 'confidence' | 'error' | 'tools' | 'offline'
>;

async function attemptUnit(site: StageSite, context: RunContext, work: UnitWork): Promise<Done> {
  try {
    return toDone(await turnOf(site, context, work), work.member.agent.slug);
  } catch (error) {
    const failure = failureOf(error, [context.signal]);
    return {
      status: 'failed',
      text: '',
      findings: [],
      findingsTotal: 0,
      confidence: 0,
      error: failure,
      tools: {},
      offline: false,
    };
  }
}

async function turnOf(
  { run, attempt }: StageSite,
  context: RunContext,
  { unit, prepared, member, earlier }: UnitWork,
): Promise<TurnResult> {
  const stepId = unitStepId(unit.id);
  const { budget, giveBack } = placedBudget(
    context,
    { key: member.agent.slug, callId: `${stepId}/${attempt}` },
    run.ledger,
  );
  try {
    return await run.deps.agents.runTurn(context, {
      stepId,
      attempt,
      agent: member.agent,
      personaPrompt: member.personaPrompt,
      prompt: prepared.prompt,
      inputs: prepared.inputs,
      contextText: materialOf(prepared, earlier),
      budget,
      signal: context.signal,
    });
  } finally {
    await giveBack();
  }
}

function materialOf(prepared: PreparedUnit, earlier: readonly UnitOutcome[]): string {
  const results = earlier
    .filter(({ text }) => text.trim() !== '')
    .map(
      ({ unitId, agent, text }) =>
        `## Result of ${unitId} (${agent ?? 'nobody'})\n\n${cutText(text, Math.max(200, prepared.charactersPerUnit))}`,
    );
  return [prepared.contextText, ...results].join('\n\n');
}

function toDone(turn: TurnResult, agent: string): Done {
  const done = {
    text: turn.text,
    findings: turn.findings,
    findingsTotal: turn.findings_total,
    confidence: confidenceOf(turn, { coverage: 1, missing: [] }),
    tools: turn.tools,
    offline: turn.offline,
  };
  if (turn.status === 'completed') return { ...done, status: 'completed', error: null };
  const bound = turn.bound ?? `its limit of ${(turn.limit ?? 'work').replaceAll('_', ' ')}`;
  return {
    ...done,
    status: 'failed',
    error: {
      code: 'tasks.unit.limit_reached',
      kind: 'limit-reached',
      message: `Agent "${agent}" was stopped by ${bound} before its answer was whole. Raise the limit or the task's budget, or narrow the goal.`,
      retryable: false,
    },
  };
}

/** A unit that nobody worked on. */
export function notDone(
  unit: WorkUnit,
  of: { attempt: number; status: 'failed' | 'skipped'; error: NonNullable<UnitResult['error']> },
): UnitResult {
  return {
    unitId: unit.id,
    agent: null,
    text: '',
    findings: [],
    findingsTotal: 0,
    confidence: 0,
    usage: { ...NO_USAGE },
    title: unit.title,
    need: unit.needs[0] ?? null,
    durationMs: 0,
    tools: {},
    offline: false,
    ...of,
  };
}
