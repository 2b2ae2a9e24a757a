import type { CreateBudgetData, WorkspaceBudget } from './budget-types.ts';
import { dollarsText, parseDollars } from '../../lib/money.ts';

/** A budget as a form holds it, and back. Pure. */

export interface BudgetForm {
  name: string;
  window: WorkspaceBudget['window'];
  /** Empty: all calls of the workspace. */
  agent: string;
  limit: string;
  /** What happens to a call whose price nobody knows. */
  unknown: 'refuse' | 'ceiling';
  ceilingInput: string;
  ceilingOutput: string;
  enabled: boolean;
}

export const WINDOWS: readonly { value: WorkspaceBudget['window']; label: string; help: string }[] =
  [
    { value: 'day', label: 'Each day', help: 'Starts again at midnight UTC.' },
    { value: 'month', label: 'Each month', help: 'Starts again on the first of the month, UTC.' },
    { value: 'run', label: 'Each run', help: 'Every run may use this much on its own.' },
    { value: 'call', label: 'Each call', help: 'No single call may cost more.' },
    { value: 'total', label: 'For good', help: 'Never starts again: when it is used up, it is.' },
  ];

export function windowLabel(window: WorkspaceBudget['window']): string {
  return WINDOWS.find(({ value }) => value === window)?.label ?? window;
}

export function formOf(budget: WorkspaceBudget | null): BudgetForm {
  const ceiling = budget?.unknown_price_ceiling ?? null;
  return {
    name: budget?.name ?? '',
    window: budget?.window ?? 'day',
    agent: budget?.agent ?? '',
    limit: budget === null ? '' : dollarsText(budget.limit_micros),
    unknown: ceiling === null ? 'refuse' : 'ceiling',
    ceilingInput: ceiling === null ? '' : dollarsText(ceiling.input_micros),
    ceilingOutput: ceiling === null ? '' : dollarsText(ceiling.output_micros),
    enabled: budget?.enabled ?? true,
  };
}

type Problems = Partial<Record<keyof BudgetForm, string>>;

const AMOUNT = 'Write dollars, such as 0.25.';

/** What is sent, or what is wrong by field. */
export function inputOf(
  form: BudgetForm,
): { input: CreateBudgetData['body'] } | { problems: Problems } {
  const problems: Problems = {};
  const limit = parseDollars(form.limit);
  const [ceilingIn, ceilingOut] = [
    parseDollars(form.ceilingInput),
    parseDollars(form.ceilingOutput),
  ];
  if (form.name.trim() === '') problems.name = 'Name is needed.';
  if (limit === null) problems.limit = AMOUNT;
  else if (limit === 0) problems.limit = 'A limit is more than 0; switch the budget off instead.';
  if (form.unknown === 'ceiling') {
    if (ceilingIn === null) problems.ceilingInput = AMOUNT;
    if (ceilingOut === null) problems.ceilingOutput = AMOUNT;
  }
  if (Object.keys(problems).length > 0 || limit === null) return { problems };
  return {
    input: {
      name: form.name.trim(),
      window: form.window,
      agent: form.agent === '' ? null : form.agent,
      limit_micros: limit,
      unknown_price_ceiling:
        form.unknown === 'refuse'
          ? null
          : { input_micros: ceilingIn ?? 0, output_micros: ceilingOut ?? 0 },
      enabled: form.enabled,
    },
  };
}

export interface BudgetUse {
  /** Shares of the limit, 0–1; together they may lie above 1 only when the limit was lowered. */
  spent: number;
  reserved: number;
  leftMicros: number;
  tone: 'ok' | 'warn' | 'bad';
}

/** How much of a budget is used: from 80 % on it warns, from 100 % on nothing goes through. */
export function budgetUse(budget: WorkspaceBudget): BudgetUse {
  const { limit_micros: limit, spent_micros: spent, reserved_micros: reserved } = budget;
  const used = (spent + reserved) / limit;
  return {
    spent: spent / limit,
    reserved: reserved / limit,
    leftMicros: Math.max(0, limit - spent - reserved),
    tone: used >= 1 ? 'bad' : used >= 0.8 ? 'warn' : 'ok',
  };
}
