export interface BackoffPolicy {
  /** Wait before the second attempt, in ms. */
  delayMs: number;
  /** Growth per attempt, ≥ 1. */
  factor: number;
  /** Upper bound of one wait, in ms. */
  delayMsMax: number;
}

/** Wait in ms before attempt `attempt` (2 = first retry). Without jitter: callers that need it add their own, from an injected source. */
export function backoffMs(policy: BackoffPolicy, attempt: number): number {
  return Math.min(policy.delayMsMax, policy.delayMs * policy.factor ** Math.max(0, attempt - 2));
}
