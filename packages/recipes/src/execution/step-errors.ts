import type { JsonObject } from '@automatos/kernel';
import { isPlatformError, PlatformError, toPlatformError } from '@automatos/kernel';

/** Ends of a step that come from outside of it: neither its retry nor its on_error applies. */
const OUTSIDE_CODES = new Set([
  'recipes.run.timeout',
  'recipes.step.aborted',
  'recipes.group.timeout',
]);

/** Decided by the recorded code, not by a signal, so that a replay decides the same. */
export function comesFromOutside(error: PlatformError): boolean {
  return OUTSIDE_CODES.has(error.code);
}

export function stepTimeout(stepId: string, timeoutMs: number): PlatformError {
  return new PlatformError({
    code: 'recipes.step.timeout',
    kind: 'timeout',
    message: `Step "${stepId}" did not end within its timeout_ms of ${timeoutMs}.`,
  });
}

/** What the steps inside of a container are told; the container itself fails with {@link stepTimeout}. */
export function groupTimeout(group: string, timeoutMs: number): PlatformError {
  return new PlatformError({
    code: 'recipes.group.timeout',
    kind: 'timeout',
    message: `"${group}" did not end within its timeout_ms of ${timeoutMs}.`,
    details: { group },
  });
}

export function runTimeout(timeoutMs: number): PlatformError {
  return new PlatformError({
    code: 'recipes.run.timeout',
    kind: 'timeout',
    retryable: false,
    message: `The run did not end within execution.total_timeout_ms of ${timeoutMs}. Raise it, or make the steps shorter.`,
  });
}

export function stepAborted(because: string): PlatformError {
  return new PlatformError({
    code: 'recipes.step.aborted',
    kind: 'cancelled',
    message: `Stopped, because step "${because}" failed.`,
  });
}

export function limitReached(stepId: string, limit: string, partial: JsonObject): PlatformError {
  return new PlatformError({
    code: 'recipes.step.limit_reached',
    kind: 'limit-reached',
    message: `The agent of step "${stepId}" reached its limit of ${limit.replaceAll('_', ' ')} before the answer was whole. Raise the agent's limits or narrow the request.`,
    details: { limit, partial },
  });
}

export function planLacks(noun: 'agent' | 'recipe', name: string): PlatformError {
  return new PlatformError({
    code: noun === 'agent' ? 'recipes.plan.agent_missing' : 'recipes.plan.recipe_missing',
    kind: 'internal',
    message: `The plan of this run holds no ${noun} "${name}". Start the recipe again.`,
  });
}

/** What a dry run leaves out: nothing outside may change, and nobody is asked. */
export function dryRunRefused(stepId: string, what: string): PlatformError {
  return new PlatformError({
    code: 'recipes.dry_run.refused',
    kind: 'forbidden',
    message: `Step "${stepId}" was left out of the dry run: ${what}`,
  });
}

/** Keeps the anticipated, wraps the rest. */
export function known(error: unknown): PlatformError {
  return isPlatformError(error) ? error : toPlatformError(error);
}
