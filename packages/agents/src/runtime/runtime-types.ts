import type { Agent, Finding, Usage } from '@automatos/contracts';
import type { Clock, JsonObject, JsonValue, Logger, Metrics } from '@automatos/kernel';
import type { ModelPrice, Providers } from '@automatos/providers';
import type { RunContext } from '@automatos/runs';
import type { Capability, KeptArtifact, ToolExecutor, ToolRegistry } from '@automatos/tools';
import type { ToolSelection } from './tool-selection.ts';

export const TURN_LIMITS = [
  'iterations',
  'tool_calls',
  'tokens',
  'money',
  'time',
  /** The budget of whoever asked for the turn cut the answer short. */
  'budget',
] as const;
/** What ended a turn before its answer was whole. */
export type TurnLimit = (typeof TURN_LIMITS)[number];

/** What a model call may take at most, as far as it is known before the call. */
export interface ModelEstimate {
  /** Upper estimate. */
  inputTokens: number;
  /** Output tokens that the agent's own limits leave. */
  outputTokens: number;
  price: Pick<ModelPrice, 'inputMicros' | 'outputMicros'>;
  /** For messages. */
  model: string;
}

/**
 * A budget that turns share with others. It is asked inside of the recorded call, so that a replay does not decide again;
 * rejecting refuses the call and ends the turn with that error. Both may wait until calls under way have ended.
 */
export interface TurnBudget {
  /** How many output tokens the call may have, at most those of the estimate; `bound` names what made it fewer. */
  reserveModel(
    callId: string,
    estimate: ModelEstimate,
    signal: AbortSignal,
  ): Promise<{ outputTokens: number; bound?: string }>;
  reserveTool(callId: string, signal: AbortSignal): Promise<void>;
  /** What the call took, once for each call that was made, also on a replay; ends its reservation. */
  settle(callId: string, used: Usage): void;
}

export interface TurnRequest {
  stepId: string;
  /** Attempt of the step, 1-based; part of every call id, so that a retry makes calls of its own. */
  attempt: number;
  /** Tells turns of one attempt apart, e.g. those of a team; part of every call id. */
  turnKey?: readonly string[];
  agent: Agent;
  /** Prompt of the agent's persona; null without one. */
  personaPrompt: string | null;
  /** The request, references already resolved. */
  prompt: string;
  /** Values shown beside the prompt as JSON. */
  inputs: JsonObject;
  /** Material to work on, e.g. results of earlier steps; treated as data, not as instructions. */
  contextText?: string;
  /** Narrows the agent's tools to these; each must be one that the agent has. */
  toolNames?: string[];
  /** JSON schema that `object` of the result satisfies. */
  outputSchema?: JsonObject;
  signal: AbortSignal;
  /** Shortens the agent's own time limit, in ms. */
  timeoutMs?: number;
  /** Beside the agent's own limits. */
  budget?: TurnBudget;
  /** For what the turn is made; default `run`. */
  source?: 'run' | 'judge';
  /** What tools may do in this turn, whatever the agent may otherwise; a call that needs more is denied. */
  allowedCapabilities?: Capability[];
}

/** What one tool gave: of several calls the last that succeeded, else the last. */
export interface ToolRecord {
  status: string;
  summary: string;
  output: JsonValue;
}

/** Plain JSON: a step may keep it as its output. */
export interface TurnResult {
  /** `limit_reached` is not a success; what there was until then is in the other fields. */
  status: 'completed' | 'limit_reached';
  limit?: TurnLimit;
  /** With the limit `budget`: the bound that was reached. */
  bound?: string;
  /** Never empty when `completed`. */
  text: string;
  /** Fits `outputSchema`; present when one was given and the turn completed. */
  object?: JsonValue;
  tools: Record<string, ToolRecord>;
  /** Findings of all calls, each once. */
  findings: Finding[];
  /** Also counts findings that tools cut off. */
  findings_total: number;
  /** Documents that tools made, kept with the run; absent when there are none. */
  artifacts?: KeptArtifact[];
  usage: Usage;
  /** True when no language model was used. */
  offline: boolean;
  provider: string;
  model: string;
}

export interface AgentRuntimeDeps {
  providers: Pick<Providers, 'call' | 'resolve' | 'defaultRef'>;
  executor: ToolExecutor;
  registry: Pick<ToolRegistry, 'get' | 'describe' | 'forGrants'>;
  /** Settings of workspaces and ranking; without it every tool of the agent is shown. */
  selection?: ToolSelection;
  clock: Clock;
  metrics: Metrics;
  logger: Logger;
}

/** The one implementation of "an agent works": recipes call it now, tasks and chat later. */
export interface AgentRuntime {
  /**
   * Lets the agent work on one request until it answers or a limit ends it. Every model call and every tool call is a
   * recorded step of the run, so that a replay repeats none of them. Rejects with a PlatformError when the agent cannot
   * work, a model call fails, a tool call keeps failing or the answer misses the schema; with the signal's reason on cancel.
   */
  runTurn(context: RunContext, request: TurnRequest): Promise<TurnResult>;
}
