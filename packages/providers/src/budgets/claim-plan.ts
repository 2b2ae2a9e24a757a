import type { Micros } from '@automatos/kernel';
import type { BudgetClaim } from '../router/ports.ts';
import type { BudgetRow } from './budget-tables.ts';
import type { CallLedger } from './call-ledger.ts';
import { surelySpent } from './purse.ts';
import type { Place } from './purse-desk.ts';
import { amountOf, tokensWithin } from './worst-case.ts';
import type { PriceCeiling, WorstCase } from './worst-case.ts';

/** The least that counts as an answer, tokens. */
export const USEFUL_TOKENS = 16;
/** Bound of an answer for which nobody named one, where an answer costs money. */
export const UNNAMED_TOKENS = 32_768;
/** An answer without a named bound takes at most this share of what is left, down to so many tokens. */
const UNNAMED_SHARE = 4;
const UNNAMED_LEAST = 1_024;

/** A claim with all that covers it. */
export interface CoveredClaim {
  claim: BudgetClaim;
  worst: WorstCase;
  ceiling: PriceCeiling | null;
  places: readonly Place[];
  /** Budgets per call. */
  perCall: readonly BudgetRow[];
  ledger: CallLedger;
}

/** How much can be set aside for a claim: tokens of the answer, and whose limit is the nearest. */
export interface Room {
  tokens: number;
  budget: BudgetRow;
  place: Place | null;
}

/** Tokens for which there can be money at most, whatever calls under way give back. */
export function roomAtBest(covered: CoveredClaim): Room {
  return nearest(covered, (place) => limitOf(place) - surelySpent(place.purse));
}

/** Tokens for which there was money when the counters were last heard of. */
export function roomAtHand(covered: CoveredClaim): Room {
  return nearest(covered, (place) => {
    const { known, free } = place.purse;
    return known === null ? limitOf(place) : free + limitOf(place) - known.spent - known.reserved;
  });
}

/** The limit as last heard: from the counter, or from a newer version of the budget. */
function limitOf({ purse, budget, checkedVersion }: Place): Micros {
  return checkedVersion === budget.version
    ? (purse.known?.limit ?? budget.limitMicros)
    : budget.limitMicros;
}

function nearest(covered: CoveredClaim, left: (place: Place) => Micros): Room {
  const { spent, open } = covered.ledger.counted(covered.claim.owner.callId);
  const rooms: Room[] = [
    ...covered.perCall.map((budget) => ({
      tokens: tokensWithin(covered.worst, budget.limitMicros - spent - open),
      budget,
      place: null,
    })),
    ...covered.places.map((place) => ({
      tokens: tokensWithin(covered.worst, left(place)),
      budget: place.budget,
      place,
    })),
  ];
  return rooms.reduce((best, room) => (room.tokens < best.tokens ? room : best));
}

/** Tokens that the caller wants, or that are given to one who names none; `null` where an answer costs nothing. */
export function wantedTokens(covered: CoveredClaim): number | null {
  const named = covered.claim.maxOutputTokens;
  if (covered.worst.outputRate === 0) return null;
  const limit = covered.claim.outputLimit ?? Infinity;
  if (named !== null) return Math.min(named, limit);
  const { spent, open } = covered.ledger.counted(covered.claim.owner.callId);
  const shares = [
    ...covered.places.map((place) => (limitOf(place) - surelySpent(place.purse)) / UNNAMED_SHARE),
    ...covered.perCall.map((budget) => budget.limitMicros - spent - open),
  ];
  const share = tokensWithin(covered.worst, Math.floor(Math.min(...shares)));
  return Math.min(UNNAMED_TOKENS, limit, Math.max(UNNAMED_LEAST, share));
}

/** What to set aside so that an answer of at most `tokens` is paid for. */
export function planFor(
  covered: CoveredClaim,
  room: Room,
): { amount: Micros; bound: number | null; cutBy: string | null } | null {
  const wanted = wantedTokens(covered);
  if (room.tokens < leastTokens(covered)) return null;
  if (wanted === null)
    return {
      amount: amountOf(covered.worst, 0),
      bound: covered.claim.maxOutputTokens,
      cutBy: null,
    };
  const bound = Math.min(wanted, room.tokens);
  const { maxOutputTokens, outputLimit } = covered.claim;
  const hoped = Math.min(maxOutputTokens ?? UNNAMED_TOKENS, outputLimit ?? Infinity);
  return {
    amount: amountOf(covered.worst, bound),
    bound,
    cutBy: bound < hoped ? room.budget.id : null,
  };
}

/** Fewer tokens than this are no answer, unless fewer were asked for. */
export function leastTokens({ claim, worst }: CoveredClaim): number {
  return worst.outputRate === 0
    ? 0
    : Math.min(USEFUL_TOKENS, claim.maxOutputTokens ?? USEFUL_TOKENS);
}
