import type { ResolvedAgent } from '@automatos/agents';
import { CONTEXT_TOKENS, gatherContext } from '../context/gather-context.ts';
import type { Assignment } from '../selection/select-agents.ts';
import { asJson } from './stage.ts';
import type { StageEnd, StageSite } from './stage.ts';
import type { SplitTask } from './decomposition-stage.ts';
import type { PreparedUnit } from './task-run.ts';

export interface ContextInput extends SplitTask {
  assignments: readonly Assignment[];
  team: readonly ResolvedAgent[];
  defects: readonly string[];
}

/** Gathers what each unit's agent gets; a pure function of what is known, so it makes no call. */
export async function contextStage(
  { run }: StageSite,
  input: ContextInput,
): Promise<StageEnd<PreparedUnit[]>> {
  const { task } = run.plan;
  const prepared = input.assignments.flatMap(({ unit_id: id, agent: slug }) => {
    const unit = input.split.units.find((one) => one.id === id);
    const agent = input.team.find((member) => member.agent.slug === slug)?.agent;
    if (unit === undefined || agent === undefined) return [];
    const { goal, parameters } = task;
    return gatherContext({ ...input, goal, parameters, unit, agent });
  });
  const tokens = prepared
    .flatMap(({ sources }) => sources)
    .reduce((sum, one) => sum + one.tokens, 0);
  return {
    value: prepared,
    output: {
      token_budget_per_unit: CONTEXT_TOKENS,
      units: asJson(
        prepared.map(({ unitId, sources, inputs }) => ({ unit_id: unitId, sources, inputs })),
      ),
      defects: [...input.defects],
    },
    preview: `About ${tokens} tokens of material for ${prepared.length} units.`,
  };
}
