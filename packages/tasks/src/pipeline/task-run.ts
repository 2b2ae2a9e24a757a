import type {
  AgentRuntime,
  Coordinator,
  ResolvedAgent,
  ToolRecord,
  UnitOutcome,
} from '@automatos/agents';
import type { TaskEstimate } from '@automatos/contracts';
import type { Clock, JsonObject, WorkspaceId } from '@automatos/kernel';
import type { ModelRef } from '@automatos/providers';
import type { Ledger, QualityScorer, Replay } from '@automatos/recipes';
import type { RunContext } from '@automatos/runs';
import type { WorkspaceRoots } from '@automatos/tools';
import type { UnitRecord } from '../history/history-store.ts';
import type { Candidate } from '../selection/candidate.ts';
import type { TaskPlan } from './task-plan.ts';

/** How a task ended, as it is kept beside its run. */
export interface TaskOutcome {
  outcome: 'complete' | 'partial';
  summary: string;
  agentsUsed: string[];
  unitsTotal: number;
  unitsFailed: number;
  estimate: TaskEstimate;
}

/** What the stages read of the workspace and leave there. */
export interface TaskMemory {
  /** Active agents with what they did so far, by slug; `only` narrows them to these ids or slugs. */
  candidates(workspaceId: WorkspaceId, only: readonly string[] | undefined): Promise<Candidate[]>;
  /** The agent with its persona. */
  resolve(workspaceId: WorkspaceId, slug: string): Promise<ResolvedAgent>;
  /** Keeps rows once; returns how many are new. */
  recordUnits(workspaceId: WorkspaceId, rows: readonly UnitRecord[]): Promise<number>;
  recordQuality(
    workspaceId: WorkspaceId,
    of: { runId: string; attempt: number; quality: number },
  ): Promise<number>;
  storeOutcome(workspaceId: WorkspaceId, taskId: string, outcome: TaskOutcome): Promise<void>;
}

export interface TaskKindDeps {
  memory: TaskMemory;
  agents: Pick<AgentRuntime, 'runTurn'>;
  /** Runs teams by patterns. */
  coordinator: Coordinator;
  quality: QualityScorer;
  roots: Pick<WorkspaceRoots, 'resolveInside'>;
  /** Model that splits goals, summarises and judges; null = rules and measurements alone. */
  model(workspaceId: WorkspaceId): Promise<ModelRef | null>;
  clock: Clock;
}

/** State of one execution of a task's run. It is rebuilt by the replay after a crash. */
export interface TaskRun {
  deps: TaskKindDeps;
  context: RunContext;
  plan: TaskPlan;
  ledger: Ledger;
  replay: Replay;
  startedMs: number;
}

/** How a unit went, with what only this room counts. */
export interface UnitResult extends UnitOutcome {
  title: string;
  /** Capability that it called for. */
  need: string | null;
  attempt: number;
  durationMs: number;
  tools: Record<string, ToolRecord>;
  offline: boolean;
}

/** A unit as it is handed to its agent. */
export interface PreparedUnit {
  unitId: string;
  prompt: string;
  inputs: JsonObject;
  /** Material beside the prompt, results of other units aside. */
  contextText: string;
  /** Characters that each unit before it may add. */
  charactersPerUnit: number;
  /** Where its material comes from. */
  sources: { source: string; tokens: number }[];
}
