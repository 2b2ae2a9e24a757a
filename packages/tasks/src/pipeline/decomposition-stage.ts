import { cutText } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import type { ModelRef } from '@automatos/providers';
import { decompose } from '../decomposition/decompose.ts';
import type { Decomposition } from '../decomposition/decompose.ts';
import { decomposeWithModel } from '../decomposition/decompose-with-model.ts';
import { lookAtTarget } from '../target/look-at-target.ts';
import type { TargetFacts } from '../target/target-facts.ts';
import { asJson } from './stage.ts';
import type { StageEnd, StageSite } from './stage.ts';

export interface SplitTask {
  facts: TargetFacts;
  split: Decomposition;
  model: ModelRef | null;
}

/** Looks at the target and splits the goal: by a model when there is one and its answer holds, else by rules. */
export async function decompositionStage(site: StageSite): Promise<StageEnd<SplitTask>> {
  const { run, context } = site;
  const { deps, plan } = run;
  const { task } = plan;
  const looked = (await context.step('decomposition/look', async () => {
    const facts = await lookAtTarget(deps.roots, task.target ?? null);
    const candidates = await deps.memory.candidates(context.workspaceId, task.agents);
    const capabilities = [...new Set(candidates.flatMap(({ agent }) => agent.capabilities))];
    const model = await deps.model(context.workspaceId);
    return asJson({ facts, capabilities: capabilities.toSorted(), model }) as JsonObject;
  })) as unknown as { facts: TargetFacts; capabilities: string[]; model: ModelRef | null };
  const { facts, capabilities, model } = looked;
  const request = { goal: task.goal, facts, parameters: task.parameters, capabilities };
  const split =
    model === null ? decompose(request) : await decomposeWithModel(site, { ...request, model });
  const ids = split.units.map(({ id }) => id);
  context.emit({
    type: 'decision.made',
    key: 'decision:goal_split',
    stepId: site.stage,
    data: {
      decision: 'goal_split',
      subject: cutText(task.goal, 200),
      chosen: ids,
      reason: [`Split by ${split.by}.`, ...split.assumptions].join(' '),
    },
  });
  const output = {
    target: asJson(facts),
    units: asJson(split.units.map(toUnitJson)),
    assumptions: split.assumptions,
    complexity: asJson(split.complexity),
    split_by: split.by,
  };
  return {
    value: { facts, split, model },
    output,
    preview: `${ids.length} parts: ${ids.join(', ')}. ${facts.summary}`,
  };
}

/** A unit as the API shows it. */
export function toUnitJson(unit: Decomposition['units'][number]): JsonObject {
  return {
    unit_id: unit.id,
    title: unit.title,
    prompt: unit.prompt,
    needs: [...unit.needs],
    depends_on: [...unit.dependsOn],
    complexity: unit.complexity,
  };
}
