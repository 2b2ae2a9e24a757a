import type { EmergentSettings } from '@automatos/contracts';
import { bySlugAfter, matchTeammate } from '../assigning/match.ts';
import type { Match } from '../assigning/match.ts';
import type { Teammate, WorkUnit } from '../coordination-types.ts';

/** What an agent offers for a need; everything 0–1. */
export interface Bid {
  slug: string;
  match: Match;
  /** Expected quality. */
  quality: number;
  /** Expected cost, compared with the dearest of the team. */
  cost: number;
  /** Share of its places that are taken in this round. */
  load: number;
  value: number;
  /** The agent would leave its own field for it. */
  isSwitch: boolean;
  reasons: string[];
}

/** Without a run to reckon with, an agent costs as much as half of the dearest. */
const COST_UNKNOWN = 0.5;
/** What trust is worth in a field that is not the agent's. */
const OUTSIDE_QUALITY = 0.25;

export interface Bidding {
  team: readonly Teammate[];
  settings: Pick<EmergentSettings, 'weights' | 'load_max'>;
  /** Awards of this round by agent. */
  load: ReadonlyMap<string, number>;
}

/** Bids for a need, the best first. Only agents with a free place bid; outside of their field only with `mayRoam`. */
export function bidsFor(
  unit: Pick<WorkUnit, 'needs'>,
  { team, settings, load }: Bidding,
  options: { mayRoam: boolean; without: ReadonlySet<string> },
): Bid[] {
  const bids = team.flatMap((mate) => {
    const { slug } = mate.agent;
    const places = load.get(slug) ?? 0;
    if (options.without.has(slug) || places >= settings.load_max) return [];
    const match = matchTeammate(unit, mate);
    const isSwitch = match.coverage === 0;
    if (isSwitch && !options.mayRoam) return [];
    const quality = isSwitch ? OUTSIDE_QUALITY * match.trust : match.strength;
    const offer = { quality, cost: costOf(mate, team), load: places / settings.load_max };
    return [
      {
        slug,
        match,
        ...offer,
        value: valueOf(offer, settings.weights),
        isSwitch,
        reasons: [...match.reasons, offerReason(offer)],
      },
    ];
  });
  return bids.toSorted(bySlugAfter((bid) => bid.value));
}

function costOf({ record }: Teammate, team: readonly Teammate[]): number {
  const dearest = Math.max(0, ...team.map((mate) => mate.record.meanCostMicros ?? 0));
  if (record.meanCostMicros === null || dearest === 0) return COST_UNKNOWN;
  return record.meanCostMicros / dearest;
}

function valueOf(
  { quality, cost, load }: Pick<Bid, 'quality' | 'cost' | 'load'>,
  weights: EmergentSettings['weights'],
): number {
  const whole = weights.quality + weights.cost + weights.load;
  if (whole === 0) return quality;
  return (
    (weights.quality * quality + weights.cost * (1 - cost) + weights.load * (1 - load)) / whole
  );
}

function offerReason({ quality, cost, load }: Pick<Bid, 'quality' | 'cost' | 'load'>): string {
  return `expects quality ${quality.toFixed(2)} at relative cost ${cost.toFixed(2)} and load ${load.toFixed(2)}`;
}
