import { PlatformError, formatMicros } from '@automatos/kernel';
import type { BudgetRow } from './budget-tables.ts';
import { windowSpan } from './budget-window.ts';

const OVER = {
  call: 'per call',
  run: 'per run',
  day: 'per day (UTC)',
  month: 'per month (UTC)',
  total: 'in all',
} as const;

/** What stands in the way of a call. */
export interface Refusal {
  budget: BudgetRow;
  windowKey: string;
  /** Smallest amount that would have to be set aside. */
  needed: number;
  spent: number;
  reserved: number;
  now: number;
}

/** `providers.budget.exceeded`: names the budget, how much is left of it, when it opens again and what to do. */
export function budgetExceeded(refusal: Refusal): PlatformError {
  const { budget, spent, reserved, needed } = refusal;
  const resetsAt = windowSpan(budget.window, refusal.now).resetsAt?.toISOString() ?? null;
  const used = budget.window === 'call' ? 'this call used' : 'spent';
  const held = reserved > 0 ? `, ${formatMicros(reserved)} set aside for calls under way` : '';
  const again = resetsAt === null ? '' : ` It opens again at ${resetsAt}.`;
  return new PlatformError({
    code: 'providers.budget.exceeded',
    kind: 'limit-reached',
    message:
      `The call could cost ${formatMicros(needed)}, which does not fit into the budget "${budget.name}": ` +
      `${formatMicros(budget.limitMicros)} ${OVER[budget.window]}${budget.agent === null ? '' : ` of agent "${budget.agent}"`}, ` +
      `${used} ${formatMicros(spent)}${held}.${again} Raise the budget, shorten the input, or choose a cheaper model.`,
    details: {
      budget: { id: budget.id, name: budget.name },
      window: budget.window,
      agent: budget.agent,
      window_key: refusal.windowKey,
      limit_micros: budget.limitMicros,
      spent_micros: spent,
      reserved_micros: reserved,
      needed_micros: needed,
      resets_at: resetsAt,
    },
  });
}

/** `providers.budget.price_unknown`. */
export function priceUnknown(budget: BudgetRow): PlatformError {
  return new PlatformError({
    code: 'providers.budget.price_unknown',
    kind: 'limit-reached',
    message:
      `The price of the model is unknown, so the budget "${budget.name}" cannot be kept. ` +
      'Enter the price of the model, give the budget a ceiling for unknown prices, or choose a model whose price is known.',
    details: {
      budget: { id: budget.id, name: budget.name },
      window: budget.window,
      limit_micros: budget.limitMicros,
    },
  });
}

export function budgetNotFound(id: string): PlatformError {
  return new PlatformError({
    code: 'providers.budget.not_found',
    kind: 'not-found',
    message: `No budget "${id}" in this workspace.`,
  });
}

export function agentUnknown(agent: string, suggestion: string | undefined): PlatformError {
  const meant = suggestion === undefined ? '' : ` Did you mean "${suggestion}"?`;
  return new PlatformError({
    code: 'providers.budget.agent_unknown',
    kind: 'invalid-input',
    message: `There is no agent "${agent}" in this workspace.${meant}`,
    errors: [
      {
        pointer: '/agent',
        message: 'unknown agent',
        ...(suggestion === undefined ? {} : { suggestion }),
      },
    ],
  });
}

export function versionMismatch(budget: BudgetRow): PlatformError {
  return new PlatformError({
    code: 'providers.budget.version_mismatch',
    kind: 'conflict',
    message: `The budget "${budget.name}" was changed meanwhile: it is at version ${budget.version}. Read it again and repeat the change.`,
    details: { version: budget.version },
  });
}

export function tooManyBudgets(most: number): PlatformError {
  return new PlatformError({
    code: 'providers.budget.too_many',
    kind: 'limit-reached',
    message: `A workspace has at most ${most} budgets. Remove one that is not needed.`,
  });
}
