import { agentError } from '../../agent-error.ts';
import type { WorkUnit } from '../coordination-types.ts';

/**
 * The units so that each comes after those it builds on, else in the order given. Throws `agents.coordination.units_invalid` for
 * ids that are there twice or not at all, and for circles.
 */
export function inOrder<Unit extends Pick<WorkUnit, 'id' | 'dependsOn'>>(
  units: readonly Unit[],
): Unit[] {
  const ids = new Set(units.map(({ id }) => id));
  if (units.length === 0) throw invalid('There is no unit of work.');
  if (ids.size < units.length) throw invalid('Two units of work have the same id.');
  for (const unit of units) {
    const unknown = unit.dependsOn.find((id) => !ids.has(id));
    if (unknown !== undefined)
      throw invalid(`Unit "${unit.id}" depends on "${unknown}", which is not there.`);
  }
  const ordered: Unit[] = [];
  const done = new Set<string>();
  while (ordered.length < units.length) {
    const next = units.find(
      (unit) => !done.has(unit.id) && unit.dependsOn.every((id) => done.has(id)),
    );
    if (next === undefined) {
      const circle = units.filter(({ id }) => !done.has(id)).map(({ id }) => `"${id}"`);
      throw invalid(`Units ${circle.join(', ')} wait for each other.`);
    }
    done.add(next.id);
    ordered.push(next);
  }
  return ordered;
}

function invalid(message: string) {
  return agentError('agents.coordination.units_invalid', { kind: 'invalid-input', message });
}
