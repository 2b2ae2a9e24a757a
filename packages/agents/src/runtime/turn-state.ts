import { NO_USAGE, addUsage } from '@automatos/contracts';
import type { Finding, Usage } from '@automatos/contracts';
import { canonicalJson } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { ModelRef } from '@automatos/providers';
import type { KeptArtifact, ToolOutcome } from '@automatos/tools';
import type { ModelMessage } from 'ai';
import type { KeptResult } from './tool-results.ts';
import type { ToolRecord } from './runtime-types.ts';

/** One entry of the conversation; results of tools are kept whole and fitted to the window when a call is made. */
export type Entry =
  | { kind: 'message'; message: ModelMessage }
  | { kind: 'results'; results: KeptResult[] };

/**
 * What a turn has learnt so far. Made only from recorded results, so that a replay builds it again exactly.
 */
export interface TurnState {
  entries: Entry[];
  usage: Usage;
  /** Working time in ms: model calls, and per batch its longest tool call. Time in which the process was down does not count. */
  elapsedMs: number;
  toolCallsUsed: number;
  tools: Record<string, ToolRecord>;
  findings: Finding[];
  findingsSeen: Set<string>;
  findingsTotal: number;
  artifacts: KeptArtifact[];
  /** True once the turn has read text of strangers, which may hold instructions. */
  readForeignText: boolean;
  /** Successful answers of idempotent tools by {@link callKey}. */
  answered: Map<string, ToolOutcome>;
  /** Failures in a row by {@link callKey}, with what the last one said. */
  failures: Map<string, { count: number; summary: string }>;
  /** Calls that reached their tool and succeeded there, and what the first of the others said. */
  succeeded: number;
  firstFailure: { tool: string; summary: string; timedOut: boolean } | null;
  /** Decided by the first call; kept for the turn, also when the default changes meanwhile. */
  ref: ModelRef | null;
  /** Who answered last; null before the first answer. */
  speaker: ModelRef | null;
  contextWindow: number;
  /** Last text that the model wrote. */
  text: string;
  offline: boolean;
  /** True when at least one step of the turn ran in this process, not only in the journal. */
  ranHere: boolean;
}

export function newTurnState(messages: ModelMessage[], ref: ModelRef | null): TurnState {
  return {
    entries: messages.map((message) => ({ kind: 'message', message })),
    usage: NO_USAGE,
    elapsedMs: 0,
    toolCallsUsed: 0,
    tools: {},
    findings: [],
    findingsSeen: new Set(),
    findingsTotal: 0,
    artifacts: [],
    readForeignText: false,
    answered: new Map(),
    failures: new Map(),
    succeeded: 0,
    firstFailure: null,
    ref,
    speaker: null,
    contextWindow: 0,
    text: '',
    offline: false,
    ranHere: false,
  };
}

/** Two calls are the same when tool and arguments are, whatever the order of the keys. */
export function callKey(tool: string, input: JsonObject): string {
  return `${tool} ${canonicalJson(input)}`;
}

export function totalTokens(usage: Usage): number {
  return usage.input_tokens + usage.output_tokens;
}

/** Counts a failing call, so that a model that goes round in circles is stopped. */
export function noteFailure(state: TurnState, key: string, summary: string): void {
  state.failures.set(key, { count: (state.failures.get(key)?.count ?? 0) + 1, summary });
}

/** False for calls that were refused or whose arguments were wrong: nothing was tried. */
function reachedTool(outcome: ToolOutcome): boolean {
  return outcome.status !== 'denied' && outcome.error?.code !== 'tools.arguments.invalid';
}

/** Takes the outcome of an executed call into the turn's record. */
export function recordOutcome(
  state: TurnState,
  { tool, key, idempotent }: { tool: string; key: string; idempotent: boolean },
  outcome: ToolOutcome,
): void {
  state.usage = addUsage(state.usage, { ...NO_USAGE, tool_calls: 1 });
  const failed = outcome.status !== 'success';
  if (failed) noteFailure(state, key, outcome.summary);
  else state.failures.delete(key);
  if (!failed) state.succeeded += 1;
  else if (reachedTool(outcome)) {
    state.firstFailure ??= {
      tool,
      summary: outcome.summary,
      timedOut: outcome.status === 'timeout',
    };
  }
  if (!failed && idempotent) state.answered.set(key, outcome);
  const known = state.tools[tool];
  if (known === undefined || !failed || known.status !== 'success') {
    state.tools[tool] = {
      status: outcome.status,
      summary: outcome.summary,
      output: outcome.output as JsonValue,
    };
  }
  let fresh = 0;
  for (const finding of outcome.findings) {
    const identity = canonicalJson(finding);
    if (state.findingsSeen.has(identity)) continue;
    state.findingsSeen.add(identity);
    state.findings.push(finding);
    fresh += 1;
  }
  state.findingsTotal += fresh + Math.max(0, outcome.findingsTotal - outcome.findings.length);
}
