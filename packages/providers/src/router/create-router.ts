import type { CallAttempt, CallRoute } from '@automatos/contracts';
import { PlatformError, isPlatformError, toPlatformError } from '@automatos/kernel';
import type { Clock, Logger, Metrics } from '@automatos/kernel';
import { isPermit } from './breaker/circuits.ts';
import type { Circuits } from './breaker/circuits.ts';
import { timeoutsOf } from './attempt-site.ts';
import type { AttemptSite } from './attempt-site.ts';
import { chainOf, passedOver, prepare } from './candidates.ts';
import type { CandidateDeps, ReadyCandidate } from './candidates.ts';
import type { CredentialKeys } from './credential-key.ts';
import type { LimitTarget, Limiter, Place } from './limits/limiter-port.ts';
import type {
  BudgetGate,
  FallbackNotice,
  Reservation,
  RouteRequest,
  Routed,
  SendAttempt,
} from './ports.ts';
import { circuitOpen, exhausted, isOverBudget, movesOn, withAttempts } from './route-failures.ts';
import type { FailedAttempt } from './route-failures.ts';
import { sendOnce } from './send-once.ts';
import { tooDear, withinCost } from './within-cost.ts';
import type { EffectiveSettings, SettingsSource } from './settings/settings-source.ts';
import type { CallLog } from './stats/call-log.ts';
import type { createOrdering } from './strategies/order-candidates.ts';

export interface RouterDeps extends CandidateDeps {
  settings: SettingsSource;
  circuits: Circuits;
  limiter: Limiter;
  budgets: BudgetGate;
  keys: CredentialKeys;
  order: ReturnType<typeof createOrdering>;
  log: CallLog;
  clock: Clock;
  metrics: Metrics;
  logger: Logger;
}

export interface RouteHooks {
  /** Before the next candidate is sent to, once per candidate that failed or was passed over for now. It must not throw. */
  onFallback?(notice: FallbackNotice): void;
}

/** The one way on which calls leave: whatever can spend goes through it. */
export interface Router {
  /**
   * Sends a call to the first candidate that answers. Resolves only for an answer; a fault of the caller's own making is thrown as it
   * is, a call that no candidate answered as one error with `details.attempts`. No candidate is tried twice.
   */
  route<Value>(
    request: RouteRequest,
    send: SendAttempt<Value>,
    hooks?: RouteHooks,
  ): Promise<Routed<Value>>;
}

/** What one call has seen so far. */
interface Run<Value> {
  request: RouteRequest;
  send: SendAttempt<Value>;
  hooks: RouteHooks;
  effective: EffectiveSettings;
  failures: FailedAttempt[];
  /** How many of the failures the caller was told of. */
  told: number;
}

/** Creates the router. */
export function createRouter(deps: RouterDeps): Router {
  return {
    async route(request, send, hooks = {}) {
      const known = deps.settings.of(request.owner.workspaceId);
      const effective = known instanceof Promise ? await known : known;
      const run = { request, send, hooks, effective, failures: [], told: 0 };
      return routeRun(deps, run);
    },
  };
}

async function routeRun<Value>(deps: RouterDeps, run: Run<Value>): Promise<Routed<Value>> {
  const { request, effective, failures } = run;
  const places = chainOf(request, effective);
  const isOnly = places.length === 1;
  const { strategy } = effective.settings;
  if (strategy === 'priority' || isOnly) {
    for (const place of places) {
      const ready = await prepare(deps, request, { place, isOnly });
      if ('error' in ready) failures.push(ready);
      else {
        const routed = await tryCandidate(deps, run, ready);
        if (routed !== null) return routed;
      }
    }
    throw exhausted(failures);
  }
  const prepared = await Promise.all(
    places.map((place) => prepare(deps, request, { place, isOnly })),
  );
  const ready = prepared.flatMap((item) => ('error' in item ? [] : [item]));
  failures.push(...prepared.flatMap((item) => ('error' in item ? [item] : [])));
  for (const candidate of deps.order(strategy, ready, request)) {
    const routed = await tryCandidate(deps, run, candidate);
    if (routed !== null) return routed;
  }
  throw exhausted(failures);
}

/** Asks circuit, limits and budgets in this order, then sends; null = the next candidate is to be tried. */
async function tryCandidate<Value>(
  deps: RouterDeps,
  run: Run<Value>,
  ready: ReadyCandidate,
): Promise<Routed<Value> | null> {
  const { request, effective, failures } = run;
  const { provider, model } = ready.resolved;
  const name = { provider: provider.id, model: model.id, scope: effective.scope };
  const { settings } = effective;
  const timeouts = timeoutsOf(effective);
  const key = deps.keys.keyOf(name, ready.credential);
  const admitted = deps.circuits.admit(key, settings.breaker, timeouts.totalMs + 1000);
  const permit = admitted instanceof Promise ? await admitted : admitted;
  if (!isPermit(permit)) {
    failures.push(passedOver(ready.ref, 'circuit_open', circuitOpen(permit, deps.clock)));
    return null;
  }
  const target: LimitTarget = {
    workspaceId: request.owner.workspaceId,
    provider: provider.id,
    model: model.id,
    credential: deps.keys.fingerprintOf(ready.credential),
  };
  const granted = await grantsOf(deps, run, { ready, target });
  if ('error' in granted) {
    await permit.toldNothing();
    if (granted.attempt === null) throw granted.error;
    failures.push({ attempt: granted.attempt, error: granted.error });
    return null;
  }
  tellFallbacks(deps, run, ready);
  return settle(deps, run, {
    ready,
    effective,
    target,
    permit,
    timeouts,
    ...granted,
  });
}

