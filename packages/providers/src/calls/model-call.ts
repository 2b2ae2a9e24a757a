import type { JsonObject, JsonValue, Micros, WorkspaceId } from '@automatos/kernel';
import type { AssistantModelMessage, ModelMessage } from 'ai';
import type { CallRoute } from '@automatos/contracts';
import type { ModelRef } from '../catalogue/catalogue-types.ts';
import type { CallOwner, FallbackNotice, Unfit } from '../router/ports.ts';

/** A tool as the model sees it; the runtime runs it, never this package. */
export interface ToolSpec {
  /** Letters, digits, `_` and `-`, at most 64: the form that all wires accept. */
  name: string;
  description: string;
  /** JSON schema of type object. */
  inputSchema: JsonObject;
}

/** Bounds of one attempt in ms; they can only shorten those of the router settings (10 s, 60 s, 60 s, 300 s by default). */
export interface CallTimeouts {
  connectMs?: number;
  /** From the start of the call to the first part of the answer; catches a server that never sends headers. */
  firstTokenMs?: number;
  betweenTokensMs?: number;
  totalMs?: number;
}

export interface ModelCall {
  workspaceId: WorkspaceId;
  /** Wanted; what follows when it does not answer: `fallbacks`, the workspace's chain, the platform's. */
  ref: ModelRef;
  fallbacks?: readonly ModelRef[];
  /** False: `ref` and `fallbacks` are all that is tried. Default true. */
  useChain?: boolean;
  /** For whom the call is made, for budgets and records; absent parts: a new id, source `platform`. */
  owner?: Partial<Omit<CallOwner, 'workspaceId'>>;
  /** Upper estimate of the tokens sent, where the caller has one; else it is estimated here. */
  inputTokens?: number;
  /** The most that the call may cost by its estimate; what may cost more gets a smaller bound or is passed over. */
  maxCostMicros?: Micros;
  /** False: no kept answer is taken and none is kept; true: taken whatever the temperature. Default: as the settings say. */
  cache?: boolean;
  /** AI SDK messages; append `ModelResult.message` and a `tool` message to continue after tool calls. */
  messages: readonly ModelMessage[];
  /** Why a model that was not named in `ref` cannot take this call; it is passed over then. */
  unfit?: Unfit;
  tools?: readonly ToolSpec[];
  /** Default `auto`; with an object the model has to call that tool. */
  toolChoice?: 'auto' | 'none' | 'required' | { tool: string };
  /** Ends the answer before the first of these. */
  stopSequences?: readonly string[];
  /** Asks for the same answer to the same call, as far as the vendor keeps that. */
  seed?: number;
  /** True: the answer is one JSON value of any form; a `responseSchema` says more. */
  json?: boolean;
  /** JSON schema; the answer is parsed and validated against it unless the model calls tools first. */
  responseSchema?: JsonObject;
  temperature?: number;
  maxOutputTokens?: number;
  topP?: number;
  frequencyPenalty?: number;
  presencePenalty?: number;
  signal: AbortSignal;
  timeouts?: CallTimeouts;
  /** Sent as `Idempotency-Key`. */
  idempotencyKey?: string;
  /** Called with each piece of text as it arrives, in order. It must not throw. */
  onDelta?: (text: string) => void;
  /**
   * Called before the next candidate is sent to: what `onDelta` gave of the one before counts no more. It must not throw.
   */
  onDiscard?: (notice: FallbackNotice) => void;
}

export interface ModelToolCall {
  id: string;
  name: string;
  input: JsonObject;
}

export interface ModelUsage {
  /** All input tokens, cached ones included. */
  inputTokens: number;
  /** All output tokens, reasoning included. */
  outputTokens: number;
  cachedInputTokens: number;
  reasoningTokens: number;
}

/** `length`: the output limit ended the text; `content_filter`: the vendor withheld it. Neither is a success of the task. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

export interface ModelResult {
  text: string;
  /** Present when a `responseSchema` was given and the model answered (rather than called tools). */
  object?: JsonValue;
  toolCalls: ModelToolCall[];
  finishReason: FinishReason;
  usage: ModelUsage;
  /** True when the vendor gave no usage, or only a part of it. */
  usageEstimated: boolean;
  /** Null = the price is unknown. */
  costMicros: Micros | null;
  /** True when cached tokens had no known price of their own and were counted at the full input price. */
  costIsUpperBound: boolean;
  priceVersion: string;
  provider: string;
  model: string;
  durationMs: number;
  firstTokenMs: number | null;
  /** True when no language model was used. */
  offline: boolean;
  /** How the answer came about. */
  route: CallRoute;
  /** The answer as the message to append; holds what the vendor wants back unchanged (e.g. thought signatures). Plain JSON. */
  message: AssistantModelMessage;
}
