import { PlatformError } from '@automatos/kernel';

/** A call that would pass a bound of a budget. Not retryable: what is spent stays spent. */
export function budgetExceeded(end: {
  /** `the run`, `step "scan"`. */
  of: string;
  bound: string;
  max: number;
  spent: number;
}): PlatformError {
  const { of, bound, max, spent } = end;
  return new PlatformError({
    code: 'recipes.budget.exceeded',
    kind: 'limit-reached',
    message: `The budget of ${of} leaves no room for the next call: ${bound} is ${max}, and ${spent} are used. Raise it, or ask for less.`,
    details: { bound, of, max, spent },
  });
}

/** An answer that a budget cut short is no result; what there was is kept. */
export function cutByBudget(stepId: string, bound: string, partial: unknown): PlatformError {
  return new PlatformError({
    code: 'recipes.budget.exceeded',
    kind: 'limit-reached',
    message: `The answer of the agent of step "${stepId}" was cut short by ${bound}. Raise it, or ask for less.`,
    details: { bound, partial },
  });
}

export function priceUnknown(of: string, model: string | null): PlatformError {
  const what = model === null ? 'a call made before' : model;
  return new PlatformError({
    code: 'recipes.budget.price_unknown',
    kind: 'limit-reached',
    message: `The budget of ${of} bounds the cost (max_cost_micros), but the price of ${what} is unknown, so the call was refused. Choose a model with a known price, or bound tokens instead.`,
  });
}
