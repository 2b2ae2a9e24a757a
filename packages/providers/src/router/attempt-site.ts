import type { CallTimeouts } from '../calls/model-call.ts';
import type { Permit } from './breaker/circuits.ts';
import type { ReadyCandidate } from './candidates.ts';
import type { LimitTarget, Place } from './limits/limiter-port.ts';
import type { Reservation, RouteRequest } from './ports.ts';
import type { EffectiveSettings } from './settings/settings-source.ts';

/** All that stands around one attempt. */
export interface AttemptSite {
  request: RouteRequest;
  ready: ReadyCandidate;
  effective: EffectiveSettings;
  target: LimitTarget;
  permit: Permit;
  place: Place;
  reservation: Reservation;
  timeouts: Required<CallTimeouts>;
}

/** The smaller of what is wanted and what the model can; null = neither is known. */
export function outputBound(wanted: number | null, limit: number | null): number | null {
  if (wanted === null || limit === null) return wanted ?? limit;
  return Math.min(wanted, limit);
}

/** The time-outs of a workspace. */
export function timeoutsOf({ settings }: EffectiveSettings): Required<CallTimeouts> {
  const { connect_ms, first_token_ms, between_tokens_ms, total_ms } = settings.timeouts;
  return {
    connectMs: connect_ms,
    firstTokenMs: first_token_ms,
    betweenTokensMs: between_tokens_ms,
    totalMs: total_ms,
  };
}
