import { PATTERN_SETTINGS } from '@automatos/contracts';
import type { CollaborativeSettings } from '@automatos/contracts';
import type { RunContext } from '@automatos/runs';
import { inOrder } from './assigning/order.ts';
import { sharesOf } from './assigning/shares.ts';
import type { Share } from './assigning/shares.ts';
import { planPanels } from './assigning/plan-panels.ts';
import type { Panel } from './assigning/plan-panels.ts';
import { doTogether } from './collaborative-unit.ts';
import type { CoordinationResult, Disagreement } from './coordination-types.ts';
import type { Coordination } from './coordination.ts';
import { finishCoordination } from './finish.ts';
import { meanAgreement } from './voting/votes.ts';
import { nobodyCan } from './work/merge.ts';
import { runUnits } from './work/run-units.ts';

const PLAN = 0;
const WORK = 1;

/** Several agents do each unit, read each other's results, debate what they differ in, and vote. */
export async function runCollaborative(
  coordination: Coordination,
  context: RunContext,
): Promise<CoordinationResult> {
  const { request, log } = coordination;
  const settings: CollaborativeSettings = PATTERN_SETTINGS.collaborative.parse(request.settings);
  const units = inOrder(request.units);
  const panels = planPanels(units, request.team, settings);
  const shares = sharesOf(units, settings.budget);
  for (const [index, { decision }] of panels.entries()) log.decide([PLAN, index], decision);
  const lanes = await context.fork(
    `coordination:${request.stepId}/${request.attempt}`,
    units.length,
  );
  const agreements = new Map<string, number | null>();
  const disagreements = new Map<string, Disagreement[]>();
  const outcomes = await runUnits(units, async (unit, earlier) => {
    const index = units.indexOf(unit);
    const panel = panels[index] as Panel;
    if (panel.matches.length === 0) return nobodyCan(unit);
    const share = shares.get(unit.id) as Share;
    const end = await doTogether(coordination, lanes[index] as RunContext, {
      unit,
      earlier,
      panel,
      settings,
      share,
      place: [WORK, index],
    });
    agreements.set(unit.id, end.agreement);
    disagreements.set(unit.id, end.disagreements);
    return end.outcome;
  });
  return finishCoordination(coordination, {
    outcomes,
    agreement: meanAgreement(units.map(({ id }) => agreements.get(id) ?? null)),
    disagreements: units.flatMap(({ id }) => disagreements.get(id) ?? []),
  });
}
