import { PATTERN_SETTINGS } from '@automatos/contracts';
import type { PatternKind } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import type { JsonObject, WorkspaceId } from '@automatos/kernel';
import { and, inArray } from 'drizzle-orm';
import { agentError } from '../agent-error.ts';
import { findSharedAgents, toAgent } from '../agents/agent-store.ts';
import type { AgentRow } from '../agents/agent-store.ts';
import { agents } from '../agents/agent-tables.ts';
import { SHARED } from '../agents/agent-viewer.ts';
import { inOrder } from '../coordination/assigning/order.ts';
import { planAssignments } from '../coordination/assigning/plan-assignments.ts';
import { planPanels } from '../coordination/assigning/plan-panels.ts';
import type {
  Decision,
  Teammate,
  TrackRecord,
  WorkUnit,
} from '../coordination/coordination-types.ts';
import {
  awardRound,
  openMarket,
  ownAttractions,
  readyNeeds,
} from '../coordination/market/market.ts';
import type { ResolvedPattern } from './resolved-pattern.ts';

export interface PreviewInput {
  pattern?: string | undefined;
  kind?: PatternKind | undefined;
  settings?: JsonObject | undefined;
  goal: string;
  units: readonly PreviewUnit[];
  /** Ids or slugs; empty: all active agents that the workspace shares. */
  team: readonly string[];
}

export interface PreviewUnit {
  id: string;
  title: string;
  needs: string[];
  depends_on: string[];
  complexity: number;
}

/** What agents did so far, by slug. */
export type RecordsOf = (workspaceId: WorkspaceId) => Promise<ReadonlyMap<string, TrackRecord>>;

export interface PatternPreview {
  kind: PatternKind;
  settings: JsonObject;
  units: { unit_id: string; agents: string[]; reason: string }[];
  decisions: Decision[];
}

const TEAM_MAX = 50;
const NO_RECORD: TrackRecord = {
  runs: 0,
  successes: 0,
  meanQuality: null,
  meanDurationMs: null,
  meanCostMicros: null,
};
/** Of a need that waits for others. */
const LATER = 'Its grounds are not there yet; it is offered when they are.';

/** What the pattern would decide before anything runs. Throws `agents.pattern.team_unknown` for agents that are not there. */
export async function previewWork(
  tx: Tx,
  {
    input,
    pattern,
    records,
  }: {
    input: PreviewInput;
    pattern: ResolvedPattern;
    records: ReadonlyMap<string, TrackRecord>;
  },
): Promise<PatternPreview> {
  const rows = input.team.length === 0 ? await activeAgents(tx) : await named(tx, input.team);
  const team = rows.map((row): Teammate => ({
    agent: toAgent(row),
    personaPrompt: null,
    record: records.get(row.slug) ?? NO_RECORD,
  }));
  const units = inOrder(input.units.map(toUnit));
  const decisions = firstDecisions(pattern, units, team);
  return {
    kind: pattern.kind,
    settings: pattern.settings,
    units: input.units.map(({ id }) => {
      const decision = decisions.find(({ subject }) => subject === id);
      return { unit_id: id, agents: decision?.chosen ?? [], reason: decision?.reason ?? LATER };
    }),
    decisions,
  };
}

const toUnit = ({ depends_on: dependsOn, ...unit }: PreviewUnit): WorkUnit => ({
  ...unit,
  prompt: unit.title,
  inputs: {},
  dependsOn,
});

function firstDecisions(
  { kind, settings }: ResolvedPattern,
  units: readonly WorkUnit[],
  team: readonly Teammate[],
): Decision[] {
  if (kind === 'hierarchical') {
    const parsed = PATTERN_SETTINGS.hierarchical.parse(settings);
    return planAssignments(units, team, parsed).map(({ decision }) => decision);
  }
  if (kind === 'collaborative') {
    const parsed = PATTERN_SETTINGS.collaborative.parse(settings);
    return planPanels(units, team, parsed).map(({ decision }) => decision);
  }
  const parsed = PATTERN_SETTINGS.emergent.parse(settings);
  const state = openMarket(units);
  const needs = readyNeeds(state, team);
  const attractions = ownAttractions(needs, parsed);
  const attracted = needs.map((need, index) => ({ ...need, attraction: attractions[index] ?? 0 }));
  const awards = awardRound(state, attracted, { team, settings: parsed }).map(
    ({ decision }) => decision,
  );
  const open = attracted.filter(({ unitId }) => awards.every(({ subject }) => subject !== unitId));
  return [...awards, ...open.map((need) => stillOpen(need, parsed.attraction_threshold))];
}

function stillOpen(
  { unitId, attraction, needs }: { unitId: string; attraction: number; needs: readonly string[] },
  threshold: number,
): Decision {
  const weak = `it attracts with ${attraction}, and ${threshold} is asked for`;
  const full = 'all who could take it have enough for the first round';
  return {
    decision: 'open',
    subject: unitId,
    chosen: [],
    reason: `${needs.join(', ') || 'The unit'} stays open at first: ${attraction < threshold ? weak : full}.`,
    candidates: [],
  };
}

function activeAgents(tx: Tx): Promise<AgentRow[]> {
  return tx
    .select()
    .from(agents)
    .where(and(inArray(agents.status, ['active', 'busy']), SHARED))
    .orderBy(agents.slug)
    .limit(TEAM_MAX);
}

async function named(tx: Tx, refs: readonly string[]): Promise<AgentRow[]> {
  const rows = await findSharedAgents(tx, refs);
  const unknown = refs
    .map((ref, index) => ({ ref, index }))
    .filter(({ ref }) => rows.every(({ id, slug }) => ref !== id && ref !== slug));
  if (unknown.length === 0) return rows;
  throw agentError('agents.pattern.team_unknown', {
    kind: 'invalid-input',
    message: `There is no agent ${unknown.map(({ ref }) => `"${ref}"`).join(', ')} in the workspace. Use ids or slugs of its agents.`,
    errors: unknown.map(({ index }) => ({ pointer: `/team/${index}`, message: 'unknown agent' })),
  });
}
