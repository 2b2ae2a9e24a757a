import type { CallAttempt } from '@automatos/contracts';
import { roundUpMicros, tokenCost, toPlatformError } from '@automatos/kernel';
import type { Clock, Logger, Metrics, Micros, PlatformError } from '@automatos/kernel';
import type { Circuits } from './breaker/circuits.ts';
import { outputBound } from './attempt-site.ts';
import type { AttemptSite } from './attempt-site.ts';
import type { Limiter } from './limits/limiter-port.ts';
import type { Attempted, Candidate, SendAttempt } from './ports.ts';
import { circuitFailureOf } from './route-failures.ts';
import { countSpent } from '../usage/count-spent.ts';
import type { CallStatus } from '../usage/usage-tables.ts';
import type { CallLog } from './stats/call-log.ts';

interface SendDeps {
  circuits: Circuits;
  limiter: Limiter;
  log: CallLog;
  clock: Clock;
  metrics: Metrics;
  logger: Logger;
}

export type Outcome<Value> =
  | { ok: true; value: Value; attempt: CallAttempt }
  | { ok: false; error: PlatformError; attempt: CallAttempt };

/** What was seen while an attempt was under way. */
interface Seen {
  startedAt: number;
  firstPartAt: number | null;
  owed: { costMicros: Micros | null; outputTokens?: number; seenChars: number } | null;
}

/** Sends one attempt and brings all accounts into line with how it ended: circuit, limits, money, statistics. */
export async function sendOnce<Value>(
  deps: SendDeps,
  site: AttemptSite,
  send: SendAttempt<Value>,
): Promise<Outcome<Value>> {
  const ref = refOf(site);
  const seen: Seen = { startedAt: deps.clock.now(), firstPartAt: null, owed: null };
  deps.log.started(ref);
  let attempted: Attempted<Value>;
  try {
    attempted = await send(candidateOf(deps, site, seen));
  } catch (thrown) {
    return afterFailure(deps, site, { seen, error: toPlatformError(thrown) });
  }
  return afterAnswer(deps, site, { seen, attempted });
}

function candidateOf(deps: SendDeps, site: AttemptSite, seen: Seen): Candidate {
  const { ready, effective, reservation, request, target } = site;
  const { resolved, credential } = ready;
  const wanted = outputBound(request.maxOutputTokens, resolved.model.outputLimit);
  const bound = outputBound(wanted, reservation.maxOutputTokens);
  return {
    resolved,
    credential,
    settings: effective.settings,
    // Vendors know their models' own limits: none is sent unless somebody asked for less.
    maxOutputTokens: request.maxOutputTokens === null && bound === wanted ? null : bound,
    reservation,
    signal: request.signal,
    onPart() {
      seen.firstPartAt ??= deps.clock.now();
    },
    owe(used) {
      seen.owed = used;
    },
    onResponse: (response) => deps.limiter.told(target, response),
  };
}

async function afterAnswer<Value>(
  deps: SendDeps,
  site: AttemptSite,
  { seen, attempted }: { seen: Seen; attempted: Attempted<Value> },
): Promise<Outcome<Value>> {
  const { permit, place, reservation, request } = site;
  const durationMs = deps.clock.now() - seen.startedAt;
  const { costMicros, outputTokens, inputTokens = request.inputTokens } = attempted;
  place.release(inputTokens + outputTokens);
  await permit.succeeded();
  await settled(deps, site, () => reservation.settle(costMicros, { inputTokens, outputTokens }));
  record(deps, site, {
    seen,
    durationMs,
    inputTokens,
    outputTokens,
    costMicros,
    status: 'success',
    answered: true,
    error: null,
    cachedInputTokens: attempted.cachedInputTokens ?? 0,
    estimated: attempted.usageEstimated ?? false,
  });
  countCall(deps.metrics, site, { status: 'success', durationMs, seen });
  return {
    ok: true,
    value: attempted.value,
    attempt: attemptOf(site, { outcome: 'answered', durationMs, error: null, discarded: 0 }),
  };
}

