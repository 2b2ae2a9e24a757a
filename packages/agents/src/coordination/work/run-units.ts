import type { UnitOutcome, WorkUnit } from '../coordination-types.ts';
import { notDone } from './merge.ts';

/**
 * Does units side by side, each as soon as those that it builds on are completed; one whose grounds failed is skipped. `units`
 * are in order (see `inOrder`), and so are the outcomes. Rejects with the first rejection, when what is under way has ended.
 */
export async function runUnits(
  units: readonly WorkUnit[],
  work: (unit: WorkUnit, earlier: UnitOutcome[]) => Promise<UnitOutcome>,
): Promise<UnitOutcome[]> {
  const started = new Map<string, Promise<UnitOutcome>>();
  for (const unit of units) {
    const grounds = unit.dependsOn.map((id) => started.get(id) as Promise<UnitOutcome>);
    const doing = async () => {
      const earlier = await Promise.all(grounds);
      const lacking = earlier.find(({ status }) => status !== 'completed');
      return lacking === undefined ? work(unit, earlier) : skipped(unit, lacking.unitId);
    };
    started.set(unit.id, doing());
  }
  const settled = await Promise.allSettled(started.values());
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

export function skipped({ id }: Pick<WorkUnit, 'id'>, lacking: string): UnitOutcome {
  return notDone(
    id,
    {
      code: 'agents.coordination.grounds_missing',
      kind: 'conflict',
      message: `Unit "${id}" builds on "${lacking}", which was not done.`,
    },
    'skipped',
  );
}
