import type { HierarchicalSettings } from '@automatos/contracts';
import type { Decision, Teammate, WorkUnit } from '../coordination-types.ts';
import { coverTogether } from './cover.ts';
import type { Part } from './cover.ts';
import { bySlugAfter, canWork, matchTeammate, matchesOf, shownScore } from './match.ts';
import type { Match } from './match.ts';
import { inOrder } from './order.ts';

/** How a unit is to be done: by whom first, and who is next when that fails. */
export interface Assignment {
  unitId: string;
  /** Empty when nobody can do it. More than one: each does a part. */
  parts: Part[];
  /** Next ones when the first fails, in order; without those who do a part. */
  next: Match[];
  matches: Match[];
  decision: Decision;
}

/** What each unit that an agent has been given already takes off its score. */
const LOAD_PENALTY = 0.1;

/** Gives each unit to the agent that fits best and has least to do; a unit that nobody covers alone is split. Pure. */
export function planAssignments(
  units: readonly WorkUnit[],
  team: readonly Teammate[],
  settings: Pick<HierarchicalSettings, 'candidates_max' | 'parts_max'>,
): Assignment[] {
  const load = new Map<string, number>();
  return inOrder(units).map((unit) => {
    const assignment = assign(unit, { team, settings, load });
    for (const { slug } of assignment.parts) load.set(slug, (load.get(slug) ?? 0) + 1);
    return assignment;
  });
}

function assign(
  unit: WorkUnit,
  {
    team,
    settings,
    load,
  }: {
    team: readonly Teammate[];
    settings: Pick<HierarchicalSettings, 'candidates_max' | 'parts_max'>;
    load: ReadonlyMap<string, number>;
  },
): Assignment {
  const loadOf = (slug: string) => load.get(slug) ?? 0;
  const scoreOf = (match: Match) => Math.max(0, match.strength - LOAD_PENALTY * loadOf(match.slug));
  const matches = matchesOf(unit, team).toSorted(bySlugAfter(scoreOf));
  const [first, ...others] = matches;
  const seen = matches.length > 0 ? matches : team.map((mate) => matchTeammate(unit, mate));
  const candidates = seen.map((match) => ({
    name: match.slug,
    score: shownScore(matches.length > 0 ? scoreOf(match) : 0),
    reasons: [...match.reasons, loadReason(loadOf(match.slug)), ...statusReason(match.slug, team)],
  }));
  const parts =
    first === undefined ? [] : coverTogether(first, others, { max: settings.parts_max });
  const inParts = new Set(parts.map(({ slug }) => slug));
  return {
    unitId: unit.id,
    parts,
    next: others.filter(({ slug }) => !inParts.has(slug)).slice(0, settings.candidates_max - 1),
    matches,
    decision: {
      decision: parts.length > 1 ? 'split' : 'assign',
      subject: unit.id,
      chosen: parts.map(({ slug }) => slug),
      reason: reasonOf(unit, first, parts),
      candidates,
    },
  };
}

function loadReason(load: number): string {
  return load === 0 ? 'has nothing else to do' : `has ${load} other unit${load === 1 ? '' : 's'}`;
}

function statusReason(slug: string, team: readonly Teammate[]): string[] {
  const mate = team.find(({ agent }) => agent.slug === slug);
  return mate === undefined || canWork(mate) ? [] : [`is ${mate.agent.status} and takes no work`];
}

function reasonOf(unit: WorkUnit, first: Match | undefined, parts: readonly Part[]): string {
  if (first === undefined)
    return `Nobody of the team covers ${unit.needs.length === 0 ? 'it' : unit.needs.join(', ')}.`;
  if (parts.length > 1)
    return `No agent covers all of it alone: ${parts.map(({ slug, needs }) => `${slug} does ${needs.join(', ')}`).join('; ')}.`;
  const left =
    first.missing.length === 0 ? '' : ` Nobody adds what is missing: ${first.missing.join(', ')}.`;
  return `${first.slug} fits best: ${first.reasons.join('; ')}.${left}`;
}