async function afterFailure<Value>(
  deps: SendDeps,
  site: AttemptSite,
  { seen, error }: { seen: Seen; error: PlatformError },
): Promise<Outcome<Value>> {
  const { permit, place, reservation, timeouts, target } = site;
  const durationMs = deps.clock.now() - seen.startedAt;
  const failure = circuitFailureOf(error, timeouts);
  const costMicros = owedFor(site, seen, error);
  const outputTokens = seen.owed?.outputTokens ?? 0;
  // Without word from the sender nobody knows what was used: then the whole reservation counts.
  const used =
    seen.owed?.outputTokens === undefined
      ? undefined
      : { inputTokens: site.request.inputTokens, outputTokens };
  place.release(costMicros === 0 ? 0 : null);
  if (error.kind === 'rate-limited') deps.limiter.refused(target, error);
  if (failure === null) await permit.toldNothing();
  else await permit.failed(failure);
  await settled(deps, site, () =>
    costMicros === 0 ? reservation.release() : reservation.settle(costMicros, used),
  );
  const answered = failure === null ? null : false;
  const { inputTokens } = site.request;
  const status = statusOf(error);
  record(deps, site, {
    seen,
    durationMs,
    inputTokens,
    outputTokens,
    costMicros,
    status,
    answered,
    error,
    cachedInputTokens: 0,
    estimated: true,
  });
  countCall(deps.metrics, site, { status, durationMs, seen });
  deps.logger.info(
    {
      ...refOf(site),
      code: error.code,
      retryable: error.retryable,
      detail: error.internalMessage,
      duration_ms: durationMs,
    },
    'model call failed',
  );
  const discarded = seen.owed?.seenChars ?? 0;
  return {
    ok: false,
    error,
    attempt: attemptOf(site, { outcome: 'failed', durationMs, error, discarded }),
  };
}

/** Money that cannot be settled stays set aside, which keeps budgets safe; the answer is not lost for it. */
async function settled(
  deps: SendDeps,
  site: AttemptSite,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    deps.logger.error(
      { ...refOf(site), call_id: site.request.owner.callId, error: String(error) },
      'the cost of a model call could not be settled; it stays set aside',
    );
  }
}

/**
 * Cost of an attempt that failed: what the sender said; nothing when the vendor refused it or was not reached; the input when it was
 * silent until the time-out; unknown (null) when an answer had begun.
 */
function owedFor({ request, ready }: AttemptSite, seen: Seen, error: PlatformError): Micros | null {
  if (seen.owed !== null) return seen.owed.costMicros;
  if (seen.firstPartAt !== null) return null;
  if (error.kind !== 'timeout' && error.kind !== 'cancelled') return 0;
  const { inputMicros } = ready.resolved.model.price;
  return inputMicros === null ? null : roundUpMicros([tokenCost(request.inputTokens, inputMicros)]);
}

interface Ended {
  seen: Seen;
  status: CallStatus;
  durationMs: number;
  inputTokens: number;
  outputTokens: number;
  costMicros: Micros | null;
  answered: boolean | null;
  error: PlatformError | null;
  cachedInputTokens: number;
  estimated: boolean;
}

function record(deps: SendDeps, site: AttemptSite, ended: Ended): void {
  const { seen, error } = ended;
  // An attempt that was refused used nothing.
  if (error === null || ended.costMicros !== 0) countSpent(deps.metrics, refOf(site), ended);
  deps.log.ended({
    owner: site.request.owner,
    kind: site.request.kind,
    ref: refOf(site),
    answered: ended.answered,
    status: ended.status,
    durationMs: ended.durationMs,
    firstTokenMs: seen.firstPartAt === null ? null : seen.firstPartAt - seen.startedAt,
    inputTokens: ended.inputTokens,
    outputTokens: ended.outputTokens,
    costMicros: ended.costMicros,
    error: error === null ? null : { code: error.code, message: error.message },
    at: deps.clock.now(),
  });
}

function countCall(
  metrics: Metrics,
  site: AttemptSite,
  { status, durationMs, seen }: { status: string; durationMs: number; seen: Seen },
): void {
  const labels = refOf(site);
  metrics.count('amas_ai_provider_calls_total', { ...labels, status });
  if (status !== 'success') return;
  metrics.observe('amas_ai_provider_latency_seconds', labels, durationMs / 1000);
  if (seen.firstPartAt !== null)
    metrics.observe(
      'amas_ai_provider_time_to_first_token_seconds',
      labels,
      (seen.firstPartAt - seen.startedAt) / 1000,
    );
}

function statusOf(error: PlatformError): CallStatus {
  if (error.kind === 'timeout') return 'timeout';
  if (error.kind === 'cancelled') return 'cancelled';
  return error.kind === 'rate-limited' ? 'rate_limited' : 'error';
}

function attemptOf(
  site: AttemptSite,
  end: {
    outcome: CallAttempt['outcome'];
    durationMs: number;
    error: PlatformError | null;
    discarded: number;
  },
): CallAttempt {
  return {
    ...refOf(site),
    outcome: end.outcome,
    code: end.error?.code ?? null,
    message: end.error?.message ?? null,
    duration_ms: end.durationMs,
    discarded_chars: end.discarded,
  };
}

function refOf({ ready }: AttemptSite) {
  return { provider: ready.resolved.provider.id, model: ready.resolved.model.id };
}
