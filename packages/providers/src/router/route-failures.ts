import type { CallAttempt } from '@automatos/contracts';
import { PlatformError, toPlatformError } from '@automatos/kernel';
import type { Clock } from '@automatos/kernel';
import type { CallTimeouts } from '../calls/model-call.ts';
import type { CircuitView } from './breaker/circuits.ts';
import type { Failure } from './breaker/circuit-state.ts';

/** An attempt with the error behind it. */
export interface FailedAttempt {
  attempt: CallAttempt;
  error: PlatformError;
}

/** Whether another candidate may do better; faults of the caller's own making fail everywhere alike. */
export function movesOn(error: PlatformError): boolean {
  if (error.kind === 'cancelled') return false;
  return error.retryable || error.details?.['opens_circuit'] === true;
}

/** What a failure says about the vendor; null = nothing: it was the caller's, or only a matter of pace. */
export function circuitFailureOf(
  error: PlatformError,
  timeouts: Required<CallTimeouts> | null,
): Failure | null {
  const opens = error.details?.['opens_circuit'] === true;
  if (!opens && (!error.retryable || error.kind === 'rate-limited' || error.kind === 'cancelled'))
    return null;
  if (!opens && isOwnDeadline(error, timeouts)) return null;
  return { opens, reason: error.message, retryAfterMs: error.retryAfterMs };
}

/** A bound that the caller set below the workspace's own says more about the caller than about the vendor. */
function isOwnDeadline(error: PlatformError, timeouts: Required<CallTimeouts> | null): boolean {
  const ms = error.details?.['timeout_ms'];
  if (error.kind !== 'timeout' || timeouts === null || typeof ms !== 'number') return false;
  const bounds: Record<string, number> = {
    'to the first token': timeouts.firstTokenMs,
    'between two tokens': timeouts.betweenTokensMs,
    'in all': timeouts.totalMs,
  };
  return ms < (bounds[String(error.details?.['bound'])] ?? 0);
}

/** The error of a candidate whose circuit lets nothing through now. */
export function circuitOpen(view: CircuitView, clock: Clock): PlatformError {
  const retryAfterMs = Math.max(0, (view.retryAt ?? clock.now()) - clock.now());
  const why = view.reason === null ? '' : ` It said before: ${view.reason}`;
  return new PlatformError({
    code: 'providers.circuit.open',
    kind: 'unavailable',
    message: `The circuit of ${view.provider} "${view.model}" is open after failures; it is tried again in ${Math.ceil(retryAfterMs / 1000)} s.${why}`,
    retryAfterMs,
    details: { provider: view.provider, model: view.model, circuit_id: view.id },
  });
}

const RANKS: readonly CallAttempt['outcome'][] = [
  'failed',
  'over_budget',
  'rate_limited',
  'circuit_open',
  'not_capable',
  'not_configured',
];

/**
 * The one error of a call that no candidate answered. With a single telling attempt it is that attempt's own error; with several it
 * is `providers.route.exhausted`, of the kind of the most telling one. Both list all attempts in `details.attempts`.
 */
export function exhausted(failures: readonly FailedAttempt[]): PlatformError {
  const ranked = failures.toSorted(
    (a, b) => RANKS.indexOf(a.attempt.outcome) - RANKS.indexOf(b.attempt.outcome),
  );
  const main = ranked[0]?.error ?? toPlatformError(new Error('a call without candidates'));
  const attempts = failures.map(({ attempt }) => attempt);
  const telling = failures.filter(({ attempt }) => !attempt.outcome.startsWith('not_'));
  const isAlike = telling.every(({ error }) => error.code === 'providers.budget.exceeded');
  if (failures.length === 1 || telling.length < 2 || isAlike)
    return failures.length === 1 ? main : withAttempts(main, attempts);
  const waits = telling.flatMap(({ error }) => error.retryAfterMs ?? []);
  const retryable = telling.some(({ error }) => error.retryable);
  const list = failures
    .map(
      ({ attempt }) =>
        `${attempt.provider} "${attempt.model}": ${attempt.message ?? attempt.outcome}`,
    )
    .join(' | ');
  return new PlatformError({
    code: 'providers.route.exhausted',
    kind: main.kind,
    retryable,
    message: `None of the ${failures.length} candidates answered. ${list}`,
    ...(retryable && waits.length > 0 ? { retryAfterMs: Math.min(...waits) } : {}),
    ...(main.internalMessage === undefined ? {} : { internalMessage: main.internalMessage }),
    cause: main,
    details: { cause_code: main.code, attempts },
  });
}

/** The same error with the attempts that came before it. */
export function withAttempts(
  error: PlatformError,
  attempts: readonly CallAttempt[],
): PlatformError {
  return new PlatformError({
    code: error.code,
    kind: error.kind,
    message: error.message,
    retryable: error.retryable,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    ...(error.internalMessage === undefined ? {} : { internalMessage: error.internalMessage }),
    ...(error.errors === undefined ? {} : { errors: error.errors }),
    ...(error.cause === undefined ? {} : { cause: error.cause }),
    details: { ...error.details, attempts },
  });
}

/** Budgets say no to this candidate; a cheaper one may fit. */
export function isOverBudget(error: PlatformError): boolean {
  return error.code.startsWith('providers.budget.');
}
