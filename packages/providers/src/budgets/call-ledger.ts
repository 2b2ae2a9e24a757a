import type { Micros } from '@automatos/kernel';
import type { BudgetRow } from './budget-tables.ts';

const KEPT_MS = 15 * 60_000;

interface Entry {
  spent: Micros;
  open: Micros;
  at: number;
}

interface Note {
  budget: BudgetRow;
  dearest: Micros;
  refused: number;
}

/**
 * What each call used over all its attempts, for budgets per call. A call is made by one process from its first attempt to its last,
 * so it is counted in memory; only the dearest call and the refusals of each budget are told.
 */
export class CallLedger {
  readonly #calls = new Map<string, Entry>();
  readonly #notes = new Map<string, Note>();

  /** What the call used, and what is set aside for it. */
  counted(callId: string): { spent: Micros; open: Micros } {
    return this.#calls.get(callId) ?? { spent: 0, open: 0 };
  }

  open(callId: string, amount: Micros, now: number): void {
    const entry = this.#calls.get(callId) ?? { spent: 0, open: 0, at: now };
    entry.open += amount;
    entry.at = now;
    this.#calls.set(callId, entry);
  }

  close(
    callId: string,
    amounts: { open: Micros; cost: Micros },
    at: { now: number; budgets: readonly BudgetRow[] },
  ): void {
    const entry = this.#calls.get(callId);
    if (entry === undefined) return;
    entry.open -= amounts.open;
    entry.spent += amounts.cost;
    entry.at = at.now;
    for (const budget of at.budgets) {
      const note = this.#noteOf(budget);
      note.dearest = Math.max(note.dearest, entry.spent);
    }
  }

  refused(budget: BudgetRow): void {
    this.#noteOf(budget).refused += 1;
  }

  /** What is to be told, once; forgets calls that ended a while ago. */
  drain(now: number): Note[] {
    for (const [callId, entry] of this.#calls)
      if (entry.open <= 0 && now - entry.at > KEPT_MS) this.#calls.delete(callId);
    const notes = [...this.#notes.values()];
    this.#notes.clear();
    return notes;
  }

  /** Takes notes back that could not be told. */
  restore(notes: readonly Note[]): void {
    for (const { budget, dearest, refused } of notes) {
      const note = this.#noteOf(budget);
      note.dearest = Math.max(note.dearest, dearest);
      note.refused += refused;
    }
  }

  #noteOf(budget: BudgetRow): Note {
    const note = this.#notes.get(budget.id) ?? { budget, dearest: 0, refused: 0 };
    this.#notes.set(budget.id, note);
    return note;
  }
}
