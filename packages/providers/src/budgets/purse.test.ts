import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createPurse,
  endExchange,
  extend,
  settle,
  startExchange,
  surelySpent,
  take,
} from './purse.ts';
import type { Exchange, ExchangeResult, Purse, Stake } from './purse.ts';

const LIMIT = 1_000;

/** The counter as `automatos_budget_exchange` keeps it. */
function createCounter() {
  const counter = { spent: 0, reserved: 0 };
  const grants = new Map<number, { held: number; seq: number; first: number; granted: number }>();
  return {
    counter,
    held: () => [...grants.values()].reduce((sum, grant) => sum + grant.held, 0),
    exchange(holder: number, told: Exchange): ExchangeResult {
      const spentBefore = counter.spent;
      const answer = (state: ExchangeResult['state'], granted: number): ExchangeResult => ({
        state,
        granted,
        limit: LIMIT,
        spentBefore,
        ...counter,
      });
      const grant = grants.get(holder);
      if (grant?.seq === told.seq)
        return answer(grant.first === told.seq && told.seq > 1 ? 'lost' : 'ok', grant.granted);
      const { used, giveBack } = grant === undefined ? { used: 0, giveBack: 0 } : told;
      counter.spent += used + told.beyond;
      counter.reserved -= used + giveBack;
      const room = LIMIT - counter.spent - counter.reserved;
      const granted =
        told.want > 0 && told.want <= room
          ? told.want + Math.min(Math.floor(LIMIT / 200), Math.floor((room - told.want) / 16))
          : 0;
      counter.reserved += granted;
      const held = (grant?.held ?? 0) - used - giveBack + granted;
      grants.set(holder, { held, seq: told.seq, first: grant?.first ?? told.seq, granted });
      return answer(grant === undefined && told.seq > 1 ? 'lost' : 'ok', granted);
    },
    reap(holder: number): void {
      const held = grants.get(holder)?.held ?? 0;
      counter.spent += held;
      counter.reserved -= held;
      grants.delete(holder);
    },
  };
}

interface Process {
  id: number;
  purse: Purse;
  stakes: Stake[];
}

const steps = fc.array(
  fc.record({
    who: fc.nat(2),
    what: fc.constantFrom(
      'reserve',
      'reserve',
      'reserve',
      'settle',
      'settle',
      'release',
      'extend',
      'tell',
      'unheard',
      'unsent',
      'expire',
      'crash',
    ),
    amount: fc.integer({ min: 1, max: 120 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { maxLength: 120 },
);

describe('purse', () => {
  it('keeps what was billed within the limit over any history of reservations, lost answers, lost leases and crashes', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const db = createCounter();
        const processes: Process[] = [0, 1, 2].map((id) => ({
          id,
          purse: createPurse(),
          stakes: [],
        }));
        let billed = 0;
        let lost = false;
        const send = ({ id, purse }: Process, plan: { giveBack: number; want: number }) => {
          if (purse.pending !== null) endExchange(purse, db.exchange(id, purse.pending));
          const told = startExchange(purse, { ...plan, tell: false, leaving: false });
          endExchange(purse, db.exchange(id, told));
        };
        for (const { who, what, amount, share } of history) {
          const process = processes[who] as Process;
          const { purse, stakes } = process;
          if (what === 'reserve') {
            if (purse.free < amount) send(process, { giveBack: purse.free, want: amount });
            if (purse.free >= amount) stakes.push(take(purse, amount));
          }
          const stake = stakes[0];
          if ((what === 'settle' || what === 'release') && stake !== undefined) {
            const cost = what === 'settle' ? Math.floor(stake.amount * share) : 0;
            billed += cost;
            settle(purse, stake, cost);
            stakes.shift();
          }
          if (what === 'extend' && stake !== undefined) extend(purse, stake, amount);
          if (what === 'tell') send(process, { giveBack: Math.floor(purse.free * share), want: 0 });
          if ((what === 'unheard' || what === 'unsent') && purse.pending === null) {
            const told = startExchange(purse, {
              giveBack: purse.free,
              want: amount,
              tell: false,
              leaving: false,
            });
            if (what === 'unheard') db.exchange(process.id, told);
          }
          if (what === 'expire' || what === 'crash') {
            db.reap(process.id);
            lost = true;
          }
          if (what === 'crash') {
            // Whatever was under way may have been billed in full.
            billed += stakes.reduce((sum, each) => sum + each.amount, 0);
            processes[who] = { id: process.id + 3, purse: createPurse(), stakes: [] };
          }
          expect(db.counter.spent + db.counter.reserved).toBeLessThanOrEqual(LIMIT);
          expect(db.counter.reserved).toBe(db.held());
          expect(billed).toBeLessThanOrEqual(db.counter.spent + db.counter.reserved);
        }
        for (const process of processes) {
          for (const stake of process.stakes.splice(0)) settle(process.purse, stake, 0);
          send(process, { giveBack: Infinity, want: 0 });
          expect(surelySpent(process.purse)).toBe(db.counter.spent);
        }
        expect(db.counter.reserved).toBe(0);
        expect(db.counter.spent).toBeGreaterThanOrEqual(billed);
        expect(lost || db.counter.spent === billed).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('takes what a call cost beyond its stake from what is free, and notes the rest', () => {
    const purse = createPurse();
    endExchange(purse, {
      state: 'ok',
      granted: 100,
      limit: LIMIT,
      spentBefore: 0,
      spent: 0,
      reserved: 100,
    });
    const stake = take(purse, 60);
    settle(purse, stake, 130);
    expect(purse).toMatchObject({ free: 0, inFlight: 0, used: 100, beyond: 30 });
  });

  it('does not count again what a lost lease had already counted', () => {
    const purse = createPurse();
    const granted = {
      state: 'ok',
      granted: 100,
      limit: LIMIT,
      spentBefore: 0,
      spent: 0,
      reserved: 100,
    } as const;
    endExchange(purse, granted);
    const stake = take(purse, 60);
    startExchange(purse, { giveBack: 0, want: 0, tell: false, leaving: false });
    endExchange(purse, { ...granted, state: 'lost', granted: 0, spent: 100, reserved: 0 });
    settle(purse, stake, 50);
    expect(purse).toMatchObject({ free: 0, inFlight: 0, used: 0, beyond: 0 });
  });
});
