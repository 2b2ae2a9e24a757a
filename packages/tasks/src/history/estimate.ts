import type { WorkUnit } from '@automatos/agents';
import type { TaskEstimate } from '@automatos/contracts';
import type { Candidate } from '../selection/candidate.ts';
import type { Assignment } from '../selection/select-agents.ts';

/**
 * What the chosen agents took for work of the same kind before: costs add up, times do so along the longest chain of units that
 * depend on each other. Figures are null when one unit has no such history; the note says so.
 */
export function estimateTask(
  units: readonly WorkUnit[],
  assignments: readonly Assignment[],
  candidates: readonly Candidate[],
): TaskEstimate {
  const records = new Map(
    units.map((unit) => {
      const slug = assignments.find(({ unit_id: id }) => id === unit.id)?.agent ?? null;
      const history = candidates.find(({ agent }) => agent.slug === slug)?.history;
      return [unit.id, unit.needs.map((need) => history?.byNeed[need])[0] ?? null] as const;
    }),
  );
  const basedOn = [...records.values()].reduce((sum, record) => sum + (record?.runs ?? 0), 0);
  const unknown = units.filter(({ id }) => (records.get(id)?.meanDurationMs ?? null) === null);
  if (unknown.length > 0) {
    const which = unknown.map(({ id }) => id).join(', ');
    return {
      duration_ms: null,
      cost_micros: null,
      quality: null,
      based_on: basedOn,
      note: `There is no history yet of ${which} by the chosen agent.`,
    };
  }
  const costs = units.map(({ id }) => records.get(id)?.meanCostMicros ?? null);
  const qualities = [...records.values()].flatMap((record) => record?.meanQuality ?? []);
  return {
    duration_ms: Math.round(longestChain(units, (id) => records.get(id)?.meanDurationMs ?? 0)),
    cost_micros: costs.includes(null)
      ? null
      : Math.round(costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0)),
    quality:
      qualities.length === 0
        ? null
        : qualities.reduce((sum, quality) => sum + quality, 0) / qualities.length,
    based_on: basedOn,
    note: `From ${basedOn} earlier units of the same kind by the chosen agents.`,
  };
}

function longestChain(units: readonly WorkUnit[], durationOf: (id: string) => number): number {
  const ends = new Map<string, number>();
  // Units stand after those that they depend on.
  for (const { id, dependsOn } of units) {
    const begins = Math.max(0, ...dependsOn.map((before) => ends.get(before) ?? 0));
    ends.set(id, begins + durationOf(id));
  }
  return Math.max(0, ...ends.values());
}
