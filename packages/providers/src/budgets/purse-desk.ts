import type { Database } from '@automatos/database';
import type { Clock, Deferred, Logger, Micros, WorkspaceId } from '@automatos/kernel';
import type { BudgetRow } from './budget-tables.ts';
import { MONEY_CHANNEL, exchange } from './counter-store.ts';
import {
  createPurse,
  endExchange,
  extend,
  isDirty,
  settle,
  startExchange,
  surelySpent,
  take,
} from './purse.ts';
import type { Exchange, ExchangeResult, Purse, Stake } from './purse.ts';

/** A call that waits for money; `wake` is renewed for each wait. */
export interface Waiting {
  wake: Deferred<void>;
}

/** A counter as this process deals with it. */
export interface Place {
  readonly key: string;
  readonly workspaceId: WorkspaceId;
  readonly windowKey: string;
  budget: BudgetRow;
  /** Version of the budget under which `free` was granted; money of another one goes back before it is used. */
  checkedVersion: number;
  purse: Purse;
  /** Calls that wait for money, in the order in which they came. */
  line: Waiting[];
  /** Claims that deal with it now; a place with users is not left. */
  users: number;
  /** Until then others want money of it, so that none is kept here. */
  scarceUntil: number;
  returning: boolean;
  usedAt: number;
  exchangedAt: number;
}

export interface DeskDeps {
  database: Pick<Database, 'workspace' | 'listen'>;
  clock: Clock;
  logger: Logger;
  holder: { id: string; leaseMs: number };
}

interface Plan {
  place: Place;
  giveBack: Micros;
  want: Micros;
  tell: boolean;
  leaving: boolean;
}

/** How long one word that money is wanted keeps money from being hoarded here. */
const SCARCE_MS = 2_000;
const IDLE_MS = 20_000;
const WARNED_SHARES = [0.8, 1] as const;

function holds({ purse, budget, checkedVersion }: Place, amount: Micros): boolean {
  return purse.free >= amount && checkedVersion === budget.version;
}

/** Holds this process's purses and exchanges money with the counters, one exchange per workspace at a time. */
export class PurseDesk {
  readonly #deps: DeskDeps;
  readonly #places = new Map<string, Place>();
  readonly #tails = new Map<WorkspaceId, Promise<unknown>>();

  constructor(deps: DeskDeps) {
    this.#deps = deps;
  }

