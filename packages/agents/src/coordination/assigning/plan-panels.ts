import type { CollaborativeSettings } from '@automatos/contracts';
import type { Decision, Teammate, WorkUnit } from '../coordination-types.ts';
import { matchTeammate, matchesOf, shownScore } from './match.ts';
import type { Match } from './match.ts';

/** Who does a unit together, the strongest first; empty when nobody can. */
export interface Panel {
  unitId: string;
  matches: Match[];
  decision: Decision;
}

/** Chooses for each unit the agents that fit best. Pure. */
export function planPanels(
  units: readonly WorkUnit[],
  team: readonly Teammate[],
  { agents_per_unit: count }: Pick<CollaborativeSettings, 'agents_per_unit'>,
): Panel[] {
  return units.map((unit) => {
    const all = matchesOf(unit, team);
    const matches = all.slice(0, count ?? all.length);
    const seen = all.length > 0 ? all : team.map((mate) => matchTeammate(unit, mate));
    return {
      unitId: unit.id,
      matches,
      decision: {
        decision: 'invite',
        subject: unit.id,
        chosen: matches.map(({ slug }) => slug),
        reason: reasonOf(unit, all.length, matches.length),
        candidates: seen.map(({ slug, strength, reasons }) => ({
          name: slug,
          score: shownScore(strength),
          reasons,
        })),
      },
    };
  });
}

function reasonOf({ needs }: WorkUnit, able: number, invited: number): string {
  if (able === 0) return `Nobody of the team covers ${needs.join(', ') || 'it'}.`;
  if (able === 1) return 'Only one agent can do it: there is nobody to compare its result with.';
  if (invited === able) return `All ${able} agents that can do it work on it.`;
  return `The ${invited} that fit best of ${able} that can do it.`;
}
