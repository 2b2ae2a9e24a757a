import type { TrackRecord, WorkUnit } from '@automatos/agents';
import { addRecords, NO_RECORD } from './candidate.ts';
import type { Candidate } from './candidate.ts';
import { capabilityFit } from './capability-fit.ts';
import type { Fit } from './capability-fit.ts';
import { cautiousRate } from './cautious-rate.ts';

/** Who does a unit, and why. Plain JSON. */
export interface Assignment {
  unit_id: string;
  /** Slug; null when nobody suits. */
  agent: string | null;
  reason: string;
  /** The best ones, the chosen first. */
  candidates: { name: string; score: number; reasons: string[] }[];
}

export interface SelectionRequest {
  units: readonly WorkUnit[];
  candidates: readonly Candidate[];
  /** The request itself named the candidates: that is reason enough for those whom nothing else speaks for. */
  named: boolean;
  /** Slugs that did a unit before and not well enough, by unit. */
  avoid: Readonly<Record<string, readonly string[]>>;
}

/** Below this nothing speaks for an agent. */
export const FIT_MIN = 0.2;
const NAMED_FIT = 0.3;
const CANDIDATES_SHOWN = 5;
/** What counts how much, once an agent fits at all. */
const WEIGHTS = { base: 0.5, success: 0.3, quality: 0.1, time: 0.05, cost: 0.05 };
const NEUTRAL = 0.5;
const AVOIDED = 0.5;

interface Scored {
  name: string;
  score: number;
  fit: Fit;
  reasons: string[];
}

/**
 * The best agent for each unit: how its capabilities fit, times what its record lets expect (success counted cautiously, then
 * quality, time and cost against the other candidates). Ties go to the first name, so that the choice is always the same.
 */
export function selectAgents(request: SelectionRequest): Assignment[] {
  return request.units.map((unit) => assign(unit, request));
}

function assign(unit: WorkUnit, request: SelectionRequest): Assignment {
  const records = new Map(
    request.candidates.map(({ agent, history }) => [agent.slug, recordFor(unit, history)]),
  );
  const least = leastOf([...records.values()]);
  const scored = request.candidates
    .map((candidate) => score(unit, { candidate, request, records, least }))
    .toSorted((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
  const suitable = scored.filter(({ fit }) => fit.score >= FIT_MIN);
  const best = suitable[0];
  const shown = (suitable.length > 0 ? suitable : scored).slice(0, CANDIDATES_SHOWN);
  const candidates = shown.map(({ name, score: points, reasons }) => ({
    name,
    score: points,
    reasons,
  }));
  if (best === undefined) {
    return { unit_id: unit.id, agent: null, reason: nobody(unit), candidates };
  }
  const second = suitable[1];
  const against =
    second === undefined ? 'nobody else suits' : `${second.name} comes next with ${second.score}`;
  const reason = `${best.name} ${best.reasons.join(', ')}; scores ${best.score}, ${against}`;
  return { unit_id: unit.id, agent: best.name, reason, candidates };
}

function nobody({ needs }: WorkUnit): string {
  const what = needs.length === 0 ? 'it' : needs.join(', ');
  return `no active agent does ${what}, and none describes itself in the words of the work`;
}

/** Work of the same kind says most; without any, all work does. */
function recordFor(unit: WorkUnit, { byNeed, all }: Candidate['history']): TrackRecord {
  const same = unit.needs
    .map((need) => byNeed[need] ?? NO_RECORD)
    .reduce((a, b) => addRecords(a, b), NO_RECORD);
  return same.runs > 0 ? same : all;
}

interface Least {
  durationMs: number | null;
  costMicros: number | null;
}

function leastOf(records: readonly TrackRecord[]): Least {
  const least = (values: (number | null)[]) => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : Math.min(...known);
  };
  return {
    durationMs: least(records.map(({ meanDurationMs }) => meanDurationMs)),
    costMicros: least(records.map(({ meanCostMicros }) => meanCostMicros)),
  };
}

function score(
  unit: WorkUnit,
  given: {
    candidate: Candidate;
    request: SelectionRequest;
    records: ReadonlyMap<string, TrackRecord>;
    least: Least;
  },
): Scored {
  const { agent } = given.candidate;
  const own = capabilityFit(unit, agent);
  const fit =
    given.request.named && own.score < NAMED_FIT
      ? { score: NAMED_FIT, reason: 'is named by the task' }
      : own;
  const record = given.records.get(agent.slug) ?? NO_RECORD;
  const expected =
    WEIGHTS.base +
    WEIGHTS.success * cautiousRate(record) +
    WEIGHTS.quality * (record.meanQuality ?? NEUTRAL) +
    WEIGHTS.time * share(given.least.durationMs, record.meanDurationMs) +
    WEIGHTS.cost * share(given.least.costMicros, record.meanCostMicros);
  const avoided = (given.request.avoid[unit.id] ?? []).includes(agent.slug);
  const points = round(fit.score * expected * (avoided ? AVOIDED : 1));
  const reasons = [fit.reason, described(record)];
  if (avoided) reasons.push('did this part before, and not well enough');
  return { name: agent.slug, score: points, fit, reasons };
}

/** 1 for the least of all, less the more it is above; neutral when nothing is known. */
function share(least: number | null, own: number | null): number {
  if (least === null || own === null) return NEUTRAL;
  return own <= 0 ? 1 : Math.min(1, least / own);
}

function described(record: TrackRecord): string {
  const { runs, successes, meanQuality, meanDurationMs } = record;
  if (runs === 0) return 'has no record yet';
  const parts = [
    `succeeded in ${successes} of ${runs} (counted on: ${percent(cautiousRate(record))})`,
  ];
  if (meanQuality !== null) parts.push(`quality ${round(meanQuality)}`);
  if (meanDurationMs !== null) parts.push(`${Math.round(meanDurationMs / 100) / 10} s`);
  return parts.join(', ');
}

const percent = (value: number) => `${Math.round(value * 100)} %`;
const round = (value: number) => Math.round(value * 1_000) / 1_000;
