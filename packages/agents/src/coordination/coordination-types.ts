import type { Agent, ErrorInfo, Finding, PatternKind, Usage } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';
import type { RunContext } from '@automatos/runs';
import type { Capability } from '@automatos/tools';
import type { TurnBudget } from '../runtime/runtime-types.ts';

/** A piece of work that one agent can do. */
export interface WorkUnit {
  /** snake_case, unique within the request. */
  id: string;
  title: string;
  /** The request to the agent. */
  prompt: string;
  /** Capabilities that it calls for, e.g. `security_scan`. */
  needs: readonly string[];
  inputs: JsonObject;
  /** Ids of units whose results this one builds on. */
  dependsOn: readonly string[];
  /** 0–1: how hard it is compared with others. */
  complexity: number;
}

/** What an agent has done so far on work of the same kind. */
export interface TrackRecord {
  runs: number;
  successes: number;
  /** 0–1; null without a scored run. */
  meanQuality: number | null;
  meanDurationMs: number | null;
  meanCostMicros: number | null;
}

export interface Teammate {
  agent: Agent;
  /** Prompt of the agent's persona; null without one. */
  personaPrompt: string | null;
  record: TrackRecord;
}

/** How one unit of work ended. */
export interface UnitOutcome {
  unitId: string;
  /** Slug of who did it; null when nobody could. */
  agent: string | null;
  status: 'completed' | 'failed' | 'skipped';
  text: string;
  findings: Finding[];
  findingsTotal: number;
  /** 0–1, computed from checks that ran and evidence, never taken from a model. */
  confidence: number;
  usage: Usage;
  error: ErrorInfo | null;
}

/** Who got what and why; each is also told as a `decision.made` event. */
export interface Decision {
  decision: string;
  subject: string;
  chosen: string[];
  reason: string;
  candidates: { name: string; score: number; reasons: string[] }[];
}

/** What agents did not agree on, with what each said. */
export interface Disagreement {
  subject: string;
  positions: { agents: string[]; says: string; weight: number }[];
}

export interface CoordinationRequest {
  goal: string;
  units: readonly WorkUnit[];
  team: readonly Teammate[];
  kind: PatternKind;
  /** Settings of the pattern, checked against its schema. */
  settings: JsonObject;
  inputs: JsonObject;
  /** Step of the run that the work belongs to; part of every call id. */
  stepId: string;
  /** Of the step, 1-based. */
  attempt: number;
  budget?: TurnBudget;
  /** What tools may do in this work, whatever the agents may otherwise, e.g. in a dry run; a call that needs more is denied. */
  allowedCapabilities?: readonly Capability[];
  signal: AbortSignal;
}

export interface CoordinationResult {
  units: UnitOutcome[];
  decisions: Decision[];
  /** 0–1, weighted; 1 = all agree; null where nothing was voted on. */
  agreement: number | null;
  disagreements: Disagreement[];
  usage: Usage;
}

/** Runs a team on work units by a pattern. Every call is a recorded step of the run, so that a replay repeats none. */
export interface Coordinator {
  /** Rejects when no unit could be done at all, or with the signal's reason on cancel; failed units are outcomes. */
  run(context: RunContext, request: CoordinationRequest): Promise<CoordinationResult>;
}
