import { deferred } from '@automatos/kernel';
import type { Clock, Logger, Metrics, PlatformError, WorkspaceId } from '@automatos/kernel';
import { NO_BUDGETS } from '../router/ports.ts';
import type { BudgetGate, CallOwner, Reservation } from '../router/ports.ts';
import { budgetExceeded, priceUnknown } from './budget-errors.ts';
import type { BudgetRow } from './budget-tables.ts';
import { covers, windowKey } from './budget-window.ts';
import type { CallLedger } from './call-ledger.ts';
import { leastTokens, planFor, roomAtBest, roomAtHand } from './claim-plan.ts';
import type { CoveredClaim, Room } from './claim-plan.ts';
import { openReservation } from './open-reservation.ts';
import { heldElsewhere, surelySpent } from './purse.ts';
import type { Place, PurseDesk, Waiting } from './purse-desk.ts';
import { amountOf, isFree, isPriceUnknown, worstCaseOf } from './worst-case.ts';
import type { PriceCeiling } from './worst-case.ts';

export interface GateDeps {
  budgets: (workspaceId: WorkspaceId) => BudgetRow[] | Promise<BudgetRow[]>;
  /** The run whose budget a run counts to: the one that it was started for. */
  rootRun: (workspaceId: WorkspaceId, runId: string) => string | Promise<string>;
  desk: PurseDesk;
  ledger: CallLedger;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** How long a call waits for money that other calls only hold. */
  waitMs: number;
}

/** How long the first in line waits for a notification before it looks again. */
const LOOK_AGAIN_MS = 1_000;
const LAST_TRIES = 3;

/** The gate that keeps calls within the budgets of their workspace; see docs/budgets.md for what it promises. */
export function createBudgetGate(deps: GateDeps): BudgetGate {
  return {
    async reserve(claim) {
      const { owner } = claim;
      const known = deps.budgets(owner.workspaceId);
      const covering = (Array.isArray(known) ? known : await known).filter((budget) =>
        covers(budget, owner),
      );
      if (covering.length === 0) return NO_BUDGETS.reserve(claim);
      const ceiling = isPriceUnknown(claim.price, claim) ? ceilingOf(deps, covering, owner) : null;
      const worst = worstCaseOf(claim.price, claim, ceiling);
      if (isFree(worst)) return NO_BUDGETS.reserve(claim);
      const runId =
        owner.runId === undefined || covering.every((budget) => budget.window !== 'run')
          ? owner.runId
          : await deps.rootRun(owner.workspaceId, owner.runId);
      const at = { now: deps.clock.now(), runId };
      const places = covering
        .filter((budget) => budget.window !== 'call')
        .map((budget) => deps.desk.place(budget, windowKey(budget, at)));
      const perCall = covering.filter((budget) => budget.window === 'call');
      for (const place of places) place.users += 1;
      try {
        return await obtain(deps, { claim, worst, ceiling, places, perCall, ledger: deps.ledger });
      } finally {
        for (const place of places) place.users -= 1;
      }
    },
  };
}

/** The highest of the ceilings, so that each budget is kept; a budget without one refuses. */
function ceilingOf(deps: GateDeps, covering: readonly BudgetRow[], owner: CallOwner): PriceCeiling {
  const without = covering.find((budget) => budget.ceilingInputMicros === null);
  if (without !== undefined) {
    deps.metrics.count('amas_budget_refusals_total', { scope: without.window });
    const key = windowKey(without, { now: deps.clock.now(), runId: owner.runId });
    if (without.window === 'call') deps.ledger.refused(without);
    else deps.desk.place(without, key).purse.refused += 1;
    throw priceUnknown(without);
  }
  return {
    inputMicros: Math.max(...covering.map((budget) => budget.ceilingInputMicros ?? 0)),
    outputMicros: Math.max(...covering.map((budget) => budget.ceilingOutputMicros ?? 0)),
  };
}

