import type { ModelEstimate, TurnBudget } from '@automatos/agents';
import type { Budget, Usage } from '@automatos/contracts';
import { deferred, roundUpMicros, tokenCost } from '@automatos/kernel';
import { raceAbort } from '../clocks/guarded-context.ts';
import { budgetExceeded, priceUnknown } from './budget-errors.ts';

type Bound = keyof Budget;
const BOUNDS = ['max_tokens', 'max_cost_micros', 'max_model_calls', 'max_tool_calls'] as const;
type Amounts = Record<Bound, number>;

/** One budget and what was taken of it. */
interface Account {
  /** For messages: `the run`, `step "scan"`. */
  of: string;
  bounds: Budget;
  spent: Amounts;
  /** False as soon as a call was made whose price nobody knows. */
  costKnown: boolean;
  /** Reservations of calls under way. */
  held: Map<string, Amounts>;
}

/**
 * All budgets that hold at one place: its step's, those of the containers around, the run's and what its parent run left.
 * A reservation is made in all of them or in none. What only calls under way stand against is waited for, not refused, so
 * that the whole budget can be used.
 */
export interface Ledger extends TurnBudget {
  readonly bounded: boolean;
  /** Ledger of a step inside with bounds of its own. */
  within(bounds: Budget, of: string): Ledger;
  /** Reserves all that is left, for a sub-run; null without bounds. */
  reserveRest(callId: string, signal: AbortSignal): Promise<Budget | null>;
  /** Reserves again what a recorded call had got. */
  hold(callId: string, rest: Budget): void;
}

/** `ready` resolves when what earlier executions spent is known. */
export function createLedger(ready: () => Promise<void>): Ledger {
  const shared = { ready, changed: deferred<void>() };
  return ledgerOf(shared, []);
}

interface Shared {
  ready: () => Promise<void>;
  /** Resolves with the next settlement. */
  changed: ReturnType<typeof deferred<void>>;
}

function ledgerOf(shared: Shared, accounts: readonly Account[]): Ledger {
  /** Asks again after each settlement until there is room, a refusal (thrown) or the abort. */
  async function reserve<T>(signal: AbortSignal, ask: () => T | 'wait'): Promise<T> {
    await shared.ready();
    for (;;) {
      signal.throwIfAborted();
      const { promise } = shared.changed;
      const answer = ask();
      if (answer !== 'wait') return answer;
      await raceAbort(signal, () => promise);
    }
  }
  const hold = (callId: string, amounts: Amounts) => {
    for (const account of accounts) account.held.set(callId, amounts);
  };
  return {
    bounded: accounts.length > 0,
    within: (bounds, of) => ledgerOf(shared, [...accounts, openAccount(bounds, of)]),
    reserveModel: async (callId, estimate, signal) => {
      if (accounts.length === 0) return { outputTokens: estimate.outputTokens };
      return reserve(signal, () => {
        const granted = modelRoom(accounts, estimate);
        if (granted === 'wait') return granted;
        hold(callId, amountsOf(estimate, granted.outputTokens));
        return granted;
      });
    },
    reserveTool: async (callId, signal) => {
      if (accounts.length === 0) return;
      await reserve(signal, () => {
        if (accounts.some((account) => isFull(account, 'max_tool_calls', 1))) return 'wait';
        return hold(callId, { ...NOTHING, max_tool_calls: 1 });
      });
    },
    reserveRest: async (callId, signal) => {
      if (accounts.length === 0) return null;
      return reserve(signal, () => {
        const rest = restOf(accounts);
        if (rest === 'wait') return rest;
        hold(callId, amountsOfRest(rest));
        return rest;
      });
    },
    hold: (callId, rest) => hold(callId, amountsOfRest(rest)),
    settle(callId, used) {
      for (const account of accounts) settle(account, callId, used);
      shared.changed.resolve();
      shared.changed = deferred<void>();
    },
  };
}

const NOTHING: Amounts = {
  max_tokens: 0,
  max_cost_micros: 0,
  max_model_calls: 0,
  max_tool_calls: 0,
};

function amountsOfRest(rest: Budget): Amounts {
  const of = (bound: Bound) => rest[bound] ?? 0;
  return {
    max_tokens: of('max_tokens'),
    max_cost_micros: of('max_cost_micros'),
    max_model_calls: of('max_model_calls'),
    max_tool_calls: of('max_tool_calls'),
  };
}

function openAccount(bounds: Budget, of: string): Account {
  return { of, bounds, spent: { ...NOTHING }, costKnown: true, held: new Map() };
}