type Granted = { place: Place; reservation: Reservation; request: RouteRequest };
/** `attempt` null = the call ends with the error. */
type Refused = { attempt: CallAttempt | null; error: PlatformError };

async function grantsOf<Value>(
  deps: RouterDeps,
  run: Run<Value>,
  { ready, target }: { ready: ReadyCandidate; target: LimitTarget },
): Promise<Granted | Refused> {
  const { effective } = run;
  const { model } = ready.resolved;
  let place: Place | null = null;
  const request = withinCost(run.request, ready.resolved);
  if (request === null) return passedOver(ready.ref, 'over_budget', tooDear(run.request, ready));
  try {
    const asked = deps.limiter.acquire(target, {
      tokens: request.inputTokens + (request.maxOutputTokens ?? 0),
      settings: effective.settings,
      signal: request.signal,
    });
    place = asked instanceof Promise ? await asked : asked;
    const reservation = await deps.budgets.reserve({
      owner: request.owner,
      price: model.price,
      inputTokens: request.inputTokensMax ?? request.inputTokens,
      maxOutputTokens: request.maxOutputTokens,
      outputLimit: model.outputLimit,
      extraMicros: 0,
      signal: request.signal,
    });
    return { place, reservation, request };
  } catch (thrown) {
    place?.release(0);
    const error =
      isPlatformError(thrown) || !request.signal.aborted ? toPlatformError(thrown) : cancelled();
    if (isOverBudget(error)) return passedOver(ready.ref, 'over_budget', error);
    if (error.code.startsWith('providers.limit.'))
      return passedOver(ready.ref, 'rate_limited', error);
    return { attempt: null, error };
  }
}

function cancelled(): PlatformError {
  return new PlatformError({
    code: 'providers.call.cancelled',
    kind: 'cancelled',
    message: 'The call was cancelled before it was sent.',
  });
}

async function settle<Value>(
  deps: RouterDeps,
  run: Run<Value>,
  site: AttemptSite,
): Promise<Routed<Value> | null> {
  const outcome = await sendOnce(deps, site, run.send);
  const { failures } = run;
  if (outcome.ok)
    return {
      value: outcome.value,
      resolved: site.ready.resolved,
      route: routeOf(run, outcome.attempt, site.ready),
    };
  failures.push(outcome);
  const { error } = outcome;
  // What stands in for a vendor that failed must not hide that failure by its own.
  const standsIn = site.ready.from !== 'named' && site.ready.ref.provider === 'offline';
  if (movesOn(error) || (standsIn && error.kind !== 'cancelled')) return null;
  throw failures.length === 1
    ? error
    : withAttempts(
        error,
        failures.map(({ attempt }) => attempt),
      );
}

/** Tells of those passed over for now or failed since the last notice; what is not set up here is no news. */
function tellFallbacks<Value>(deps: RouterDeps, run: Run<Value>, next: ReadyCandidate): void {
  const fresh = run.failures.slice(run.told);
  run.told = run.failures.length;
  for (const { attempt, error } of fresh) {
    if (attempt.outcome.startsWith('not_')) continue;
    const from = { provider: attempt.provider, model: attempt.model };
    deps.metrics.count('amas_ai_provider_fallbacks_total', {
      from_provider: from.provider,
      to_provider: next.ref.provider,
    });
    run.hooks.onFallback?.({ from, to: next.ref, attempt, error });
  }
}

function routeOf<Value>(
  { effective, failures }: Run<Value>,
  answered: CallAttempt,
  ready: ReadyCandidate,
): CallRoute {
  return {
    strategy: effective.settings.strategy,
    cache: 'off',
    attempts: [...failures.map(({ attempt }) => attempt), answered],
    reason: reasonOf(effective, ready, failures),
  };
}

const STRATEGY_REASONS = {
  priority: 'first in order',
  round_robin: 'its turn in the rotation',
  weighted: 'its turn by weight',
  least_latency: 'fastest as measured',
  least_cost: 'cheapest by price',
  least_busy: 'fewest calls under way',
  adaptive: 'best draw of reliability, speed and cost',
} as const;

function reasonOf(
  { settings }: EffectiveSettings,
  { from, resolved }: ReadyCandidate,
  failures: readonly FailedAttempt[],
): string {
  const who = `${resolved.provider.name} "${resolved.model.id}"`;
  const before = failures.map(
    ({ attempt }) => `${attempt.provider} (${attempt.outcome.replaceAll('_', ' ')})`,
  );
  if (before.length > 0) return `${who} answered after ${before.join(', ')}.`;
  if (settings.strategy === 'priority' && from === 'named') return `${who} is what was asked for.`;
  return `${who} was chosen: ${STRATEGY_REASONS[settings.strategy]}.`;
}
