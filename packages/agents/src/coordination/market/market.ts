import type { EmergentSettings } from '@automatos/contracts';
import { coverTogether } from '../assigning/cover.ts';
import type { Part } from '../assigning/cover.ts';
import { canWork, matchTeammate, shownScore } from '../assigning/match.ts';
import type { Decision, Teammate, WorkUnit } from '../coordination-types.ts';
import { bidsFor } from './bids.ts';
import type { Bid } from './bids.ts';
import type { OpenNeed } from './need-field.ts';

export type UnitEnd = 'completed' | 'failed' | 'skipped';

/** What the market knows between rounds; never changed in place. */
export interface MarketState {
  /** Rounds that were held. */
  round: number;
  units: readonly MarketUnit[];
}

export interface MarketUnit {
  unit: WorkUnit;
  /** Null while it is open. */
  end: UnitEnd | null;
  age: number;
  failures: number;
  /** Those who failed on it. */
  without: readonly string[];
}

/** A unit given to one agent, or to several who each do a part. */
export interface Award {
  unit: WorkUnit;
  parts: Part[];
  decision: Decision;
}

/** What is left of each award of a need that failed. */
const AFTER_FAILURE = 0.7;

export function openMarket(units: readonly WorkUnit[]): MarketState {
  return {
    round: 0,
    units: units.map((unit) => ({ unit, end: null, age: 0, failures: 0, without: [] })),
  };
}

/** Units that can never be done, because what they build on was not; to be called before each round. */
export function skipLost(state: MarketState): { state: MarketState; skipped: [string, string][] } {
  const skipped: [string, string][] = [];
  const ends = new Map(state.units.map(({ unit, end }) => [unit.id, end]));
  const units = state.units.map((one) => {
    if (one.end !== null) return one;
    const lost = one.unit.dependsOn.find((id) =>
      ['failed', 'skipped'].includes(ends.get(id) ?? ''),
    );
    if (lost === undefined) return one;
    skipped.push([one.unit.id, lost]);
    ends.set(one.unit.id, 'skipped');
    return { ...one, end: 'skipped' as const };
  });
  return { state: { ...state, units }, skipped };
}

/** Open needs whose grounds are there, in order. */
export function readyNeeds(state: MarketState, team: readonly Teammate[]): OpenNeed[] {
  const ends = new Map(state.units.map(({ unit, end }) => [unit.id, end]));
  return state.units
    .filter(
      ({ end, unit }) => end === null && unit.dependsOn.every((id) => ends.get(id) === 'completed'),
    )
    .map(({ unit, age, failures, without }) => ({
      unitId: unit.id,
      title: unit.title,
      needs: unit.needs,
      age,
      failures,
      overlap: Math.max(
        0,
        ...team
          .filter((mate) => canWork(mate) && !without.includes(mate.agent.slug))
          .map((mate) => matchTeammate(unit, mate).coverage),
      ),
    }));
}

/** Attraction by capabilities and age, less for each award that failed. */
export function ownAttractions(
  needs: readonly OpenNeed[],
  settings: Pick<EmergentSettings, 'attraction_per_round'>,
): number[] {
  return needs.map(
    ({ overlap, age, failures }) =>
      Math.min(1, overlap + settings.attraction_per_round * age) * AFTER_FAILURE ** failures,
  );
}

export interface Attracted extends OpenNeed {
  attraction: number;
}

/** Why the market closes before this round; null = the round is held. */
export function stopReason(
  state: MarketState,
  needs: readonly Attracted[],
  settings: Pick<EmergentSettings, 'rounds_max' | 'attraction_threshold'>,
): string | null {
  if (state.units.every(({ end }) => end !== null)) return 'Every need was decided.';
  if (state.round >= settings.rounds_max)
    return `The ${settings.rounds_max} rounds of the pattern are over.`;
  if (needs.some(({ attraction }) => attraction >= settings.attraction_threshold)) return null;
  const strongest = needs.toSorted((a, b) => b.attraction - a.attraction)[0];
  return `No open need attracts anybody enough: "${strongest?.unitId ?? ''}" attracts most with ${shownScore(strongest?.attraction ?? 0)}, and ${settings.attraction_threshold} is asked for.`;
}

/** Awards of a round: the needs that attract most come first, and each goes to the best bid, or to a group that covers more. */
export function awardRound(
  state: MarketState,
  needs: readonly Attracted[],
  { team, settings }: { team: readonly Teammate[]; settings: EmergentSettings },
): Award[] {
  const load = new Map<string, number>();
  const bidding = { team: team.filter(canWork), settings, load };
  const order = needs
    .filter(({ attraction }) => attraction >= settings.attraction_threshold)
    .toSorted((a, b) => b.attraction - a.attraction);
  return order.flatMap((need) => {
    const { unit, without } = state.units.find((one) => one.unit.id === need.unitId) as MarketUnit;
    const mayRoam = need.overlap === 0 && need.age >= settings.role_switch_after;
    const bids = bidsFor(unit, bidding, { mayRoam, without: new Set(without) });
    const [best, ...others] = bids;
    if (best === undefined) return [];
    const parts = best.isSwitch
      ? [{ slug: best.slug, needs: [...unit.needs] }]
      : coverTogether(
          best.match,
          others.map(({ match }) => match),
          { max: settings.group_size_max },
        );
    for (const { slug } of parts) load.set(slug, (load.get(slug) ?? 0) + 1);
    return [{ unit, parts, decision: decisionOf(need, { best, bids, parts }) }];
  });
}

function decisionOf(
  need: Attracted,
  { best, bids, parts }: { best: Bid; bids: readonly Bid[]; parts: readonly Part[] },
): Decision {
  const attracts = `"${need.unitId}" attracts with ${shownScore(need.attraction)}`;
  const told = {
    subject: need.unitId,
    chosen: parts.map(({ slug }) => slug),
    candidates: bids.map(({ slug, value, reasons }) => ({
      name: slug,
      score: shownScore(value),
      reasons,
    })),
  };
  if (best.isSwitch)
    return {
      ...told,
      decision: 'switch_role',
      reason: `${attracts}, nobody covers it, and it has been open for ${need.age} rounds: ${best.slug} leaves its field for it with the best bid.`,
    };
  if (parts.length > 1)
    return {
      ...told,
      decision: 'form_group',
      reason: `${attracts} and no agent covers all of it alone: ${parts.map(({ slug, needs }) => `${slug} does ${needs.join(', ')}`).join('; ')}.`,
    };
  return {
    ...told,
    decision: 'award',
    reason: `${attracts}; ${best.slug} made the best of ${bids.length} bids, ${shownScore(best.value)}.`,
  };
}

/** The state after a round: what was done is decided, what failed too often as well, and the rest is a round older. */
export function closeRound(
  state: MarketState,
  results: ReadonlyMap<string, { end: 'completed' | 'failed'; by: readonly string[] }>,
  settings: Pick<EmergentSettings, 'attempts_max'>,
): MarketState {
  const units = state.units.map((one): MarketUnit => {
    const result = results.get(one.unit.id);
    if (one.end !== null) return one;
    if (result === undefined) return { ...one, age: one.age + 1 };
    if (result.end === 'completed') return { ...one, end: 'completed' };
    const failures = one.failures + 1;
    return {
      ...one,
      failures,
      age: one.age + 1,
      without: [...one.without, ...result.by],
      end: failures >= settings.attempts_max ? 'failed' : null,
    };
  });
  return { round: state.round + 1, units };
}