function settle(account: Account, callId: string, used: Usage): void {
  const { spent } = account;
  account.held.delete(callId);
  spent.max_tokens += used.input_tokens + used.output_tokens;
  spent.max_model_calls += used.model_calls;
  spent.max_tool_calls += used.tool_calls;
  if (used.cost_micros === null) account.costKnown = false;
  else spent.max_cost_micros += used.cost_micros;
}

function heldOf({ held }: Account, bound: Bound): number {
  let sum = 0;
  for (const amounts of held.values()) sum += amounts[bound];
  return sum;
}

/** What is neither spent nor reserved; infinite without the bound. */
function leftOf(account: Account, bound: Bound): number {
  const max = account.bounds[bound];
  if (max === undefined) return Number.POSITIVE_INFINITY;
  return max - account.spent[bound] - heldOf(account, bound);
}

/**
 * True when `need` does not fit now, but may when calls under way end and take less than they reserved. Throws
 * `recipes.budget.exceeded` when it cannot fit any more.
 */
function isFull(account: Account, bound: Bound, need: number): boolean {
  const left = leftOf(account, bound);
  if (left >= need) return false;
  if (left + heldOf(account, bound) < need) throw exceeded(account, bound);
  return true;
}

function exceeded({ of, bounds, spent }: Account, bound: Bound) {
  return budgetExceeded({ of, bound, max: bounds[bound] ?? 0, spent: spent[bound] });
}

/** Output tokens that all accounts allow. Fewer than wanted only when nothing under way could give any back. */
function modelRoom(
  accounts: readonly Account[],
  estimate: ModelEstimate,
): { outputTokens: number; bound?: string } | 'wait' {
  let granted: { outputTokens: number; bound?: string } = { outputTokens: estimate.outputTokens };
  for (const account of accounts) {
    if (isFull(account, 'max_model_calls', 1)) return 'wait';
    for (const bound of ['max_tokens', 'max_cost_micros'] as const) {
      if (account.bounds[bound] === undefined) continue;
      if (bound === 'max_cost_micros') assertPriceKnown(account, estimate);
      const output = outputWithin(leftOf(account, bound), bound, estimate);
      if (output >= granted.outputTokens) continue;
      const held = heldOf(account, bound);
      const atBest = outputWithin(leftOf(account, bound) + held, bound, estimate);
      if (atBest < 1) throw exceeded(account, bound);
      if (held > 0) return 'wait';
      granted = { outputTokens: output, bound: `${bound} of ${account.of}` };
    }
  }
  return granted;
}

function outputWithin(left: number, bound: Bound, { inputTokens, price }: ModelEstimate): number {
  if (bound === 'max_tokens') return left - inputTokens;
  // Prices are per million tokens, so the comparison is made in millionths of a micro-dollar.
  const forOutput = left * 1_000_000 - inputTokens * (price.inputMicros ?? 0);
  if (forOutput < 0) return 0;
  const each = price.outputMicros ?? 0;
  return each === 0 ? Number.POSITIVE_INFINITY : Math.floor(forOutput / each);
}

function assertPriceKnown(account: Account, { price, model }: ModelEstimate): void {
  const known = price.inputMicros !== null && price.outputMicros !== null;
  if (!known || !account.costKnown) throw priceUnknown(account.of, known ? null : model);
}

function amountsOf({ inputTokens, price }: ModelEstimate, outputTokens: number): Amounts {
  const cost = roundUpMicros([
    tokenCost(inputTokens, price.inputMicros ?? 0),
    tokenCost(outputTokens, price.outputMicros ?? 0),
  ]);
  return {
    max_tokens: inputTokens + outputTokens,
    max_cost_micros: cost,
    max_model_calls: 1,
    max_tool_calls: 0,
  };
}

/** What is left of every bound that any account has. */
function restOf(accounts: readonly Account[]): Budget | 'wait' {
  const rest: Budget = {};
  for (const bound of BOUNDS) {
    const bounded = accounts.filter((account) => account.bounds[bound] !== undefined);
    const tightest = bounded.toSorted((a, b) => leftOf(a, bound) - leftOf(b, bound))[0];
    if (tightest === undefined) continue;
    if (bound === 'max_cost_micros' && !tightest.costKnown) throw priceUnknown(tightest.of, null);
    const left = leftOf(tightest, bound);
    if (left < 1 && heldOf(tightest, bound) > 0) return 'wait';
    // Tokens have no bound of 0: a sub-run that may have none makes no model call.
    if (bound === 'max_tokens' && left < 1) rest.max_model_calls = 0;
    else rest[bound] = Math.min(rest[bound] ?? left, Math.max(0, left));
  }
  return rest;
}