  /** The place of a counter; there is never a second one with the same key. */
  place(budget: BudgetRow, windowKey: string): Place {
    const key = `${budget.id}|${windowKey}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      place = {
        key,
        workspaceId: budget.workspaceId as WorkspaceId,
        windowKey,
        budget,
        checkedVersion: budget.version,
        purse: createPurse(),
        line: [],
        users: 0,
        scarceUntil: 0,
        returning: false,
        usedAt: 0,
        exchangedAt: 0,
      };
      this.#places.set(key, place);
    }
    place.budget = budget;
    place.usedAt = this.#deps.clock.now();
    return place;
  }

  /** Sets money aside in all places out of what is held, or in none. */
  takeHeld(places: readonly Place[], amount: Micros): Stake[] | null {
    return places.every((place) => holds(place, amount))
      ? places.map(({ purse }) => take(purse, amount))
      : null;
  }

  /** The same after an exchange with the counters that have too little here; else the first place that could not be granted. */
  takeGranted(
    workspaceId: WorkspaceId,
    places: readonly Place[],
    amount: Micros,
  ): Promise<Stake[] | Place> {
    return this.#inTurn(workspaceId, async () => {
      const held = this.takeHeld(places, amount);
      if (held !== null) return held;
      const lacking = places.filter((place) => !holds(place, amount));
      await this.#exchange(
        workspaceId,
        lacking.map((place) => ({
          place,
          giveBack: place.purse.free,
          want: amount,
          tell: true,
          leaving: false,
        })),
      );
      return (
        this.takeHeld(places, amount) ??
        lacking.find((place) => !holds(place, amount)) ??
        (lacking[0] as Place)
      );
    });
  }

  /** Gets money for later, only while nobody else wants it. Never rejects. */
  async fetchAhead(places: readonly Place[], amount: Micros): Promise<void> {
    const now = this.#deps.clock.now();
    const lacking = places.filter(({ purse }) => purse.free < amount);
    const [first] = lacking;
    if (first === undefined) return;
    if (places.some((place) => place.line.length > 0 || place.scarceUntil > now)) return;
    await this.#inTurn(first.workspaceId, () =>
      this.#exchange(
        first.workspaceId,
        lacking.map((place) => ({ place, giveBack: 0, want: amount, tell: false, leaving: false })),
      ),
    ).catch((error: unknown) => this.#failed(error));
  }

  extend(places: readonly Place[], stakes: readonly Stake[], more: Micros): boolean {
    const enough = places.every(
      ({ purse }, index) => purse.free >= more && stakes[index]?.generation === purse.generation,
    );
    return (
      enough && places.every(({ purse }, index) => extend(purse, stakes[index] as Stake, more))
    );
  }

  settle(places: readonly Place[], stakes: readonly Stake[], cost: Micros): void {
    const now = this.#deps.clock.now();
    places.forEach((place, index) => {
      settle(place.purse, stakes[index] as Stake, cost);
      place.usedAt = now;
      if (place.scarceUntil > now) this.#returnSoon(place);
      else place.line[0]?.wake.resolve();
    });
  }

  /** Hears who wants money and who gave some back; resolves to a function that stops it. */
  listen(): Promise<() => Promise<void>> {
    return this.#deps.database.listen(MONEY_CHANNEL, (payload) => {
      const [word, budgetId, windowKey, holder] = payload.split('|');
      const place = this.#places.get(`${budgetId}|${windowKey}`);
      if (place === undefined || holder === this.#deps.holder.id) return;
      if (word === 'free') place.line[0]?.wake.resolve();
      if (word !== 'wanted') return;
      place.scarceUntil = this.#deps.clock.now() + SCARCE_MS;
      if (place.purse.free > 0 || place.purse.used > 0) this.#returnSoon(place);
    });
  }

  /**
   * Tells what was used, gives back what lies idle and renews leases: all of them with `all`, else those that are due. A workspace
   * that fails is logged and stays for the next time.
   */
  async tidy(
    options: { workspaceId?: WorkspaceId; all?: boolean; leave?: boolean } = {},
  ): Promise<void> {
    const now = this.#deps.clock.now();
    const due = new Map<WorkspaceId, Plan[]>();
    for (const place of this.#places.values()) {
      if (options.workspaceId !== undefined && place.workspaceId !== options.workspaceId) continue;
      const plan = this.#tidyPlan(place, now, options.leave === true);
      if (plan === null && !(options.all === true && isDirty(place.purse))) continue;
      const plans = due.get(place.workspaceId) ?? [];
      due.set(place.workspaceId, plans);
      plans.push(plan ?? { place, giveBack: 0, want: 0, tell: false, leaving: false });
    }
    for (const [workspaceId, plans] of due)
      await this.#inTurn(workspaceId, () => this.#exchange(workspaceId, plans)).catch(
        (error: unknown) => this.#failed(error),
      );
    if (options.all === true) await Promise.all(this.#tails.values());
  }

  /** Smallest share that is left of any counter dealt with here, per kind of window. */
  remaining(): Map<string, number> {
    const shares = new Map<string, number>();
    for (const { budget, purse } of this.#places.values()) {
      if (purse.known === null) continue;
      const share = Math.max(0, 1 - surelySpent(purse) / budget.limitMicros);
      shares.set(budget.window, Math.min(share, shares.get(budget.window) ?? 1));
    }
    return shares;
  }

  #tidyPlan(place: Place, now: number, leave: boolean): Plan | null {
    const { purse } = place;
    const calm = purse.inFlight === 0 && place.users === 0 && place.line.length === 0;
    if (calm && (leave || now - place.usedAt > IDLE_MS))
      return { place, giveBack: purse.free, want: 0, tell: true, leaving: true };
    if (leave) return { place, giveBack: purse.free, want: 0, tell: true, leaving: false };
    const keep = Math.floor(place.budget.limitMicros / 200) + 2 * purse.claimMax;
    const giveBack = Math.max(0, purse.free - keep);
    const renew =
      purse.free + purse.inFlight > 0 && now - place.exchangedAt > this.#deps.holder.leaseMs / 4;
    if (!isDirty(purse) && giveBack === 0 && !renew) return null;
    return { place, giveBack, want: 0, tell: giveBack > 0, leaving: false };
  }

  #returnSoon(place: Place): void {
    if (place.returning) return;
    place.returning = true;
    this.#inTurn(place.workspaceId, async () => {
      place.returning = false;
      await this.#exchange(place.workspaceId, [
        { place, giveBack: place.purse.free, want: 0, tell: true, leaving: false },
      ]);
    })
      .catch((error: unknown) => this.#failed(error))
      .finally(() => place.line[0]?.wake.resolve());
  }

  #failed(error: unknown): void {
    this.#deps.logger.warn(
      { error: String(error) },
      'budget counters not reached; told again later',
    );
  }

  #inTurn<T>(workspaceId: WorkspaceId, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(workspaceId) ?? Promise.resolve();
    const mine = before.then(work, work);
    const tail = mine.then(
      () => undefined,
      () => undefined,
    );
    this.#tails.set(workspaceId, tail);
    void tail.then(() => {
      if (this.#tails.get(workspaceId) === tail) this.#tails.delete(workspaceId);
    });
    return mine;
  }

  async #exchange(workspaceId: WorkspaceId, plans: readonly Plan[]): Promise<void> {
    const unsure = plans.flatMap(({ place }) =>
      place.purse.pending === null ? [] : [{ place, exchange: place.purse.pending }],
    );
    if (unsure.length > 0) await this.#send(workspaceId, unsure);
    await this.#send(
      workspaceId,
      plans.map(({ place, ...plan }) => {
        const { purse } = place;
        // A call may have come in between: then the place is not left.
        const leaving = plan.leaving && purse.inFlight === 0 && purse.free <= plan.giveBack;
        return { place, exchange: startExchange(purse, { ...plan, leaving }) };
      }),
    );
  }

  async #send(
    workspaceId: WorkspaceId,
    sent: readonly { place: Place; exchange: Exchange }[],
  ): Promise<void> {
    const { database, holder, clock } = this.#deps;
    const versions = sent.map(({ place }) => place.budget.version);
    const entries = sent.map(({ place, exchange: told }) => ({
      budgetId: place.budget.id,
      windowKey: place.windowKey,
      exchange: told,
    }));
    const results = await database.workspace(workspaceId, (tx) => exchange(tx, holder, entries));
    sent.forEach(({ place, exchange: told }, index) => {
      const result = results[index] as ExchangeResult;
      endExchange(place.purse, result);
      place.exchangedAt = clock.now();
      place.checkedVersion = versions[index] as number;
      this.#notice(place, told, result);
    });
  }

  #notice(place: Place, told: Exchange, result: ExchangeResult): void {
    if (told.leaving || result.state === 'gone') {
      place.purse.seq = 0;
      if (place.users === 0 && place.line.length === 0) this.#places.delete(place.key);
    } else if (result.state === 'lost') {
      this.#deps.logger.warn(
        { budget: place.budget.id, window: place.windowKey },
        'the lease on money of a budget ran out; what this process held of it counts as spent',
      );
    }
    const { spentBefore, spent, limit } = result;
    const passed = WARNED_SHARES.filter(
      (share) => spentBefore < share * limit && spent >= share * limit,
    ).at(-1);
    if (passed !== undefined && limit > 0)
      this.#deps.logger.warn(
        {
          budget: place.budget.id,
          name: place.budget.name,
          window: place.windowKey,
          spent_micros: spent,
          limit_micros: limit,
        },
        passed === 1 ? 'a budget is spent' : 'a budget is spent by four fifths',
      );
  }
}
