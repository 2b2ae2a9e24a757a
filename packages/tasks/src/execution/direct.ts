import { createSlots, runUnits } from '@automatos/agents';
import type { UnitOutcome, WorkUnit } from '@automatos/agents';
import type { StageSite } from '../pipeline/stage.ts';
import type { UnitResult } from '../pipeline/task-run.ts';
import { doUnit, notDone } from './do-unit.ts';
import type { UnitWork } from './do-unit.ts';
import { emitUnitEnded, emitUnitStarted } from './unit-events.ts';

/** Agents that work at once on one task. */
const PARALLEL = 4;

export interface ExecutionInput {
  /** In an order in which each stands after those it depends on. */
  units: readonly WorkUnit[];
  /** What is known of a unit that somebody does; null when nobody suits. */
  workOf(unit: WorkUnit): Omit<UnitWork, 'unit' | 'earlier'> | null;
  /** Why nobody does a unit. */
  whyNobody(unit: WorkUnit): string;
  /** Results of units that are not done again. */
  kept: ReadonlyMap<string, UnitResult>;
}

/** Does units side by side as far as they do not depend on each other, each in a lane of its own. */
export async function executeDirectly(
  site: StageSite,
  input: ExecutionInput,
): Promise<UnitResult[]> {
  const { context, attempt } = site;
  const { units, kept } = input;
  const again = new Set(units.map(({ id }) => id));
  const lanes = await context.fork(`execution/${attempt}/units`, units.length);
  const inSlot = createSlots(PARALLEL);
  const results = new Map<string, UnitResult>();
  const own = units.map((unit) => ({
    ...unit,
    dependsOn: unit.dependsOn.filter((id) => again.has(id)),
  }));
  const outcomes = await runUnits(own, async (unit, others): Promise<UnitOutcome> => {
    const index = units.findIndex(({ id }) => id === unit.id);
    const whole = units[index] as WorkUnit;
    const before = whole.dependsOn.flatMap((id) => kept.get(id) ?? []);
    const work = input.workOf(whole);
    const result =
      work === null
        ? nobody(site, whole, input.whyNobody(whole))
        : await inSlot(() =>
            doUnit(site, lanes[index] as (typeof lanes)[number], {
              unit: whole,
              ...work,
              earlier: [...before, ...others],
            }),
          );
    results.set(unit.id, result);
    return result;
  });
  return outcomes.map((outcome, index) => {
    const known = results.get(outcome.unitId);
    if (known !== undefined) return known;
    return skippedUnit(site, units[index] as WorkUnit);
  });
}

function nobody(site: StageSite, unit: WorkUnit, reason: string): UnitResult {
  const { context, attempt } = site;
  const result = notDone(unit, {
    attempt,
    status: 'failed',
    error: {
      code: 'tasks.agents.none_suitable',
      kind: 'invalid-input',
      message: `No agent suits "${unit.title}": ${reason}.`,
      retryable: false,
    },
  });
  emitUnitStarted(context, { ...unit, attempt, agent: null });
  emitUnitEnded(context, result);
  return result;
}

function skippedUnit(site: StageSite, unit: WorkUnit): UnitResult {
  const result = notDone(unit, {
    attempt: site.attempt,
    status: 'skipped',
    error: {
      code: 'tasks.unit.dependency_failed',
      kind: 'conflict',
      message: `"${unit.title}" builds on ${unit.dependsOn.join(', ')}, of which not all was done.`,
      retryable: false,
    },
  });
  emitUnitEnded(site.context, result);
  return result;
}
