import type { Clock, Logger, Micros } from '@automatos/kernel';
import type { Reservation } from '../router/ports.ts';
import type { CoveredClaim } from './claim-plan.ts';
import type { Stake } from './purse.ts';
import type { PurseDesk } from './purse-desk.ts';
import { amountOf, costAtCeiling } from './worst-case.ts';

/** Tokens by which a stream that goes on beyond its bound is allowed more at a time. */
const STEP_TOKENS = 256;
const FETCH_AHEAD_AT = 0.9;

export interface Granted {
  stakes: readonly Stake[];
  amount: Micros;
  bound: number | null;
  cutBy: string | null;
}

/** The reservation of a call for which money is set aside in all its places. */
export function openReservation(
  deps: { desk: PurseDesk; clock: Clock; logger: Logger },
  covered: CoveredClaim,
  granted: Granted,
): Reservation {
  const { places, perCall, ledger, worst, ceiling } = covered;
  const { callId } = covered.claim.owner;
  let { amount } = granted;
  let allowed = granted.bound ?? Infinity;
  let fetching = false;
  let ended = false;
  if (perCall.length > 0) ledger.open(callId, amount, deps.clock.now());

  function allowMore(tokens: number): boolean {
    const more = amountOf(worst, tokens) - amount;
    const { spent, open } = ledger.counted(callId);
    if (perCall.some((budget) => spent + open + more > budget.limitMicros)) return false;
    if (more > 0 && !deps.desk.extend(places, granted.stakes, more)) return false;
    if (perCall.length > 0) ledger.open(callId, Math.max(0, more), deps.clock.now());
    amount += Math.max(0, more);
    allowed = tokens;
    return true;
  }

  function end(cost: Micros): void {
    if (ended) return;
    ended = true;
    deps.desk.settle(places, granted.stakes, cost);
    if (perCall.length > 0)
      ledger.close(callId, { open: amount, cost }, { now: deps.clock.now(), budgets: perCall });
    if (cost > amount)
      deps.logger.warn(
        {
          call_id: callId,
          reserved_micros: amount,
          cost_micros: cost,
          budgets: [...places.map((place) => place.budget.id), ...perCall.map(({ id }) => id)],
        },
        'a call cost more than was set aside for it',
      );
  }

  return {
    maxOutputTokens: granted.bound,
    cutBy: granted.cutBy,
    allows(tokens) {
      if (!fetching && tokens >= allowed * FETCH_AHEAD_AT) {
        fetching = true;
        const step = amountOf(worst, tokens + STEP_TOKENS) - amountOf(worst, tokens);
        void deps.desk.fetchAhead(places, step).then(() => (fetching = false));
      }
      return tokens <= allowed || allowMore(tokens + STEP_TOKENS) || allowMore(tokens);
    },
    settle: async (costMicros, used) => {
      const atCeiling =
        used === undefined || ceiling === null ? amount : costAtCeiling(ceiling, used);
      end(costMicros ?? atCeiling);
    },
    release: async () => end(0),
  };
}