async function obtain(deps: GateDeps, covered: CoveredClaim): Promise<Reservation> {
  const { places, claim } = covered;
  const until = deps.clock.now() + deps.waitMs;
  let line: { place: Place; me: Waiting } | null = null;
  try {
    for (;;) {
      claim.signal.throwIfAborted();
      const room = roomAtBest(covered);
      const plan = planFor(covered, room);
      if (plan === null) throw refuse(deps, covered, room);
      const ahead = line === null ? places.find((place) => place.line.length > 0) : undefined;
      let blocked: Place | undefined = ahead;
      if (ahead === undefined) {
        const stakes = await takeAll(deps, covered, plan.amount);
        if (Array.isArray(stakes)) return openReservation(deps, covered, { ...plan, stakes });
        blocked = stakes;
        // More is spent than was known: the plan was for money that is gone, not for money that may come back.
        if (roomAtBest(covered).tokens < (plan.bound ?? 0)) continue;
      }
      if (deps.clock.now() >= until) return await lastTry(deps, covered);
      line ??= joinLine(blocked as Place);
      await waitInLine(deps, line, { until, signal: claim.signal });
    }
  } finally {
    if (line !== null) leaveLine(line);
  }
}

async function takeAll(deps: GateDeps, { claim, places }: CoveredClaim, amount: number) {
  return (
    deps.desk.takeHeld(places, amount) ??
    (await deps.desk.takeGranted(claim.owner.workspaceId, places, amount))
  );
}

/** The wait is over: takes what is at hand, if it makes a useful answer. */
async function lastTry(deps: GateDeps, covered: CoveredClaim): Promise<Reservation> {
  let room = roomAtHand(covered);
  for (let tries = 0; tries < LAST_TRIES; tries += 1) {
    const plan = planFor(covered, room);
    if (plan === null) break;
    const stakes = await takeAll(deps, covered, plan.amount);
    if (Array.isArray(stakes)) return openReservation(deps, covered, { ...plan, stakes });
    room = roomAtHand(covered);
  }
  throw refuse(deps, covered, room);
}

function joinLine(place: Place): { place: Place; me: Waiting } {
  const me = { wake: deferred<void>() };
  place.line.push(me);
  return { place, me };
}

function leaveLine({ place, me }: { place: Place; me: Waiting }): void {
  place.line.splice(place.line.indexOf(me), 1);
  place.line[0]?.wake.resolve();
}

/** Until money may be there: word of it, being the first in line for a while, or the end of the wait. */
async function waitInLine(
  { clock }: GateDeps,
  { place, me }: { place: Place; me: Waiting },
  limits: { until: number; signal: AbortSignal },
): Promise<void> {
  for (;;) {
    const left = limits.until - clock.now();
    if (left <= 0) return;
    const over = new AbortController();
    const woken = await Promise.race([
      me.wake.promise.then(() => true),
      clock
        .sleep(Math.min(left, LOOK_AGAIN_MS), AbortSignal.any([over.signal, limits.signal]))
        .then(
          () => false,
          () => false,
        ),
    ]);
    over.abort();
    limits.signal.throwIfAborted();
    if (woken) me.wake = deferred<void>();
    if (woken || place.line[0] === me) return;
  }
}

function refuse(deps: GateDeps, covered: CoveredClaim, { budget, place }: Room): PlatformError {
  deps.metrics.count('amas_budget_refusals_total', { scope: budget.window });
  const { spent, open } = covered.ledger.counted(covered.claim.owner.callId);
  if (place === null) deps.ledger.refused(budget);
  else place.purse.refused += 1;
  return budgetExceeded({
    budget,
    windowKey: place?.windowKey ?? 'call',
    needed: amountOf(covered.worst, leastTokens(covered)),
    spent: place === null ? spent : surelySpent(place.purse),
    reserved: place === null ? open : heldElsewhere(place.purse),
    now: deps.clock.now(),
  });
}
