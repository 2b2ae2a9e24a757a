import { PATTERN_SETTINGS } from '@automatos/contracts';
import type { HierarchicalSettings } from '@automatos/contracts';
import type { RunContext } from '@automatos/runs';
import { inOrder } from './assigning/order.ts';
import { planAssignments } from './assigning/plan-assignments.ts';
import type { Assignment } from './assigning/plan-assignments.ts';
import { sharesOf } from './assigning/shares.ts';
import type { Share } from './assigning/shares.ts';
import type { CoordinationResult } from './coordination-types.ts';
import type { Coordination } from './coordination.ts';
import { doAssigned } from './hierarchical-unit.ts';
import { finishCoordination } from './finish.ts';
import { nobodyCan } from './work/merge.ts';
import { runUnits } from './work/run-units.ts';

/** Places of decisions: what is decided before the work, and what in it. */
const PLAN = 0;
const WORK = 1;

/** A coordinator gives each unit to whom it suits best, and results that are not sure enough to somebody stronger. */
export async function runHierarchical(
  coordination: Coordination,
  context: RunContext,
): Promise<CoordinationResult> {
  const { request, log } = coordination;
  const settings: HierarchicalSettings = PATTERN_SETTINGS.hierarchical.parse(request.settings);
  const units = inOrder(request.units);
  const plan = planAssignments(units, request.team, settings);
  const shares = sharesOf(units, settings.budget);
  tellShares(coordination, settings, shares);
  for (const [index, { decision }] of plan.entries()) log.decide([PLAN, index + 1], decision);
  const lanes = await context.fork(
    `coordination:${request.stepId}/${request.attempt}`,
    units.length,
  );
  const outcomes = await runUnits(units, (unit, earlier) => {
    const index = units.indexOf(unit);
    const assignment = plan[index] as Assignment;
    if (assignment.parts.length === 0) return Promise.resolve(nobodyCan(unit));
    return doAssigned(coordination, lanes[index] as RunContext, {
      unit,
      earlier,
      assignment,
      settings,
      share: shares.get(unit.id) as Share,
      place: [WORK, index],
    });
  });
  return finishCoordination(coordination, { outcomes, agreement: null, disagreements: [] });
}

/** How a budget was split is a decision too; without a budget nothing was split. */
function tellShares(
  { log, request }: Coordination,
  { budget }: HierarchicalSettings,
  shares: ReadonlyMap<string, Share>,
): void {
  if (budget.tokens === null && budget.cost_micros === null) return;
  const whole = [
    ...(budget.tokens === null ? [] : [`${budget.tokens} tokens`]),
    ...(budget.cost_micros === null ? [] : [`${budget.cost_micros} millionths of money`]),
  ].join(' and ');
  log.decide([PLAN, 0], {
    decision: 'allocate_budget',
    subject: request.stepId,
    chosen: [...shares.keys()],
    reason: `${whole} split by complexity.`,
    candidates: [...shares].map(([name, { tokens, costMicros }]) => ({
      name,
      score: request.units.find(({ id }) => id === name)?.complexity ?? 0,
      reasons: [
        ...(tokens === null ? [] : [`${tokens} tokens`]),
        ...(costMicros === null ? [] : [`${costMicros} millionths of money`]),
      ],
    })),
  });
}
