import type { ResolvedAgent } from '@automatos/agents';
import type { TaskEstimate } from '@automatos/contracts';
import { cutText } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import { estimateTask } from '../history/estimate.ts';
import type { Candidate } from '../selection/candidate.ts';
import { FIT_MIN, selectAgents } from '../selection/select-agents.ts';
import type { Assignment } from '../selection/select-agents.ts';
import { capabilityFit } from '../selection/capability-fit.ts';
import { taskError } from '../task-error.ts';
import { asJson } from './stage.ts';
import type { StageEnd, StageSite } from './stage.ts';
import type { SplitTask } from './decomposition-stage.ts';

/** Agents of a team besides those who were chosen, which patterns may turn to. */
const TEAM_MAX = 8;

export interface Selection {
  assignments: Assignment[];
  /** Those chosen, and with a pattern others who suit. */
  team: TeamMember[];
  estimate: TaskEstimate;
}

export interface TeamMember extends ResolvedAgent {
  record: Candidate['history']['all'];
}

export interface SelectionInput {
  split: SplitTask['split'];
  /** Units that are (again) to be given to somebody. */
  unitIds: readonly string[];
  avoid: Readonly<Record<string, readonly string[]>>;
}

/** Chooses who does what. Throws `tasks.agents.none_suitable` when nobody suits any part. */
export async function selectionStage(
  site: StageSite,
  input: SelectionInput,
): Promise<StageEnd<Selection>> {
  const { run, context, attempt } = site;
  const selection = (await context.step(
    `agent_selection/${attempt}/choose`,
    async () => asJson(await choose(site, input)) as JsonObject,
  )) as unknown as Selection;
  for (const assignment of selection.assignments) tell(site, assignment);
  if (selection.assignments.every(({ agent }) => agent === null)) {
    throw noneSuitable(site, input, selection);
  }
  const { assignments, team, estimate } = selection;
  const names = [...new Set(assignments.flatMap(({ agent }) => agent ?? []))];
  const output = {
    assignments: asJson(assignments),
    agents: names,
    pattern: run.plan.pattern === null ? null : run.plan.pattern.slug,
    team: team.map(({ agent }) => agent.slug),
    estimate: asJson(estimate),
  };
  const preview = assignments.map(({ unit_id: id, agent }) => `${id}: ${agent ?? 'nobody suits'}`);
  return { value: selection, output, preview: preview.join('; ') };
}

async function choose(site: StageSite, input: SelectionInput): Promise<Selection> {
  const { run, context } = site;
  const { task, pattern } = run.plan;
  const candidates = await run.deps.memory.candidates(context.workspaceId, task.agents);
  const units = input.split.units.filter(({ id }) => input.unitIds.includes(id));
  const assignments = selectAgents({
    units,
    candidates,
    named: task.agents !== undefined,
    avoid: input.avoid,
  });
  const chosen = [...new Set(assignments.flatMap(({ agent }) => agent ?? []))];
  const others =
    pattern === null
      ? []
      : candidates
          .map(({ agent }) => agent)
          .filter(({ slug }) => !chosen.includes(slug))
          .filter((agent) => units.some((unit) => capabilityFit(unit, agent).score >= FIT_MIN))
          .map(({ slug }) => slug)
          .slice(0, Math.max(0, TEAM_MAX - chosen.length));
  const team = await Promise.all(
    [...chosen, ...others].map(async (slug) => ({
      ...(await run.deps.memory.resolve(context.workspaceId, slug)),
      record: candidates.find(({ agent }) => agent.slug === slug)?.history.all ?? NO_HISTORY,
    })),
  );
  return { assignments, team, estimate: estimateTask(units, assignments, candidates) };
}

const NO_HISTORY = {
  runs: 0,
  successes: 0,
  meanQuality: null,
  meanDurationMs: null,
  meanCostMicros: null,
};

function tell({ context, stage, attempt }: StageSite, assignment: Assignment): void {
  const { unit_id: unit, agent, reason, candidates } = assignment;
  context.emit({
    type: 'decision.made',
    key: `decision:agent_selected:${unit}:${attempt}`,
    stepId: stage,
    data: {
      decision: 'agent_selected',
      subject: unit,
      chosen: agent === null ? [] : [agent],
      reason: cutText(reason, 1_000),
      candidates,
    },
  });
}

function noneSuitable({ run }: StageSite, { split }: SelectionInput, selection: Selection) {
  const needs = [...new Set(split.units.flatMap((unit) => unit.needs))];
  const wanted =
    needs.length === 0 ? 'what the goal asks for' : needs.map((need) => `"${need}"`).join(', ');
  const nearest = [
    ...new Map(
      selection.assignments.flatMap(({ candidates }) =>
        candidates.map(({ name, reasons }) => [name, `${name} (${reasons[0] ?? ''})`] as const),
      ),
    ).values(),
  ].slice(0, 3);
  const near = nearest.length === 0 ? 'There is no active agent' : `Nearest: ${nearest.join(', ')}`;
  const way =
    run.plan.task.agents === undefined
      ? 'Activate or create an agent with such a capability, or name agents in the task.'
      : 'Name other agents in the task, or leave the names out.';
  return taskError('tasks.agents.none_suitable', {
    kind: 'invalid-input',
    message: `No agent suits the task: it needs ${wanted}. ${near}. ${way}`,
    details: { partial: { assignments: selection.assignments } },
  });
}
