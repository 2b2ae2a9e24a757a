import type { ModelRef } from '../../catalogue/catalogue-types.ts';
import type { CallOwner } from '../ports.ts';
import type { CallKind, CallStatus } from '../../usage/usage-tables.ts';

/** One attempt that was sent and has ended. */
export interface LoggedCall {
  owner: CallOwner;
  kind: CallKind;
  ref: ModelRef;
  /** Null = it told nothing about the vendor, e.g. because it was cancelled. */
  answered: boolean | null;
  status: CallStatus;
  durationMs: number;
  firstTokenMs: number | null;
  /** As counted, or the estimate. */
  inputTokens: number;
  outputTokens: number;
  costMicros: number | null;
  error: { code: string; message: string } | null;
  at: number;
}

/** Where attempts are remembered for strategies, health and people. */
export interface CallLog {
  started(ref: ModelRef): void;
  ended(call: LoggedCall): void;
}
