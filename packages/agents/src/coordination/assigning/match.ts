import type { Teammate, TrackRecord, WorkUnit } from '../coordination-types.ts';

/** How well an agent fits a unit of work, and what that rests on. */
export interface Match {
  slug: string;
  /** Share of the unit's needs that the agent covers; {@link NO_NEEDS_COVERAGE} for a unit without needs. */
  coverage: number;
  covered: string[];
  missing: string[];
  /** Expected success on work like this, 0–1 exclusive. */
  trust: number;
  /** Coverage and trust together: how strong the agent is here, whatever else it has to do. */
  strength: number;
  reasons: string[];
}

/** Of a unit that asks for nothing particular every agent covers as much: it is no reason for or against anybody. */
export const NO_NEEDS_COVERAGE = 0.5;

const COVERAGE_WEIGHT = 0.7;
const TRUST_WEIGHT = 0.3;

/** Two names of a capability are one: case and separators do not count. */
export function capabilityKey(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '_');
}

/**
 * Expected success from what was done so far: the share of successes, drawn towards one half while runs are few, and times the
 * quality where that was scored. Never 0 or 1, so that nobody is out for good and nobody is beyond doubt.
 */
export function trustOf(record: TrackRecord): number {
  const successes = Math.min(record.successes, record.runs);
  const rate = (successes + 1) / (record.runs + 2);
  return record.meanQuality === null ? rate : rate * (0.5 + record.meanQuality / 2);
}

export function matchTeammate(unit: Pick<WorkUnit, 'needs'>, mate: Teammate): Match {
  const has = new Set(mate.agent.capabilities.map(capabilityKey));
  const needs = [...new Map(unit.needs.map((need) => [capabilityKey(need), need])).entries()];
  const covered = needs.filter(([key]) => has.has(key)).map(([, need]) => need);
  const missing = needs.filter(([key]) => !has.has(key)).map(([, need]) => need);
  const coverage = needs.length === 0 ? NO_NEEDS_COVERAGE : covered.length / needs.length;
  const trust = trustOf(mate.record);
  return {
    slug: mate.agent.slug,
    coverage,
    covered,
    missing,
    trust,
    strength: coverage === 0 ? 0 : COVERAGE_WEIGHT * coverage + TRUST_WEIGHT * trust,
    reasons: [coverageReason(needs.length, covered), recordReason(mate.record)],
  };
}

function coverageReason(needs: number, covered: readonly string[]): string {
  if (needs === 0) return 'the unit asks for no particular capability';
  if (covered.length === 0) return `covers none of its ${needs} needs`;
  return `covers ${covered.length} of ${needs} needs: ${covered.join(', ')}`;
}

function recordReason({ runs, successes, meanQuality }: TrackRecord): string {
  if (runs === 0) return 'has done nothing like it yet';
  const quality = meanQuality === null ? '' : ` at a mean quality of ${meanQuality.toFixed(2)}`;
  return `succeeded in ${Math.min(successes, runs)} of ${runs} like runs${quality}`;
}

export const canWork = ({ agent }: Teammate): boolean =>
  agent.status === 'active' || agent.status === 'busy';

/** Higher first; equal ones by slug, so that nothing depends on the order of the team. */
export function bySlugAfter<T extends { slug: string }>(value: (one: T) => number) {
  return (a: T, b: T): number => value(b) - value(a) || (a.slug < b.slug ? -1 : 1);
}

/** Those who can do at least a part of the unit, the strongest first. */
export function matchesOf(unit: Pick<WorkUnit, 'needs'>, team: readonly Teammate[]): Match[] {
  return team
    .filter(canWork)
    .map((mate) => matchTeammate(unit, mate))
    .filter((match) => match.coverage > 0)
    .toSorted(bySlugAfter((match) => match.strength));
}

/** Scores as decisions show them. */
export const shownScore = (score: number): number => Math.round(score * 1000) / 1000;
