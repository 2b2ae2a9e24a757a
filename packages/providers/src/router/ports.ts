import type { CallAttempt, CallRoute, RouterSettings } from '@automatos/contracts';
import type { Micros, PlatformError, WorkspaceId } from '@automatos/kernel';
import type { ProviderCredential } from '../calls/credential.ts';
import type { ModelPrice, ModelRef, ResolvedModel } from '../catalogue/catalogue-types.ts';
import type { CallKind, CallSource } from '../usage/usage-tables.ts';

/** For whom a call is made: what budgets, usage and the event log need to know of it. */
export interface CallOwner {
  workspaceId: WorkspaceId;
  /** Unique per call; the same for every candidate tried for it. */
  callId: string;
  source: CallSource;
  runId?: string;
  /** Slug of the agent. */
  agent?: string;
}

/** Says what of a request has no place at a model. */
export type Unfit = (resolved: ResolvedModel) => PlatformError | null;

/** One call as the router sees it, whatever is sent: a conversation, texts to embed, bytes to pass on. */
export interface RouteRequest {
  owner: CallOwner;
  kind: CallKind;
  /** Wanted first; what follows are the caller's own fallbacks, then the workspace's chain, then the platform's. */
  refs: readonly ModelRef[];
  /** False: only `refs` are tried, because the caller named exactly what it wants. */
  useChain: boolean;
  /** Estimate of what is sent. */
  inputTokens: number;
  /** More than any vendor counts for it, see `inputTokensBound`: budgets reckon with it. Default: `inputTokens`. */
  inputTokensMax?: number;
  /** Wanted bound of the answer; null = none given, the model's own limit holds. */
  maxOutputTokens: number | null;
  /** The most that the call may cost, by its estimate; candidates that may cost more get a smaller bound or are passed over. */
  maxCostMicros?: Micros;
  /** What the model must offer, by the names of the catalogue's capabilities. */
  needs: readonly string[];
  /** Why a candidate that was not asked for by name cannot take this request; null = it can. Such candidates are passed over. */
  unfit?: Unfit;
  signal: AbortSignal;
}

/** A place where the call may be answered now: circuit closed, limits acquired, money set aside. */
export interface Candidate {
  resolved: ResolvedModel;
  /** As looked up for this attempt; null = the provider needs none. */
  credential: ProviderCredential | null;
  settings: RouterSettings;
  /** Bound of the answer in tokens, after model, limits and budgets; null = none. */
  maxOutputTokens: number | null;
  /** Money set aside for the call. */
  reservation: Reservation;
  signal: AbortSignal;
  /** To be called at the first part of the answer, and at each further one. */
  onPart(): void;
  /**
   * Says what an attempt that is about to fail has cost so far, and how much of the answer the caller had seen. Without it a failure
   * before the first part costs what was sent, or nothing when the vendor refused it; one after it the whole reservation.
   */
  owe(used: { costMicros: Micros | null; outputTokens?: number; seenChars: number }): void;
  /** To be called with the head of the vendor's answer: what is left of its limits is read from it. */
  onResponse(response: { status: number; headers: Record<string, string> }): void;
}

/** What an attempt used; `costMicros` null = unknown. Also owed for an answer that broke off. */
export interface Attempted<Value> {
  value: Value;
  costMicros: Micros | null;
  /** As counted; absent = the request's estimate. */
  inputTokens?: number;
  outputTokens: number;
  /** Of the input, what the vendor read from its cache. */
  cachedInputTokens?: number;
  /** True when the vendor gave no usage. */
  usageEstimated?: boolean;
}

/** Sends one attempt. A rejection with `PlatformError` is classified by its `retryable` and `details.opens_circuit`. */
export type SendAttempt<Value> = (candidate: Candidate) => Promise<Attempted<Value>>;

export interface Routed<Value> {
  value: Value;
  route: CallRoute;
  resolved: ResolvedModel;
}

/** An attempt failed and the next candidate is tried: what was streamed of it counts no more. */
export interface FallbackNotice {
  from: ModelRef;
  to: ModelRef;
  attempt: CallAttempt;
  /** Why `from` did not answer. */
  error: PlatformError;
}

/** What a call may cost at most, to be set aside before it is sent. */
export interface BudgetClaim {
  owner: CallOwner;
  price: ModelPrice;
  /** Upper estimate. */
  inputTokens: number;
  /** Wanted; null = the model's own limit, or what the budget allows; 0 = no answer is paid for (embeddings, reranking). */
  maxOutputTokens: number | null;
  /** The model's own limit; null or absent = unknown. */
  outputLimit?: number | null;
  /** Fixed costs of the call beside tokens, that are not among the fees of the price. */
  extraMicros: number;
  signal: AbortSignal;
}

/** Money set aside for one call, until settled. */
export interface Reservation {
  /** The bound that keeps the call within its budgets, at most what was wanted; null = no budget bounds it. */
  maxOutputTokens: number | null;
  /** Id of the budget that lowered the bound; null = none did. */
  cutBy: string | null;
  /**
   * Whether an answer may go on after so many tokens; past `maxOutputTokens` as long as the budgets have more to set aside. False:
   * abort the stream and settle what was used, because the vendor does not keep to the bound.
   */
  allows(outputTokensSoFar: number): boolean;
  /**
   * Says what the call used, once; a second call is ignored. `null` = unknown: `used` counts at the ceiling price of the budgets
   * when there is one, else the whole reservation counts as spent.
   */
  settle(
    costMicros: Micros | null,
    used?: { inputTokens: number; outputTokens: number },
  ): Promise<void>;
  /** Nothing was sent: gives the money back. */
  release(): Promise<void>;
}

/** Keeps calls within the workspace's budgets. */
export interface BudgetGate {
  /**
   * Sets the worst case aside over all budgets that cover the call, all or nothing. Throws `providers.budget.exceeded`
   * (`limit-reached`, details: budget, window, limit, spent, reserved) and `providers.budget.price_unknown`.
   */
  reserve(claim: BudgetClaim): Promise<Reservation>;
}

/** The gate of a platform without budgets. */
export const NO_BUDGETS: BudgetGate = {
  reserve: async ({ maxOutputTokens }) => ({
    maxOutputTokens,
    cutBy: null,
    allows: () => true,
    settle: async () => undefined,
    release: async () => undefined,
  }),
};
