import type { Micros } from '@automatos/kernel';

/** What one exchange tells the database of a purse; see `automatos_budget_exchange`. */
export interface Exchange {
  seq: number;
  used: Micros;
  beyond: Micros;
  giveBack: Micros;
  want: Micros;
  refused: number;
  /** Tells those who wait elsewhere that money came back. */
  tell: boolean;
  /** Removes the grant when nothing is held any more. */
  leaving: boolean;
}

/** What the database answers. `lost`: the grant before was counted as spent, and `granted` belongs to a new one; `gone`: no such budget. */
export interface ExchangeResult {
  state: 'ok' | 'lost' | 'gone';
  granted: Micros;
  limit: Micros;
  spentBefore: Micros;
  spent: Micros;
  reserved: Micros;
}

/**
 * Money that this process holds of one counter, split by what it is for. `free + inFlight + used` is what the database has granted
 * and not yet heard of again, less what an exchange under way gives back.
 */
export interface Purse {
  free: Micros;
  /** Set aside for calls under way. */
  inFlight: Micros;
  /** Spent within reservations, not yet told. */
  used: Micros;
  /** Spent beyond reservations, not yet told: an estimate was too low. */
  beyond: Micros;
  refused: number;
  /** Grows when the grant was lost; what was set aside before is nobody's to give back. */
  generation: number;
  seq: number;
  /** Sent and not answered; it is sent again, never replaced. */
  pending: Exchange | null;
  /** The counter as last heard. */
  known: { limit: Micros; spent: Micros; reserved: Micros } | null;
  /** Most that one call set aside lately: what trimming leaves. */
  claimMax: Micros;
}

/** Money of one call, in one purse. */
export interface Stake {
  generation: number;
  amount: Micros;
}

export function createPurse(): Purse {
  return {
    free: 0,
    inFlight: 0,
    used: 0,
    beyond: 0,
    refused: 0,
    generation: 0,
    seq: 0,
    pending: null,
    known: null,
    claimMax: 0,
  };
}

/** Sets money aside; the caller has checked that it is free. */
export function take(purse: Purse, amount: Micros): Stake {
  if (amount > purse.free) throw new Error(`a purse holds ${purse.free}, not ${amount}`);
  purse.free -= amount;
  purse.inFlight += amount;
  purse.claimMax = Math.max(purse.claimMax, amount);
  return { generation: purse.generation, amount };
}

/** Adds to a stake out of what is free; false when it is not enough, or the grant was lost. */
export function extend(purse: Purse, stake: Stake, more: Micros): boolean {
  if (more > purse.free || stake.generation !== purse.generation) return false;
  purse.free -= more;
  purse.inFlight += more;
  stake.amount += more;
  return true;
}

/** Ends a stake with what the call cost. What it cost beyond the stake is taken from what is free, and noted when that is not enough. */
export function settle(purse: Purse, stake: Stake, cost: Micros): void {
  const within = Math.min(cost, stake.amount);
  const over = cost - within;
  if (stake.generation !== purse.generation) {
    purse.beyond += over;
    return;
  }
  purse.inFlight -= stake.amount;
  purse.used += within;
  purse.free += stake.amount - within;
  const fromFree = Math.min(over, purse.free);
  purse.free -= fromFree;
  purse.used += fromFree;
  purse.beyond += over - fromFree;
}

/** Starts an exchange: what it tells and gives back leaves the purse at once, so that nobody spends it meanwhile. */
export function startExchange(
  purse: Purse,
  plan: { giveBack: Micros; want: Micros; tell: boolean; leaving: boolean },
): Exchange {
  const giveBack = Math.min(plan.giveBack, purse.free);
  purse.seq += 1;
  const exchange = {
    ...plan,
    giveBack,
    seq: purse.seq,
    used: purse.used,
    beyond: purse.beyond,
    refused: purse.refused,
  };
  purse.free -= giveBack;
  purse.used = 0;
  purse.beyond = 0;
  purse.refused = 0;
  purse.pending = exchange;
  return exchange;
}

/** Ends an exchange with the answer. */
export function endExchange(purse: Purse, result: ExchangeResult): void {
  purse.pending = null;
  if (result.state === 'lost' || result.state === 'gone') {
    purse.generation += 1;
    purse.free = 0;
    purse.inFlight = 0;
    purse.used = 0;
  }
  purse.free += result.granted;
  purse.known = { limit: result.limit, spent: result.spent, reserved: result.reserved };
}

/** What is surely spent of the counter: it never gets less within a window. */
export function surelySpent(purse: Purse): Micros {
  const { known, pending } = purse;
  return (
    (known?.spent ?? 0) +
    purse.used +
    purse.beyond +
    (pending === null ? 0 : pending.used + pending.beyond)
  );
}

export function isDirty(purse: Purse): boolean {
  return purse.pending !== null || purse.used > 0 || purse.beyond > 0 || purse.refused > 0;
}

/** Money of the counter that may yet come back: held by others, or by calls of this process. */
export function heldElsewhere(purse: Purse): Micros {
  return purse.known === null ? 0 : Math.max(0, purse.known.reserved - purse.free - purse.used);
}
