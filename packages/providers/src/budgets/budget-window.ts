import type { BudgetWindow } from '@automatos/contracts';
import type { BudgetRow } from './budget-tables.ts';

/** From when to when a window is open; null where no clock ends it. */
export interface WindowSpan {
  startedAt: Date | null;
  resetsAt: Date | null;
}

/** The open day or month of `now` in UTC. */
export function windowSpan(window: BudgetWindow, now: number): WindowSpan {
  const at = new Date(now);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  if (window === 'day')
    return {
      startedAt: new Date(Date.UTC(year, month, day)),
      resetsAt: new Date(Date.UTC(year, month, day + 1)),
    };
  if (window === 'month')
    return {
      startedAt: new Date(Date.UTC(year, month)),
      resetsAt: new Date(Date.UTC(year, month + 1)),
    };
  return { startedAt: null, resetsAt: null };
}

/**
 * Name of the counter of a budget that is open at `now`: `day:2026-11-21`, `run:<id>`, `total`, … with the agent after `@`, so that
 * a budget that is given another window or agent counts anew and comes back to its old count with the old ones.
 */
export function windowKey(
  budget: Pick<BudgetRow, 'window' | 'agent'>,
  at: { now: number; runId?: string | undefined },
): string {
  const iso = new Date(at.now).toISOString();
  const place = {
    call: 'call',
    run: `run:${at.runId ?? ''}`,
    day: `day:${iso.slice(0, 10)}`,
    month: `month:${iso.slice(0, 7)}`,
    total: 'total',
  }[budget.window];
  return budget.agent === null ? place : `${place}@${budget.agent}`;
}

/** Whether a budget covers a call: switched on, its agent, and a run where it counts runs. */
export function covers(
  budget: Pick<BudgetRow, 'window' | 'agent' | 'enabled'>,
  owner: { agent?: string; runId?: string },
): boolean {
  if (!budget.enabled) return false;
  if (budget.agent !== null && budget.agent !== owner.agent) return false;
  return budget.window !== 'run' || owner.runId !== undefined;
}
