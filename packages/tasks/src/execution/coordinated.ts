import { failureOf } from '@automatos/agents';
import type {
  CoordinationRequest,
  CoordinationResult,
  UnitOutcome,
  WorkUnit,
} from '@automatos/agents';
import { NO_USAGE } from '@automatos/contracts';
import { FIELD_OF } from '../decomposition/vocabulary.ts';
import type { TeamMember } from '../pipeline/selection-stage.ts';
import type { StageSite } from '../pipeline/stage.ts';
import type { PreparedUnit, UnitResult } from '../pipeline/task-run.ts';
import type { TaskPlan } from '../pipeline/task-plan.ts';
import { emitUnitEnded, emitUnitStarted } from './unit-events.ts';

export interface CoordinatedInput {
  pattern: NonNullable<TaskPlan['pattern']>;
  units: readonly WorkUnit[];
  prepared: readonly PreparedUnit[];
  team: readonly TeamMember[];
}

/** Lets the team work by a pattern. How long a single unit took is not known: the pattern mixes them. */
export async function executeCoordinated(
  site: StageSite,
  input: CoordinatedInput,
): Promise<
  Pick<CoordinationResult, 'decisions' | 'disagreements' | 'agreement'> & { results: UnitResult[] }
> {
  const { run, context, attempt } = site;
  const { pattern, team } = input;
  const ids = new Set(input.units.map(({ id }) => id));
  const begunMs = await context.now(`execution/${attempt}/team/begin`);
  const request: CoordinationRequest = {
    goal: run.plan.task.goal,
    units: input.units.map((unit) => toTeamUnit(unit, input, ids)),
    team: team.map(({ agent, personaPrompt, record }) => ({ agent, personaPrompt, record })),
    kind: pattern.kind,
    settings: pattern.settings,
    inputs: { goal: run.plan.task.goal },
    stepId: site.stage,
    attempt,
    budget: run.ledger,
    signal: context.signal,
  };
  const { units, decisions, disagreements, agreement } = await workTogether(site, request);
  const durationMs = (await context.now(`execution/${attempt}/team/end`)) - begunMs;
  const results = input.units.map((unit) => {
    const outcome = units.find(({ unitId }) => unitId === unit.id) ?? missing(unit);
    const result = toResult(unit, outcome, { attempt, durationMs });
    emitUnitStarted(context, { ...unit, attempt, agent: result.agent });
    emitUnitEnded(context, result);
    return result;
  });
  return { results, decisions, disagreements, agreement };
}

/** A team that got nothing done at all failed in every unit. */
async function workTogether(
  { run, context }: StageSite,
  request: CoordinationRequest,
): Promise<Omit<CoordinationResult, 'usage'>> {
  try {
    return await run.deps.coordinator.run(context, request);
  } catch (error) {
    const failure = failureOf(error, [context.signal]);
    const units = request.units.map((unit) => ({ ...missing(unit), error: failure }));
    return { units, decisions: [], disagreements: [], agreement: null };
  }
}

/** Teams match by the very names of capabilities; near ones of the field are named as the team has them. */
function toTeamUnit(unit: WorkUnit, input: CoordinatedInput, ids: ReadonlySet<string>): WorkUnit {
  const prepared = input.prepared.find(({ unitId }) => unitId === unit.id);
  const own = new Set(input.team.flatMap(({ agent }) => agent.capabilities));
  const needs = unit.needs.map((need) => {
    if (own.has(need)) return need;
    return [...own].find((name) => FIELD_OF[name] === FIELD_OF[need] && name in FIELD_OF) ?? need;
  });
  return {
    ...unit,
    needs: [...new Set(needs)],
    dependsOn: unit.dependsOn.filter((id) => ids.has(id)),
    ...(prepared === undefined ? {} : { prompt: prepared.prompt, inputs: prepared.inputs }),
  };
}

function missing(unit: WorkUnit): UnitOutcome {
  return {
    unitId: unit.id,
    agent: null,
    status: 'failed',
    text: '',
    findings: [],
    findingsTotal: 0,
    confidence: 0,
    usage: { ...NO_USAGE },
    error: {
      code: 'tasks.agents.none_suitable',
      kind: 'invalid-input',
      message: `The team brought no result for "${unit.title}".`,
    },
  };
}

function toResult(
  unit: WorkUnit,
  outcome: UnitOutcome,
  of: { attempt: number; durationMs: number },
): UnitResult {
  return {
    ...outcome,
    title: unit.title,
    need: unit.needs[0] ?? null,
    tools: {},
    // Not told by a team; the events of its calls say it.
    offline: false,
    ...of,
  };
}
